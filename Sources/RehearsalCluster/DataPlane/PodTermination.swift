import KubernetesModel

/// A pod's way out: the preStop hook, SIGTERM, draining, and the kill at the end of the grace period.
struct PodTermination {
  private enum Step {
    case preStop(until: Duration)
    case signalled(until: Duration?)
    case draining(since: Duration)
    case over
  }

  let server: PodServer?
  /// When the container started, as the status says.
  let since: String
  private let behaviour: PodBehaviour?
  private let begun: Duration
  private var step: Step
  /// How the container ended, if one ran and has ended.
  private(set) var exit: ContainerExit?

  /// Fresh connections may still be on their way when an app stops accepting.
  private static let settle = Duration.milliseconds(20)
  /// How long a connection may be open without a request before it is given up.
  private static let patienceWithSilent = Duration.seconds(1)
  private static let poll = Duration.milliseconds(20)

  /// Of a pod whose container does not run.
  init(_ context: PodContext) {
    (server, behaviour, since, begun, step) = (nil, nil, "", context.now.uptime, .over)
  }

  init(server: PodServer, behaviour: PodBehaviour, since: String, _ context: PodContext) {
    self.server = server
    self.behaviour = behaviour
    self.since = since
    begun = context.now.uptime
    step = .preStop(until: begun + Self.preStop(context))
  }

  var isOver: Bool { if case .over = step { true } else { false } }

  /// Does what is due; answers when something is due next.
  mutating func advance(_ context: PodContext) -> Duration? {
    guard let server, let behaviour else { return nil }
    // A second delete may have shortened the grace period meanwhile.
    let end = begun + .seconds(context.pod["metadata", "deletionGracePeriodSeconds"]?.int ?? 30)
    let now = context.now.uptime
    while true {
      if server.exit != nil || now >= end, !isOver { finish(server, code: server.exit?.code ?? 137) }
      switch step {
      case .preStop(let until):
        guard until <= now else { return min(until, end) }
        server.beginTermination()
        step = .signalled(until: behaviour.ignoreTermination ? nil : now + behaviour.terminationDelay)
      case .signalled(let until):
        guard let until, until <= now else { return min(until ?? end, end) }
        server.drain()
        step = .draining(since: now)
      case .draining(let start):
        let open = server.connections
        let mayEnd = open.open == 0 || open.busy == 0 && now >= start + Self.patienceWithSilent
        guard now >= start + Self.settle, mayEnd else { return min(now + Self.poll, end) }
        finish(server, code: 0)
      case .over: return nil
      }
    }
  }

  private mutating func finish(_ server: PodServer, code: Int) {
    server.kill()
    exit = server.exit ?? ContainerExit(code: code, reason: code == 0 ? "Completed" : "Error")
    step = .over
  }

  /// How long a preStop hook sleeps, the one thing that hooks can do here.
  private static func preStop(_ context: PodContext) -> Duration {
    let hook = context.container?["lifecycle", "preStop"]
    if let seconds = hook?["sleep", "seconds"]?.int { return .seconds(seconds) }
    let words = (hook?["exec", "command"]?.array ?? []).compactMap(\.string).flatMap { $0.split(separator: " ") }
    guard let sleep = words.firstIndex(of: "sleep"), words.indices.contains(sleep + 1) else { return .zero }
    return KnobValue.duration(String(words[sleep + 1]), unit: .seconds(1)) ?? .zero
  }
}
