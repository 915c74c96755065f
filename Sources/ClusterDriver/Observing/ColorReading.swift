import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// What lists of objects say about a color. Pure.
struct ColorReading {
  let color: Color
  let service: ServiceName
  let deployments: [JSON]
  let pods: [JSON]
  /// Objects of other kinds.
  var others: [JSON] = []
  /// The active Service's selector; nil where there is no Service.
  var selector: [String: String]?

  init(color: Color, service: ServiceName, deployments: [JSON], pods: [JSON]) {
    self.color = color
    self.service = service
    self.deployments = deployments
    self.pods = pods
  }

  var ownPods: [JSON] { pods.filter { $0.labels[Label.service] == service.text } }

  var observation: ColorObservation {
    let carriers = deployments + ownPods + others
    let ids = carriers.compactMap { $0.labels[Label.rollout].flatMap { RolloutID($0) } }
    return ColorObservation(
      color: color, workloads: deployments.map(workload), objects: deployments.count + ownPods.count + others.count, rollouts: Set(ids),
      strangers: strangers)
  }

  /// What the color's selector would match, or what carries the color, without any rollout's id.
  private var strangers: [String] {
    let matched = pods.filter { pod in
      guard var wanted = selector else { return false }
      wanted[Label.color] = color.rawValue
      return pod.labels[Label.service] != service.text && wanted.allSatisfy { pod.labels[$0.key] == $0.value }
    }
    let nameless = (deployments + ownPods + others).filter { $0.labels[Label.rollout].flatMap { RolloutID($0) } == nil }
    return (matched + nameless).map(\.name).sorted()
  }

  private func workload(_ deployment: JSON) -> WorkloadObservation {
    let wanted = deployment["spec", "selector", "matchLabels"]?.strings ?? [:]
    let all = ownPods.filter { pod in wanted.allSatisfy { pod.labels[$0.key] == $0.value } }
    let pods = all.filter { $0["metadata", "deletionTimestamp"] == nil && $0["status", "phase"]?.string != "Failed" }
    let desired = deployment["spec", "replicas"]?.int ?? 1
    return WorkloadObservation(
      name: deployment.name.hasSuffix(color.suffix) ? String(deployment.name.dropLast(color.suffix.count)) : deployment.name,
      desired: desired, ready: pods.filter { PodReading($0).isReady }.count,
      isSettled: ColorReading.isSettled(deployment, desired) && pods.count == desired,
      isPaused: deployment["spec", "paused"]?.bool == true, restarts: pods.reduce(0) { $0 + PodReading($1).restarts },
      imageIDs: Set(pods.flatMap { PodReading($0).imageIDs }).sorted(),
      problems: ColorReading.problems(deployment) + pods.flatMap { PodReading($0).problems })
  }

  /// Whether the controller has seen the present spec and every pod is of the present template.
  private static func isSettled(_ deployment: JSON, _ desired: Int) -> Bool {
    let generation = deployment["metadata", "generation"]?.int ?? 0
    let status = deployment["status"] ?? .null
    return (status["observedGeneration"]?.int ?? 0) >= generation && (status["updatedReplicas"]?.int ?? 0) == desired
      && (status["replicas"]?.int ?? 0) == desired
  }

  private static func problems(_ deployment: JSON) -> [PodProblem] {
    (deployment["status", "conditions"]?.array ?? []).compactMap { condition in
      let words = PlainText.line(condition["message"]?.string ?? "", longest: 300)
      switch (condition["type"]?.string, condition["status"]?.string, condition["reason"]?.string) {
      case ("ReplicaFailure", "True", _): return PodProblem(kind: .notCreated, subject: deployment.name, reason: words)
      case ("Progressing", "False", "ProgressDeadlineExceeded"): return PodProblem(kind: .deadline, subject: deployment.name, reason: words)
      default: return nil
      }
    }
  }
}

/// What one pod says about itself.
struct PodReading {
  let pod: JSON

  init(_ pod: JSON) { self.pod = pod }

  private var statuses: [JSON] { (pod["status", "initContainerStatuses"]?.array ?? []) + (pod["status", "containerStatuses"]?.array ?? []) }

  /// The condition `Ready`, which readiness gates count for, on a pod that is not going.
  var isReady: Bool {
    pod["metadata", "deletionTimestamp"] == nil && condition("Ready")?["status"]?.string == "True"
  }

  var restarts: Int { statuses.reduce(0) { $0 + ($1["restartCount"]?.int ?? 0) } }

  var imageIDs: [String] { statuses.compactMap { $0["imageID"]?.string }.filter { !$0.isEmpty } }

  private func condition(_ type: String) -> JSON? {
    pod["status", "conditions"]?.array?.first { $0["type"]?.string == type }
  }

  var problems: [PodProblem] {
    if let scheduled = condition("PodScheduled"), scheduled["status"]?.string == "False", scheduled["reason"]?.string == "Unschedulable" {
      return [problem(.unschedulable, "Unschedulable", scheduled["message"]?.string)]
    }
    return statuses.compactMap { status in
      let waiting = status["state", "waiting"]
      let reason = waiting?["reason"]?.string ?? ""
      let message = waiting?["message"]?.string
      switch reason {
      case "CrashLoopBackOff": return problem(.crashLoop, reason, lastWords(status) ?? message)
      case "ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable":
        return problem(.imagePull, reason, message)
      case "CreateContainerConfigError", "CreateContainerError", "RunContainerError": return problem(.configuration, reason, message)
      default: break
      }
      guard status["ready"]?.bool != true, (status["restartCount"]?.int ?? 0) >= 2 else { return nil }
      return problem(.crashLoop, "restarted \(status["restartCount"]?.int ?? 0) times", lastWords(status))
    }
  }

  private func lastWords(_ status: JSON) -> String? {
    guard let end = status["lastState", "terminated"] else { return nil }
    return "the container ended with exit code \(end["exitCode"]?.int ?? 0) (\(end["reason"]?.string ?? "Error"))"
  }

  private func problem(_ kind: PodProblem.Kind, _ reason: String, _ message: String?) -> PodProblem {
    let words = [reason, message].compactMap(\.self).joined(separator: ": ")
    return PodProblem(kind: kind, subject: pod.name, reason: PlainText.line(words, longest: 300))
  }
}
