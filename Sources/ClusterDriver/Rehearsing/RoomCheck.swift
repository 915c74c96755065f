import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// Whether an environment has room at one size or another, by what was read of the cluster once. Pure.
struct RoomCheck: Sendable {
  let environment: Environment
  let objects: [AppliedObject]
  let namespace: String
  let defaults: ContainerDefaults
  let quotas: [JSON]
  /// What the color still holds and gives back before the new pods come.
  let freed: EnvironmentDemand
  /// Whether the preview Service is still to be made.
  let needsPreview: Bool
  /// What other rollouts of the cluster count on and have not made yet.
  let reserved: [ServiceIndex.Reservation]
  /// The cluster's nodes without the color's own pods; nil where nodes are not fixed.
  let nodes: NodeFit?

  /// What came of it at one size.
  struct Finding: Sendable {
    var shortages: [String]
    var pods: [SchedulablePod]
  }

  /// What the bot's next run asks of a node, generously.
  private static let botPod = SchedulablePod(namespace: "", milliCPU: 100, memoryBytes: 128 << 20)

  func finding(at sizes: [String: Int]) -> Finding {
    let pods = pods(at: sizes)
    let check = QuotaCheck(
      demand: EnvironmentDemand(pods: pods.map(\.demand), objects: counts), freed: freed,
      reserved: reserved.filter { $0.namespace == namespace })
    var finding = Finding(shortages: quotas.flatMap(check.shortages), pods: pods)
    guard var fit = nodes else { return finding }
    _ = fit.place([RoomCheck.botPod] + reserved.flatMap(RoomCheck.pods))
    finding.shortages += fit.place(pods).sorted { $0.key < $1.key }.map { workload, miss in
      "no node takes \(miss.count) of the \(pods.count { $0.workload == workload }) pods of \(workload): \(miss.why)"
    }
    return finding
  }

  /// One pod of each Deployment and Job that begins to run beside what users are on, with its demand. What runs only while users are on
  /// its color stops in the other one first, and is never there twice.
  var samples: [SchedulablePod] { runningTwice.map(sample) }

  private var runningTwice: [AppliedObject] {
    objects.filter { $0.kind.templatePath != nil && $0.json.runs != .whenActive }
  }

  private func sample(_ object: AppliedObject) -> SchedulablePod {
    let template = PodTemplate(of: object.json, object.kind)
    var labels = template.labels
    // As its ReplicaSet will name it: nothing that runs has this one.
    labels[Label.templateHash] = "new"
    return SchedulablePod(
      namespace: namespace, labels: labels, spec: template.spec, demand: PodDemand(spec: template.spec, defaults: defaults),
      workload: environment.color.plainName(object.json.name))
  }

  private func pods(at sizes: [String: Int]) -> [SchedulablePod] {
    runningTwice.flatMap { object in
      let sample = sample(object)
      guard object.kind == .deployment else {
        return Array(repeating: sample, count: max(1, object.json["spec", "parallelism"]?.int ?? 1))
      }
      let size = sizes[sample.workload] ?? environment.workloads.first { $0.name == sample.workload }?.replicas ?? 1
      return Array(repeating: sample, count: max(0, size))
    }
  }

  /// The sizes up to which autoscalers may take the environment; nil where none may take it further.
  func maximum(beyond sizes: [String: Int]) -> [String: Int]? {
    var largest = sizes
    for object in objects where object.kind == .horizontalPodAutoscaler {
      let name = environment.color.plainName(object.json["spec", "scaleTargetRef", "name"]?.string ?? "")
      guard let most = object.json["spec", "maxReplicas"]?.int, let size = largest[name] else { continue }
      largest[name] = max(size, most)
    }
    return largest == sizes ? nil : largest
  }

  /// What was not counted of its pods, and why.
  var omissions: [String] {
    Set(samples.filter { $0.spec["overhead"] == nil }.compactMap { $0.spec["runtimeClassName"]?.string }).sorted().map {
      "the overhead of RuntimeClass \($0) is not counted: write it into the pod template (overhead) if the class has one"
    }
  }

  /// How many objects of each kind the environment adds, as quotas name them.
  private var counts: [String: Int] {
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
    if needsPreview { add(.service) }
    return counts
  }

  /// A reservation tells totals: pods of equal size stand for it.
  private static func pods(of reservation: ServiceIndex.Reservation) -> [SchedulablePod] {
    let count = max(1, reservation.pods)
    let pod = SchedulablePod(
      namespace: reservation.namespace, milliCPU: reservation.milliCPU / count, memoryBytes: reservation.memoryBytes / count)
    return Array(repeating: pod, count: count)
  }
}

extension ServiceIndex.Reservation {
  /// What is left of it beside the pods that its rollout has made, which quotas and nodes count already; nil where nothing is.
  func remaining(beside made: [PodDemand]) -> ServiceIndex.Reservation? {
    func total(_ name: String) -> Quantity { made.reduce(.zero) { $0 + ($1.requests[name] ?? .zero) } }
    var rest = self
    rest.pods = pods - made.count
    rest.milliCPU = max(0, milliCPU - total("cpu").milli)
    rest.memoryBytes = max(0, memoryBytes - total("memory").whole)
    return rest.pods > 0 ? rest : nil
  }
}
