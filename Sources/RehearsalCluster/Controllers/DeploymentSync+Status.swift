import FoundationEssentials
import KubernetesModel

// What a Deployment says about itself.
extension DeploymentSync {
  /// The status without a judgement about progress.
  func plainStatus() -> JSON {
    var conditions = DeploymentConditions(of: deployment)
    if replicaSets.available >= spec.replicas - spec.maxUnavailable {
      let message = "Deployment has minimum availability."
      conditions.set("Available", "True", reason: "MinimumReplicasAvailable", message: message, at: now)
    } else {
      let message = "Deployment does not have minimum availability."
      conditions.set("Available", "False", reason: "MinimumReplicasUnavailable", message: message, at: now)
    }
    return status(conditions)
  }

  /// Zero is left out, as Go's encoder leaves it out, but for `terminatingReplicas`, which is a pointer there.
  private func status(_ conditions: DeploymentConditions) -> JSON {
    let numbers = [
      "observedGeneration": deployment.generation, "replicas": replicaSets.actual, "updatedReplicas": newest?.actual ?? 0,
      "readyReplicas": replicaSets.ready, "availableReplicas": replicaSets.available,
      "unavailableReplicas": max(0, replicaSets.wanted - replicaSets.available),
      "collisionCount": deployment["status", "collisionCount"]?.int ?? 0,
    ]
    var status = JSON.object(numbers.filter { $0.value != 0 }.mapValues { .int(Int64($0)) })
    status["terminatingReplicas"] = .int(Int64(replicaSets.terminating))
    status["conditions"] = .array(conditions.list)
    return status
  }

  /// The status with a judgement: complete, progressing, or out of time.
  func rolloutStatus() -> JSON {
    var status = plainStatus()
    var conditions = DeploymentConditions(of: ["status": status])
    judge(status, &conditions)
    if let failure = replicaFailure {
      conditions.set(
        "ReplicaFailure", failure["status"]?.string ?? "True", reason: failure["reason"]?.string ?? "",
        message: failure["message"]?.string ?? "", at: now)
    } else {
      conditions.remove("ReplicaFailure")
    }
    status["conditions"] = .array(conditions.list)
    return status
  }

  private func judge(_ status: JSON, _ conditions: inout DeploymentConditions) {
    guard let progressDeadline = spec.progressDeadline else { return conditions.remove("Progressing") }
    let reason = conditions.reason("Progressing")
    if reason == "NewReplicaSetAvailable" && count(status, "replicas") == count(status, "updatedReplicas") { return }
    let subject = newest.map { "ReplicaSet \"\($0.name)\"" } ?? "Deployment \"\(name)\""
    if isComplete(status) {
      let message = "\(subject) has successfully progressed."
      conditions.set("Progressing", "True", reason: "NewReplicaSetAvailable", message: message, at: now)
    } else if isProgressing(status) {
      conditions.set(
        "Progressing", "True", reason: "ReplicaSetUpdated", message: "\(subject) is progressing.", at: now, renewing: true)
    } else if hasTimedOut(conditions, after: progressDeadline) {
      let message = "\(subject) has timed out progressing."
      conditions.set("Progressing", "False", reason: "ProgressDeadlineExceeded", message: message, at: now)
    }
  }

  private func count(_ status: JSON?, _ field: String) -> Int { status?[field]?.int ?? 0 }

  func isComplete(_ status: JSON) -> Bool {
    ["updatedReplicas", "replicas", "availableReplicas"].allSatisfy { count(status, $0) == spec.replicas }
      && count(status, "observedGeneration") >= deployment.generation
  }

  /// Whether there are more new, fewer old, or more serving pods than the last status said.
  private func isProgressing(_ status: JSON) -> Bool {
    let before = deployment["status"]
    return count(status, "updatedReplicas") > count(before, "updatedReplicas")
      || count(status, "replicas") - count(status, "updatedReplicas") < count(before, "replicas") - count(before, "updatedReplicas")
      || count(status, "readyReplicas") > count(before, "readyReplicas")
      || count(status, "availableReplicas") > count(before, "availableReplicas")
  }

  private func hasTimedOut(_ conditions: DeploymentConditions, after seconds: Int) -> Bool {
    guard let progressing = conditions.condition("Progressing") else { return false }
    switch progressing["reason"]?.string {
    case "NewReplicaSetAvailable": return false
    case "ProgressDeadlineExceeded": return true
    default:
      guard let since = progressing["lastUpdateTime"]?.instant else { return false }
      return since.addingTimeInterval(Double(seconds)) < now.date
    }
  }

  /// When the progress deadline passes, if it runs; a second later than written, since what is written has whole seconds.
  var deadline: Duration? {
    guard let seconds = spec.progressDeadline, let progressing = deployment.condition("Progressing"),
      !["NewReplicaSetAvailable", "ProgressDeadlineExceeded"].contains(progressing["reason"]?.string ?? ""),
      let since = progressing["lastUpdateTime"]?.instant
    else { return nil }
    return now.uptime(at: since.addingTimeInterval(Double(seconds + 1)))
  }

  /// Why pods cannot be made: what the newest ReplicaSet says, else any other.
  private var replicaFailure: JSON? {
    ([newest].compactMap { $0 } + replicaSets).lazy.compactMap { $0.object.condition("ReplicaFailure") }.first
  }

  mutating func writeStatus(_ status: JSON) {
    guard deployment["status"] != status else { return }
    deployment["status"] = status
    if let written = try? objects.updateStatus(.deployments, deployment, by: ManagerName.controllers) { deployment = written }
  }
}
