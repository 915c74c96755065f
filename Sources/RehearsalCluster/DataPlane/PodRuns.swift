import KubernetesModel

/// A container that serves until something ends it, and the probes of its readiness.
struct ServingRun {
  let server: PodServer
  let behaviour: PodBehaviour
  let address: String
  /// When it started, as the status says.
  let since: String
  private var probe: HTTPExchange?
  private(set) var isOpen = false
  /// How it ended, if it has.
  private(set) var exit: ContainerExit?

  init(server: PodServer, behaviour: PodBehaviour, address: String, since: String) {
    self.server = server
    self.behaviour = behaviour
    self.address = address
    self.since = since
  }

  /// Does what is due; answers when something is due next.
  mutating func advance(_ context: PodContext, readiness: inout Readiness) -> Duration? {
    server.advance()
    exit = server.exit
    switch server.listening {
    case .opening: return server.nextDue
    case .failed: exit = exit ?? ContainerExit(code: 1, reason: "Error")
    case .open, .closed: break
    }
    guard exit == nil else { return nil }
    if !isOpen {
      isOpen = true
      readiness.started(at: context.now.uptime, readyDelay: behaviour.readyDelay)
    }
    check(context, &readiness)
    return [server.nextDue, readiness.nextProbe].compactMap { $0 }.min()
  }

  private mutating func check(_ context: PodContext, _ readiness: inout Readiness) {
    if let outcome = probe?.outcome {
      probe = nil
      let passed = Self.passes(outcome)
      if !passed { context.warning("Unhealthy", "Readiness probe failed: \(Self.words(outcome))") }
      readiness.probed(passed: passed, at: context.now.uptime)
    }
    guard probe == nil, let due = readiness.nextProbe, due <= context.now.uptime else { return }
    switch readiness.check {
    case .none: readiness.probed(passed: !behaviour.neverReady && !behaviour.crashloop, at: context.now.uptime)
    case .tcp where behaviour.neverReady || behaviour.crashloop: readiness.probed(passed: false, at: context.now.uptime)
    case .tcp(let port): begin(context, &readiness, port: port, path: nil)
    case .http(let path, let port): begin(context, &readiness, port: port, path: path)
    }
  }

  private mutating func begin(_ context: PodContext, _ readiness: inout Readiness, port: Int, path: String?) {
    readiness.probing()
    probe = context.exchange(with: address, port: port, path: path, userAgent: "kube-probe/1.36", limit: readiness.timeout)
  }

  private static func passes(_ outcome: HTTPExchange.Outcome) -> Bool {
    if case .status(let status, _) = outcome { status == 0 || (200..<400).contains(status) } else { false }
  }

  private static func words(_ outcome: HTTPExchange.Outcome) -> String {
    switch outcome {
    case .status(let status, _): "HTTP probe failed with statuscode: \(status)"
    case .failed(let reason): reason
    }
  }
}

/// A container that works until it is done.
struct WorkingRun {
  private enum Step {
    case wait(until: Duration, code: Int, says: String?)
    case check(HTTPExchange, left: Int)
    case over(code: Int)
  }

  private let command: JobCommand
  /// When it started, as the status says.
  let since: String
  private var step: Step
  /// How it ended, if it has.
  private(set) var exit: ContainerExit?

  private static let checkLimit = Duration.seconds(5)

  init(_ command: JobCommand, _ context: PodContext) {
    self.command = command
    since = context.now.timestamp
    switch command {
    case .wait(let duration, let code, let says): step = .wait(until: context.now.uptime + duration, code: code, says: says)
    case .check(let url, _, let times): step = Self.check(url, left: times, context)
    }
  }

  /// Does what is due; answers when something is due next.
  mutating func advance(_ context: PodContext) -> Duration? {
    while exit == nil {
      switch step {
      case .wait(let until, let code, let says):
        guard until <= context.now.uptime else { return until }
        if let says { context.log.say(says) }
        step = .over(code: code)
      case .check(let exchange, let left):
        guard let outcome = exchange.outcome else { return nil }
        step = judge(outcome, left: left, context)
      case .over(let code):
        context.log.say("exit \(code)")
        exit = ContainerExit(code: code, reason: code == 0 ? "Completed" : "Error")
      }
    }
    return nil
  }

  private static func check(_ url: String, left: Int, _ context: PodContext) -> Step {
    guard let target = JobCommand.target(of: url), let address = context.resolve(target.host) else {
      context.log.say("GET \(url): no such host")
      return .over(code: 1)
    }
    let exchange = context.exchange(
      with: address, port: target.port, path: target.path, userAgent: "smoke-check", limit: Self.checkLimit)
    return .check(exchange, left: left)
  }

  private func judge(_ outcome: HTTPExchange.Outcome, left: Int, _ context: PodContext) -> Step {
    guard case .check(let url, let expected, _) = command else { return .over(code: 1) }
    switch outcome {
    case .failed(let reason):
      context.log.say("GET \(url): \(reason)")
      return .over(code: 1)
    case .status(let status, let body):
      context.log.say("GET \(url): \(status) \(body)")
      guard status == expected else { return .over(code: 1) }
      return left > 1 ? Self.check(url, left: left - 1, context) : .over(code: 0)
    }
  }
}
