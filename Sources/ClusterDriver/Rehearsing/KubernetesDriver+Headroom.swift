import KubernetesModel
package import ReleaseEngine
package import ReleaseModel

// The rest of `Rehearsals`: whether there is room for a second environment.
extension KubernetesDriver {
  package func headroom(
    for environment: Environment, sizes: [String: Int], target: ServiceTarget, reserved: [ServiceIndex.Reservation], fixedNodes: Bool
  ) async throws(PortError) -> HeadroomReport {
    let defaults = ContainerDefaults(limitRanges: try await ifServed(.limitRange, target))
    let objects = try AppliedObject.all(environment, rollout: nil, sizes: sizes)
    let pods = KubernetesDriver.pods(of: objects, environment, sizes, defaults)
    let leaving = try await api.list(.pod, target.namespace, labels: Label.holdings(environment.color, of: target.service))
      .filter { PodReading($0).holdsPlace }
    let quotas = try await ifServed(.resourceQuota, target)
    let hasPreview = quotas.isEmpty ? true : try await api.find(.service, target.namespace, target.previewService) != nil
    let check = QuotaCheck(
      demand: EnvironmentDemand(pods: pods.map(\.demand), objects: KubernetesDriver.counts(objects, preview: !hasPreview)),
      freed: EnvironmentDemand(
        pods: leaving.map { PodDemand(spec: $0["spec"] ?? .null) },
        objects: quotas.isEmpty ? [:] : try await held(environment.color, target)),
      reserved: reserved)
    var shortages = quotas.flatMap(check.shortages)
    var checked = quotas.isEmpty ? "no quota" : "quota \(quotas.map(\.name).sorted().joined(separator: ", "))"
    if fixedNodes {
      let missing = try await unplaced(pods, leaving: leaving, reserved)
      if missing > 0 { shortages.append("no node has room for \(missing) of \(pods.count) pods") }
      checked += ", nodes"
    } else {
      checked += "; nodes not checked (they are not fixed)"
    }
    let total = pods.reduce(into: [String: Quantity]()) { $0.merge($1.demand.requests, uniquingKeysWith: +) }
    let cpu = total["cpu"] ?? .zero
    let memory = total["memory"] ?? .zero
    return HeadroomReport(
      shortages: shortages, detail: "\(pods.count) pods, \(cpu) CPU, \(memory) memory; \(checked)", pods: pods.count, milliCPU: cpu.milli,
      memoryBytes: memory.whole)
  }

  private typealias PlacedPod = (demand: PodDemand, spec: JSON)

  private static func pods(
    of objects: [AppliedObject], _ environment: Environment, _ sizes: [String: Int], _ defaults: ContainerDefaults
  ) -> [PlacedPod] {
    // What runs only while users are on its color stops in the other one first, and is never there twice.
    objects.filter { $0.kind.templatePath != nil && $0.json.annotations[Label.runs] != RunRule.Time.whenActive.rawValue }
      .flatMap { object -> [PlacedPod] in
        let spec = PodTemplate(of: object.json, object.kind).spec
        guard object.kind == .deployment else {
          return Array(
            repeating: (PodDemand(spec: spec, defaults: defaults), spec), count: max(1, object.json["spec", "parallelism"]?.int ?? 1))
        }
        let name = environment.color.plainName(object.json.name)
        let size = sizes[name] ?? environment.workloads.first { $0.name == name }?.replicas ?? 1
        return Array(repeating: (PodDemand(spec: spec, defaults: defaults), spec), count: max(0, size))
      }
  }

  /// How many objects of each kind the environment adds, as quotas name them.
  private static func counts(_ objects: [AppliedObject], preview: Bool) -> [String: Int] {
    var counts: [String: Int] = [:]
    func add(_ kind: ResourceKind) {
      counts["count/" + [kind.plural, kind.group].filter { !$0.isEmpty }.joined(separator: "."), default: 0] += 1
      // Some kinds of the core group have a second, older name.
      if kind.group.isEmpty { counts[kind.plural, default: 0] += 1 }
    }
    for object in objects where !object.isShared {
      add(object.kind.resource)
      if object.kind == .deployment { add(.replicaSet) }
    }
    if preview { add(.service) }
    return counts
  }

  /// What the color still holds; it is deleted before the new objects come.
  private func held(_ color: Color, _ target: ServiceTarget) async throws(PortError) -> [String: Int] {
    var counts: [String: Int] = [:]
    for kind in EnvironmentKind.allCases.map(\.resource) + [.replicaSet] {
      let number = try await api.list(kind, target.namespace, labels: Label.holdings(color, of: target.service)).count
      counts["count/" + [kind.plural, kind.group].filter { !$0.isEmpty }.joined(separator: ".")] = number
      if kind.group.isEmpty { counts[kind.plural] = number }
    }
    return counts
  }

  /// How many pods find no node, beside what others reserved and the bot's own next pod.
  private func unplaced(
    _ pods: [PlacedPod], leaving: [JSON], _ reserved: [ServiceIndex.Reservation]
  ) async throws(PortError) -> Int {
    let gone = Set(leaving.compactMap(\.uid))
    let running = try await api.list(.pod, nil).filter { !gone.contains($0.uid ?? "") }
    var fit = NodeFit(nodes: try await api.list(.node, nil), pods: running)
    _ = fit.place([KubernetesDriver.botPod] + reserved.flatMap(KubernetesDriver.pods))
    return fit.place(pods)
  }

  /// What the bot's next run asks of a node, generously.
  private static let botPod = pod(milliCPU: 100, memoryBytes: 128 << 20)

  /// A reservation tells totals: pods of equal size stand for it.
  private static func pods(of reservation: ServiceIndex.Reservation) -> [PlacedPod] {
    let count = max(1, reservation.pods)
    return Array(repeating: pod(milliCPU: reservation.milliCPU / count, memoryBytes: reservation.memoryBytes / count), count: count)
  }

  private static func pod(milliCPU: Int, memoryBytes: Int) -> PlacedPod {
    let spec: JSON = [
      "containers": [["resources": ["requests": ["cpu": .string("\(milliCPU)m"), "memory": .string("\(memoryBytes)")]]]]
    ]
    return (PodDemand(spec: spec), spec)
  }

  /// What the namespace has of a kind; nothing where the API server does not serve the kind at all.
  private func ifServed(_ kind: ResourceKind, _ target: ServiceTarget) async throws(PortError) -> [JSON] {
    do throws(PortError) {
      return try await api.list(kind, target.namespace)
    } catch  where error.kind == .notFound {
      return []
    }
  }
}
