import KubernetesModel

/// The state of a pod's containers, which live and die together here.
enum ContainerState: Hashable {
  case waiting(reason: String, message: String?)
  case running(since: String)
  case terminated(ContainerExit, since: String, at: String, id: String)

  static let creating = ContainerState.waiting(reason: "ContainerCreating", message: nil)

  var isRunning: Bool { if case .running = self { true } else { false } }

  /// As `containerStatuses[].state` shows it.
  var json: JSON {
    switch self {
    case .waiting(let reason, let message):
      var waiting: JSON = ["reason": .string(reason)]
      if let message { waiting["message"] = .string(message) }
      return ["waiting": waiting]
    case .running(let since): return ["running": ["startedAt": .string(since)]]
    case .terminated(let exit, let since, let end, let id):
      return [
        "terminated": [
          "exitCode": .int(Int64(exit.code)), "reason": .string(exit.reason), "startedAt": .string(since), "finishedAt": .string(end),
          "containerID": .string(id),
        ]
      ]
    }
  }
}
