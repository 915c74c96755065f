import FoundationEssentials
import KubernetesModel

/// ReplicaSets: keeps as many pods as each wants, and says how many of them serve.
package struct ReplicaSetController: Controller {
  /// After a refused creation, as by a quota: when to try again, and how long the wait was.
  private struct Retry {
    var at: Duration
    var wait: Duration
  }

  private var retries: [String: Retry] = [:]
  private let events = EventRecorder(component: "replicaset-controller")
  private static let firstRetry = Duration.milliseconds(500)
  private static let longestRetry = Duration.seconds(16)

  package init() {}

  package mutating func tick(_ objects: any ClusterObjects, now: Moment) -> Duration? {
    let replicaSets = objects.list(.replicaSets)
    let pods = Dictionary(grouping: objects.list(.pods), by: \.namespaceText)
    let known = Set(replicaSets.map(\.uidText))
    retries = retries.filter { known.contains($0.key) }
    return replicaSets.compactMap { sync($0, candidates: pods[$0.namespaceText] ?? [], objects, now) }.min()
  }

  private mutating func sync(_ replicaSet: JSON, candidates: [JSON], _ objects: any ClusterObjects, _ now: Moment) -> Duration? {
    guard let selector = LabelSelector(replicaSet["spec", "selector"]) else { return nil }
    let pods = claim(candidates, of: replicaSet, selector: selector, objects)
    let active = pods.filter(\.isActivePod)
    var failure: String?
    if !replicaSet.isDeleting {
      let missing = (replicaSet["spec", "replicas"]?.int ?? 1) - active.count
      if missing > 0 { failure = create(missing, for: replicaSet, objects, now) } else { retries[replicaSet.uidText] = nil }
      if missing < 0 { remove(-missing, of: active, for: replicaSet, objects, now) }
    }
    objects.writeStatus(status(of: replicaSet, pods: pods, active: active, failure: failure, now), of: .replicaSets, replicaSet)
    return [nextAvailable(replicaSet, active, now), retries[replicaSet.uidText]?.at].compactMap { $0 }.min()
  }

  /// The pods that are the ReplicaSet's, after adopting those that nobody owns and letting go of those that no longer match.
  private func claim(
    _ candidates: [JSON], of replicaSet: JSON, selector: LabelSelector, _ objects: any ClusterObjects
  ) -> [JSON] {
    candidates.compactMap { pod in
      let matches = selector.matches(pod.labels)
      guard pod.controllerReference != nil else {
        guard matches, pod.isActivePod, !replicaSet.isDeleting else { return nil }
        var adopted = pod
        adopted["metadata", "ownerReferences"] = .array(pod.ownerReferences + [replicaSet.ownerReference()])
        return try? objects.update(.pods, adopted, by: ManagerName.controllers)
      }
      guard pod.isControlled(by: replicaSet) else { return nil }
      guard matches || pod.isDeleting else {
        var released = pod
        let others = pod.ownerReferences.filter { $0["uid"]?.string != replicaSet.uidText }
        released["metadata", "ownerReferences"] = others.isEmpty ? nil : .array(others)
        _ = try? objects.update(.pods, released, by: ManagerName.controllers)
        return nil
      }
      return pod
    }
  }

  /// Creates pods until one is refused; answers why, also while the next try is still to come.
  private mutating func create(_ count: Int, for replicaSet: JSON, _ objects: any ClusterObjects, _ now: Moment) -> String? {
    if let retry = retries[replicaSet.uidText], retry.at > now.uptime {
      return replicaSet.condition("ReplicaFailure")?["message"]?.string
    }
    let template = replicaSet["spec", "template"] ?? [:]
    var metadata = template["metadata"] ?? [:]
    metadata["generateName"] = .string("\(replicaSet.name)-")
    metadata["namespace"] = .string(replicaSet.namespaceText)
    metadata["ownerReferences"] = [replicaSet.ownerReference()]
    let pod: JSON = ["apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template["spec"] ?? [:]]
    for _ in 0..<count {
      do {
        let created = try objects.create(.pods, pod, by: ManagerName.controllers)
        events.normal("SuccessfulCreate", "Created pod: \(created.name)", about: replicaSet, in: objects, at: now)
      } catch {
        events.warning("FailedCreate", "Error creating: \(error.message)", about: replicaSet, in: objects, at: now)
        let wait = retries[replicaSet.uidText].map { min($0.wait * 2, Self.longestRetry) } ?? Self.firstRetry
        retries[replicaSet.uidText] = Retry(at: now.uptime + wait, wait: wait)
        return error.message
      }
    }
    retries[replicaSet.uidText] = nil
    return nil
  }

  private func remove(_ count: Int, of pods: [JSON], for replicaSet: JSON, _ objects: any ClusterObjects, _ now: Moment) {
    for pod in pods.sorted(by: Self.goesBefore).prefix(count) {
      objects.remove(.pods, pod)
      events.normal("SuccessfulDelete", "Deleted pod: \(pod.name)", about: replicaSet, in: objects, at: now)
    }
  }

  /// Which of two pods is the smaller loss: not scheduled, not running, not ready, cheap to delete, ready for less long, restarted more
  /// often, younger.
  private static func goesBefore(_ left: JSON, _ right: JSON) -> Bool {
    let (a, b) = (rank(left), rank(right))
    if a != b { return a.lexicographicallyPrecedes(b) }
    let (readyA, readyB) = (left.readySince, right.readySince)
    if left.isReadyPod, let readyA, let readyB, readyA != readyB { return readyA > readyB }
    if left.restartCount != right.restartCount { return left.restartCount > right.restartCount }
    if left.creationTimestamp != right.creationTimestamp { return left.creationTimestamp > right.creationTimestamp }
    return left.name > right.name
  }

  private static func rank(_ pod: JSON) -> [Int] {
    let phases = ["Pending": 0, "Unknown": 1, "Running": 2]
    let cost = pod.annotations["controller.kubernetes.io/pod-deletion-cost"].flatMap { Int($0) } ?? 0
    let isScheduled = !(pod["spec", "nodeName"]?.string ?? "").isEmpty
    return [isScheduled ? 1 : 0, phases[pod.phase] ?? 0, pod.isReadyPod ? 1 : 0, cost]
  }

  private func status(of replicaSet: JSON, pods: [JSON], active: [JSON], failure: String?, _ now: Moment) -> JSON {
    let minReady = replicaSet["spec", "minReadySeconds"]?.int ?? 0
    let templateLabels = LabelSelector(map: replicaSet["spec", "template", "metadata", "labels"])
    let optional = [
      "fullyLabeledReplicas": active.count { templateLabels?.matches($0.labels) ?? true },
      "readyReplicas": active.count(where: \.isReadyPod),
      "availableReplicas": active.count { $0.isAvailablePod(minReadySeconds: minReady, at: now.date) },
      "observedGeneration": replicaSet.generation,
    ]
    var status = JSON.object(optional.filter { $0.value != 0 }.mapValues { .int(Int64($0)) })
    status["replicas"] = .int(Int64(active.count))
    status["terminatingReplicas"] = .int(Int64(pods.count { $0.isDeleting && !$0.hasFinished }))
    if let failure {
      let old = replicaSet.condition("ReplicaFailure")
      status["conditions"] = [
        [
          "type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": .string(failure),
          "lastTransitionTime": old?["lastTransitionTime"] ?? .string(now.timestamp),
        ]
      ]
    }
    return status
  }

  /// When the next pod will have been ready for long enough.
  private func nextAvailable(_ replicaSet: JSON, _ active: [JSON], _ now: Moment) -> Duration? {
    guard let minReady = replicaSet["spec", "minReadySeconds"]?.int, minReady > 0 else { return nil }
    let waiting = active.filter { $0.isReadyPod && !$0.isAvailablePod(minReadySeconds: minReady, at: now.date) }
    return waiting.compactMap { $0.readySince.map { now.uptime(at: $0.addingTimeInterval(Double(minReady))) } }.min()
  }
}
