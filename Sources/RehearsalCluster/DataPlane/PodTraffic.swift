/// Why and how a container ended.
package struct ContainerExit: Sendable, Hashable {
  /// 0 for success, 137 when it was killed.
  package var code: Int
  /// As in a container's status: `Completed`, `Error` or `OOMKilled`.
  package var reason: String
}

/// What an app decides about each request: a value that counts, goes bad when told to, and knows no sockets.
struct PodTraffic {
  /// What matters of a request.
  struct Request {
    var path: Substring
    var userAgent: String
    var isMarkedSmoke: Bool
  }

  /// What becomes of a request.
  enum Answer: Equatable {
    case identity(status: Int, after: Duration)
    case environment
    case metrics
    case reset(after: Duration)
  }

  private let behaviour: PodBehaviour
  private let probePaths: Set<String>
  private let started: Duration
  private var generator: SeededGenerator
  private var smoke: SmokeAgents
  private var advancedTo: Duration
  private(set) var requests = 0
  private(set) var realRequests = 0
  private(set) var counts: [Int: Int] = [:]
  private(set) var faultsBegan = false
  /// Set once, by whatever ended the container first.
  private(set) var exit: ContainerExit?
  /// Whether SIGTERM was sent; the app says 503 to probes from then on.
  var isTerminating = false

  static let everyAppsProbePaths: Set<String> = ["/healthz", "/readyz", "/livez", "/health", "/ready"]
  private static let crashloopDelay = Duration.milliseconds(300)

  /// - Parameters:
  ///   - probePaths: paths that answer by health besides those of every app.
  ///   - started: the uptime at which the container started.
  init(behaviour: PodBehaviour, probePaths: Set<String>, started: Duration, seed: UInt64) {
    self.behaviour = behaviour
    self.probePaths = Self.everyAppsProbePaths.union(probePaths)
    self.started = started
    advancedTo = started - .nanoseconds(1)
    generator = SeededGenerator(seed: seed)
    smoke = SmokeAgents(pattern: behaviour.smokeAgent)
  }

  /// When something happens by itself, as an uptime; nil when nothing will.
  var nextDue: Duration? {
    guard exit == nil else { return nil }
    let badAt = faultsBegan || advancedTo >= started + behaviour.badAfter ? nil : started + behaviour.badAfter
    let crashAt = behaviour.crashloop ? started + Self.crashloopDelay : nil
    return [badAt, crashAt, behaviour.oomAfter.map { started + $0 }].compactMap { $0 }.min()
  }

  /// Lets time pass: the container may go bad or end by itself.
  mutating func advance(to now: Duration) {
    advancedTo = max(now, advancedTo)
    if behaviour.crashloop && now >= started + Self.crashloopDelay { leave(code: behaviour.exitCode, reason: "Error") }
    if let oomAfter = behaviour.oomAfter, now >= started + oomAfter { leave(code: 137, reason: "OOMKilled") }
    _ = isBad(at: now)
  }

  /// Ends the container, unless it has ended.
  mutating func leave(code: Int, reason: String) {
    guard exit == nil else { return }
    exit = ContainerExit(code: code, reason: reason)
  }

  /// Decides about a request and counts it; a status of 0 in `counts` stands for resets.
  mutating func answer(_ request: Request, at now: Duration) -> Answer {
    if probePaths.contains(String(request.path)) || request.userAgent.hasPrefix("kube-probe/") {
      return .identity(status: isHealthy(at: now) ? 200 : 503, after: .zero)
    }
    switch request.path {
    case "/env": return .environment
    case "/metrics": return .metrics
    default: return serve(request, at: now)
    }
  }

  private mutating func serve(_ request: Request, at now: Duration) -> Answer {
    let bad = isBad(at: now)
    requests += 1
    if !request.isMarkedSmoke && !smoke.match(request.userAgent) { realRequests += 1 }
    let delay = bad ? behaviour.latency : .zero
    if bad && happens(behaviour.errorRate) { return count(behaviour.errorStatus, .identity(status: behaviour.errorStatus, after: delay)) }
    if bad && happens(behaviour.resetRate) { return count(0, .reset(after: delay)) }
    return count(200, .identity(status: 200, after: delay))
  }

  private mutating func count(_ status: Int, _ answer: Answer) -> Answer {
    counts[status, default: 0] += 1
    return answer
  }

  private mutating func happens(_ share: Double) -> Bool {
    share > 0 && Double.random(in: 0..<1, using: &generator) < share
  }

  private mutating func isHealthy(at now: Duration) -> Bool {
    if now - started < behaviour.readyDelay || isTerminating || behaviour.neverReady || behaviour.crashloop { return false }
    return !(isBad(at: now) && behaviour.unready)
  }

  /// Whether the faults have begun.
  private mutating func isBad(at now: Duration) -> Bool {
    if faultsBegan { return true }
    guard now - started >= behaviour.badAfter, requests >= behaviour.badAfterRequests, realRequests >= behaviour.badAfterRealRequests
    else { return false }
    faultsBegan = true
    if behaviour.crash { leave(code: behaviour.exitCode, reason: "Error") }
    return true
  }

  /// The counts in Prometheus' text format.
  var metrics: String {
    let lines = counts.sorted { $0.key < $1.key }.map { "http_requests_total{code=\"\($0.key)\"} \($0.value)\n" }
    return "# TYPE http_requests_total counter\n" + lines.joined()
  }
}

/// Which User-Agents are smoke tests; remembers what it found, since clients repeat themselves and expressions are slow.
private struct SmokeAgents {
  private let expression: Regex<AnyRegexOutput>?
  private var known: [String: Bool] = [:]

  init(pattern: String) {
    expression = try? Regex(pattern)
  }

  mutating func match(_ userAgent: String) -> Bool {
    if let found = known[userAgent] { return found }
    let found = expression.map { userAgent.firstMatch(of: $0) != nil } ?? false
    if known.count >= 256 { known.removeAll() }
    known[userAgent] = found
    return found
  }
}
