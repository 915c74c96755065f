import ReleaseModel

/// Who made a request, as far as the log tells: its user is the API server's word, the rest the client's own.
enum LogClient: Sendable, Hashable {
  /// What keeps the cluster running by its office.
  case controlPlane
  case tagflip
  /// Somebody else: why it is not tagflip.
  case other(String)

  /// - Parameter actors: whom the trail names as who acted through tagflip.
  init(_ request: LoggedRequest, actors: Set<String>) {
    if Self.isControlPlane(request) { self = .controlPlane; return }
    guard actors.contains(request.user) else { self = .other("no record names this user as who acted"); return }
    if let agent = request.userAgent, !agent.hasPrefix("tagflip/") {
      self = .other("it was not tagflip but \(PlainText.line(agent.split(separator: " ").first.map(String.init) ?? "", longest: 60))")
    } else if let manager = request.fieldManager, manager != FieldHand.bot {
      self = .other("it was not tagflip but what calls itself \(PlainText.line(manager, longest: 60))")
    } else {
      self = .tagflip
    }
  }

  private static func isControlPlane(_ request: LoggedRequest) -> Bool {
    // Who takes on the name of a controller is none.
    guard request.impersonator == nil else { return false }
    let user = request.user
    return user.hasPrefix("system:serviceaccount:kube-system:") || user.hasPrefix("system:node:") || names.contains(user)
  }

  private static let names: Set<String> = [
    "system:apiserver", "system:kube-controller-manager", "system:kube-scheduler", "system:cloud-controller-manager",
  ]
}
