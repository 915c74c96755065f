import KubernetesModel

/// A Deployment's conditions, changed as the deployment controller changes them: a changed one moves to the end, and the time of its last
/// transition stays while its status does.
struct DeploymentConditions: Equatable {
  private(set) var list: [JSON]

  init(of deployment: JSON) {
    list = deployment["status", "conditions"]?.array ?? []
  }

  func condition(_ type: String) -> JSON? { list.first { $0["type"]?.string == type } }

  func reason(_ type: String) -> String? { condition(type)?["reason"]?.string }

  mutating func remove(_ type: String) { list.removeAll { $0["type"]?.string == type } }

  /// Sets a condition; nothing happens where status and reason are the same, unless it is to be renewed.
  mutating func set(
    _ type: String, _ status: String, reason: String, message: String, at now: Moment, renewing: Bool = false
  ) {
    let old = condition(type)
    let sameStatus = old?["status"]?.string == status
    if sameStatus && old?["reason"]?.string == reason && !renewing { return }
    let timestamp = JSON.string(now.timestamp)
    remove(type)
    list.append([
      "type": .string(type), "status": .string(status), "lastUpdateTime": timestamp,
      "lastTransitionTime": sameStatus ? old?["lastTransitionTime"] ?? timestamp : timestamp, "reason": .string(reason),
      "message": .string(message),
    ])
  }
}
