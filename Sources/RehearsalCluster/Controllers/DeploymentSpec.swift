import KubernetesModel

/// What a Deployment wants, with the API's defaults filled in.
struct DeploymentSpec {
  let replicas: Int
  let minReadySeconds: Int
  /// In seconds; nil where the Deployment waits forever.
  let progressDeadline: Int?
  let revisionHistoryLimit: Int
  let isPaused: Bool
  let recreates: Bool
  /// How many pods there may be beyond `replicas` during a rolling update.
  let maxSurge: Int
  /// How many pods may be missing to `replicas` during a rolling update.
  let maxUnavailable: Int
  let template: JSON

  /// Longer deadlines are none: the API's way to write "never" is the largest 32-bit number.
  private static let noDeadline = Int(Int32.max)

  init(_ deployment: JSON) {
    let spec = deployment["spec"]
    replicas = spec?["replicas"]?.int ?? 1
    minReadySeconds = spec?["minReadySeconds"]?.int ?? 0
    let deadline = spec?["progressDeadlineSeconds"]?.int ?? 600
    progressDeadline = deadline >= Self.noDeadline ? nil : deadline
    revisionHistoryLimit = spec?["revisionHistoryLimit"]?.int ?? 10
    isPaused = spec?["paused"]?.bool ?? false
    recreates = spec?["strategy", "type"]?.string == "Recreate"
    template = spec?["template"] ?? [:]
    let rolling = spec?["strategy", "rollingUpdate"]
    let surge = recreates ? 0 : Self.resolve(rolling?["maxSurge"] ?? "25%", of: replicas, roundingUp: true)
    var unavailable = recreates ? 0 : Self.resolve(rolling?["maxUnavailable"] ?? "25%", of: replicas, roundingUp: false)
    if !recreates && surge == 0 && unavailable == 0 { unavailable = 1 }  // else nothing could ever move
    maxSurge = surge
    maxUnavailable = min(unavailable, replicas)
  }

  /// A number, or a share of the replicas in percent.
  static func resolve(_ value: JSON, of replicas: Int, roundingUp: Bool) -> Int {
    if let number = value.int { return number }
    guard let text = value.string, text.hasSuffix("%"), let percent = Int(text.dropLast()) else { return 0 }
    return roundingUp ? (replicas * percent + 99) / 100 : replicas * percent / 100
  }
}
