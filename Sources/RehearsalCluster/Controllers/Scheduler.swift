import KubernetesModel

/// Puts pods on nodes where what they request is still free, and says why where it is not.
package struct Scheduler: Controller {
  private static let name = "default-scheduler"
  private let events = EventRecorder(component: name, manager: ManagerName.scheduler)

  package init() {}

  package mutating func tick(_ objects: any ClusterObjects, now: Moment) -> Duration? {
    let pods = objects.list(.pods)
    let waiting = pods.filter {
      $0.isActivePod && ($0["spec", "nodeName"]?.string ?? "").isEmpty && $0["spec", "schedulerName"]?.string ?? Self.name == Self.name
    }
    guard !waiting.isEmpty else { return nil }
    var rooms = objects.list(.nodes).map { node in Room(node, pods: pods) }
    for pod in waiting.sorted(by: { ($0.creationTimestamp, $0.name) < ($1.creationTimestamp, $1.name) }) {
      let wanted = PodResources(spec: pod["spec"]).requests
      let fitting = rooms.indices.filter { rooms[$0].obstacle(for: pod, wanting: wanted) == nil }
      guard let best = fitting.min(by: { (rooms[$0].podCount, $0) < (rooms[$1].podCount, $1) }) else {
        refuse(pod, rooms.compactMap { $0.obstacle(for: pod, wanting: wanted) }, objects, now)
        continue
      }
      guard (try? objects.bind(pod, toNode: rooms[best].name, by: ManagerName.scheduler)) != nil else { continue }
      rooms[best].take(wanted)
      let message = "Successfully assigned \(pod.namespaceText)/\(pod.name) to \(rooms[best].name)"
      events.normal("Scheduled", message, about: pod, in: objects, at: now)
    }
    return nil
  }

  private func refuse(_ pod: JSON, _ obstacles: [String], _ objects: any ClusterObjects, _ now: Moment) {
    let count = obstacles.count
    let reasons = Dictionary(grouping: obstacles) { $0 }.map { "\($0.value.count) \($0.key)" }.sorted().joined(separator: ", ")
    let message =
      count == 0
      ? "no nodes available to schedule pods"
      : "0/\(count) nodes are available: \(reasons). no new claims to deallocate, preemption: 0/\(count) nodes are available: "
        + "\(count) Preemption is not helpful for scheduling."
    guard pod.condition("PodScheduled")?["message"]?.string != message else { return }
    let others = (pod["status", "conditions"]?.array ?? []).filter { $0["type"] != "PodScheduled" }
    var status = pod["status"] ?? [:]
    status["conditions"] = .array(
      others + [
        [
          "type": "PodScheduled", "observedGeneration": .int(Int64(pod.generation)), "status": "False", "lastProbeTime": nil,
          "lastTransitionTime": pod.condition("PodScheduled")?["lastTransitionTime"] ?? .string(now.timestamp),
          "reason": "Unschedulable", "message": .string(message),
        ]
      ])
    objects.writeStatus(status, of: .pods, pod, by: ManagerName.scheduler)
    events.warning("FailedScheduling", message, about: pod, in: objects, at: now)
  }
}

/// What a node still has free.
private struct Room {
  let name: String
  private let labels: [String: String]
  private let isClosed: Bool
  private var free: [String: Quantity]
  private(set) var podCount = 0

  init(_ node: JSON, pods: [JSON]) {
    name = node.name
    labels = node.labels
    isClosed = node["spec", "unschedulable"]?.bool ?? false
    free = PodResources.amounts(node["status", "allocatable"])
    for pod in pods where pod["spec", "nodeName"]?.string == node.name && !pod.hasFinished {
      take(PodResources(spec: pod["spec"]).requests)
    }
  }

  mutating func take(_ wanted: [String: Quantity]) {
    podCount += 1
    for (name, amount) in wanted { free[name] = (free[name] ?? .zero) - amount }
    free["pods"] = (free["pods"] ?? .zero) - Quantity(1)
  }

  /// Why the pod does not fit, in the scheduler's words; nil when it does.
  func obstacle(for pod: JSON, wanting wanted: [String: Quantity]) -> String? {
    if isClosed { return "node(s) were unschedulable" }
    let selector = pod["spec", "nodeSelector"]?.strings ?? [:]
    if !selector.allSatisfy({ labels[$0.key] == $0.value }) { return "node(s) didn't match Pod's node affinity/selector" }
    if let room = free["pods"], room < Quantity(1) { return "Too many pods" }
    let short = wanted.filter { $0.value > free[$0.key] ?? .zero && $0.value > .zero }.keys.min()
    return short.map { "Insufficient \($0)" }
  }
}
