import KubernetesModel
package import ReleaseEngine
package import ReleaseModel

// The rest of `Rehearsals`: whether there is room for a second environment.
extension KubernetesDriver {
  package func headroom(
    for environment: Environment, sizes: [String: Int], target: ServiceTarget, reserved: [ServiceIndex.Reservation], fixedNodes: Bool
  ) async throws(PortError) -> HeadroomReport {
    let check = try await roomCheck(environment, sizes, target, reserved, fixedNodes)
    let present = check.finding(at: sizes)
    var report = KubernetesDriver.report(check, present)
    report.cautions = check.omissions
    guard present.shortages.isEmpty, let largest = check.maximum(beyond: sizes) else { return report }
    // What an autoscaler may ask for later is not what the release asks for: it is told, and nothing is refused for it.
    let finding = check.finding(at: largest)
    let maximum = "at the autoscaler's maximum of \(finding.pods.count)"
    if finding.shortages.isEmpty {
      report.detail += "; fits \(maximum) too"
    } else {
      let words = finding.shortages.joined(separator: "; ")
      report.cautions.append("fits at the present size of \(present.pods.count); \(maximum), \(words)")
    }
    return report
  }

  private static func report(_ check: RoomCheck, _ present: RoomCheck.Finding) -> HeadroomReport {
    var checked = check.quotas.isEmpty ? "no quota" : "quota \(check.quotas.map(\.name).sorted().joined(separator: ", "))"
    if let count = check.nodes?.count {
      checked += (present.shortages.isEmpty ? "; fits on " : "; ") + (count == 1 ? "1 node" : "\(count) nodes")
    } else {
      checked += "; nodes not checked (they are not fixed)"
    }
    let total = present.pods.reduce(into: [String: Quantity]()) { $0.merge($1.demand.requests, uniquingKeysWith: +) }
    let cpu = total["cpu"] ?? .zero
    let memory = total["memory"] ?? .zero
    return HeadroomReport(
      shortages: present.shortages, detail: "\(present.pods.count) pods, \(cpu) CPU, \(memory) memory; \(checked)",
      pods: present.pods.count, milliCPU: cpu.milli, memoryBytes: memory.whole,
      perPod: Dictionary(check.samples.map { ($0.workload, ResourceRequests($0.demand)) }) { first, _ in first })
  }

  private func roomCheck(
    _ environment: Environment, _ sizes: [String: Int], _ target: ServiceTarget, _ reserved: [ServiceIndex.Reservation], _ fixedNodes: Bool
  ) async throws(PortError) -> RoomCheck {
    let defaults = ContainerDefaults(limitRanges: try await ifServed(.limitRange, target))
    let leaving = try await api.list(.pod, target.namespace, labels: Label.holdings(environment.color, of: target.service))
      .filter { PodReading($0).holdsPlace }
    let quotas = try await ifServed(.resourceQuota, target)
    let hasPreview = quotas.isEmpty ? true : try await api.find(.service, target.namespace, target.previewService) != nil
    return RoomCheck(
      environment: environment, objects: try AppliedObject.all(environment, rollout: nil, sizes: sizes), namespace: target.namespace,
      defaults: defaults, quotas: quotas,
      freed: EnvironmentDemand(
        pods: leaving.map { PodDemand(spec: $0["spec"] ?? .null) },
        objects: quotas.isEmpty ? [:] : try await held(environment.color, target)),
      needsPreview: !hasPreview, reserved: try await unused(reserved, target, fixedNodes),
      nodes: fixedNodes ? try await nodes(without: leaving) : nil)
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

  /// What is left of reservations: of other namespaces only where nodes are counted, which all share.
  private func unused(
    _ reserved: [ServiceIndex.Reservation], _ target: ServiceTarget, _ fixedNodes: Bool
  ) async throws(PortError) -> [ServiceIndex.Reservation] {
    var left: [ServiceIndex.Reservation] = []
    for reservation in reserved where fixedNodes || reservation.namespace == target.namespace {
      let made = try await api.list(.pod, reservation.namespace, labels: "\(Label.rollout)=\(reservation.rollout)")
        .filter { PodReading($0).holdsPlace }
      if let rest = reservation.remaining(beside: made.map { PodDemand(spec: $0["spec"] ?? .null) }) { left.append(rest) }
    }
    return left
  }

  private func nodes(without leaving: [JSON]) async throws(PortError) -> NodeFit {
    let gone = Set(leaving.compactMap(\.uid))
    let running = try await api.list(.pod, nil).filter { !gone.contains($0.uid ?? "") }
    return NodeFit(nodes: try await api.list(.node, nil), pods: running)
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
