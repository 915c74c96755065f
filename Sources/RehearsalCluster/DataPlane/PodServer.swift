import Glibc
package import NIOCore
import NIOPosix
import Synchronization

/// One run of a pod's containers: a real HTTP server on the pod's own address, from its start to its exit.
///
/// What it answers is decided by ``PodTraffic``; this class owns the sockets. A server is used once: a restarted container is a new one.
package final class PodServer: Sendable {
  /// Everything that a run is made from.
  package struct Configuration: Sendable {
    /// The pod's name, as the answers report it.
    package var pod: String
    package var behaviour: PodBehaviour
    /// What `/env` shows.
    package var environment: [String: String]
    /// Paths that answer by health besides `/healthz`, `/readyz`, `/livez`, `/health` and `/ready`.
    package var probePaths: Set<String>
    /// Decides which requests fail.
    package var seed: UInt64

    package init(
      pod: String, behaviour: PodBehaviour, environment: [String: String] = [:], probePaths: Set<String> = [], seed: UInt64
    ) {
      self.pod = pod
      self.behaviour = behaviour
      self.environment = environment
      self.probePaths = probePaths
      self.seed = seed
    }
  }

  /// How far opening the ports has come.
  package enum Listening: Sendable, Hashable {
    case opening
    case open
    case closed
    case failed(String)
  }

  private struct State {
    var traffic: PodTraffic
    var listening = Listening.opening
    var listeners: [any Channel] = []
    var connections: [ObjectIdentifier: Connection] = [:]
    var isDraining = false

    /// The listeners, which are no longer the server's.
    mutating func closeListeners() -> [any Channel] {
      defer { listeners = [] }
      if listening == .opening || listening == .open { listening = .closed }
      return listeners
    }
  }

  private struct Connection {
    /// Between two requests a connection is idle; before its first one it is not, since that request may be on its way.
    enum Phase { case fresh, answering, idle }

    var channel: any Channel
    var phase = Phase.fresh
  }

  private let state: Mutex<State>
  private let responses: PodResponses
  private let clock: ClusterClock
  private let group: any EventLoopGroup
  private let log: PodLog
  private let behaviour: PodBehaviour
  private let wake: @Sendable () -> Void

  /// - Parameter wake: called whenever something changed that the pod's keeper wants to know: the ports are open, the container ended, the
  ///   last connection went.
  package init(
    _ configuration: Configuration, clock: ClusterClock, group: any EventLoopGroup, log: PodLog, wake: @escaping @Sendable () -> Void
  ) {
    state = Mutex(
      State(
        traffic: PodTraffic(
          behaviour: configuration.behaviour, probePaths: configuration.probePaths, started: clock.now().uptime, seed: configuration.seed)))
    responses = PodResponses(configuration)
    behaviour = configuration.behaviour
    self.clock = clock
    self.group = group
    self.log = log
    self.wake = wake
  }

  /// Whether the ports are open.
  package var listening: Listening { state.withLock { $0.listening } }
  /// How the container ended, if it has.
  package var exit: ContainerExit? { state.withLock { $0.traffic.exit } }
  /// The uptime at which something happens by itself; nil when nothing will.
  package var nextDue: Duration? { state.withLock { $0.traffic.nextDue } }
  /// How many connections are open, and how many of them wait for an answer.
  package var connections: (open: Int, busy: Int) {
    state.withLock { ($0.connections.count, $0.connections.values.count { $0.phase == .answering }) }
  }

  /// Lets time pass: the container may go bad or end by itself.
  package func advance() {
    decide { traffic, now in traffic.advance(to: now) }
  }

  /// Starts to open the ports; `listening` tells what came of it.
  ///
  /// A restarted container has the address of the one before, whose sockets close in their own time: for a moment they are waited for.
  package func listen(address: String, ports: [Int]) { bind(address, ports, attempts: 300) }

  private static let pauseBetweenBinds = TimeAmount.milliseconds(10)

  private func bind(_ address: String, _ ports: [Int], attempts: Int) {
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 1024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelOption(.allowRemoteHalfClosure, value: true)
      .childChannelInitializer { [self] channel in
        channel.eventLoop.makeCompletedFuture {
          let decoder = ByteToMessageHandler(makeRequestDecoder())
          try channel.pipeline.syncOperations.addHandlers([decoder, PodConnection(server: self)])
        }
      }
    let opening = ports.map { bootstrap.bind(host: address, port: $0) }
    let loop = group.any()
    EventLoopFuture.whenAllComplete(opening, on: loop).whenSuccess { [self] results in
      guard attempts > 1, listening == .opening, results.contains(where: Self.isInUse) else {
        return opened(results, on: address, ports: ports)
      }
      for case .success(let channel) in results { channel.close(promise: nil) }
      loop.scheduleTask(in: Self.pauseBetweenBinds) { self.bind(address, ports, attempts: attempts - 1) }
    }
  }

  private static func isInUse(_ result: Result<any Channel, any Error>) -> Bool {
    if case .failure(let error as IOError) = result { error.errnoCode == EADDRINUSE } else { false }
  }

  private func opened(_ results: [Result<any Channel, any Error>], on address: String, ports: [Int]) {
    let channels = results.compactMap { try? $0.get() }
    let failure = results.lazy.compactMap { result in if case .failure(let error) = result { "\(error)" } else { nil } }.first
    // Said before it is so: who waits for the one finds the other.
    log.say(failure.map { "cannot listen on \(address), ports \(ports): \($0)" } ?? "listening on \(address), ports \(ports)")
    let unwanted = state.withLock { state -> [any Channel] in
      guard failure == nil, state.listening == .opening else {
        state.listening = failure.map { .failed($0) } ?? .closed
        return channels
      }
      state.listening = .open
      state.listeners = channels
      return []
    }
    for channel in unwanted { channel.close(promise: nil) }
    wake()
  }

  /// What SIGTERM does at once: probes are answered with 503, everything else as before.
  package func beginTermination() {
    log.say("SIGTERM")
    state.withLock { $0.traffic.isTerminating = true }
  }

  /// Accepts nothing more, closes idle connections and lets requests in flight finish, as good servers do.
  package func drain() {
    let closing = state.withLock { state in
      state.isDraining = true
      return state.closeListeners() + state.connections.values.filter { $0.phase == .idle }.map(\.channel)
    }
    for channel in closing { channel.close(promise: nil) }
  }

  /// Ends at once: ports close, and connections that are still open are reset.
  package func kill() {
    let (listeners, connections) = state.withLock { state in
      state.isDraining = true
      return (state.closeListeners(), state.connections.values.map(\.channel))
    }
    for channel in listeners { channel.close(promise: nil) }
    for channel in connections { channel.reset() }
  }

  /// Runs a decision and says in the log what came of it.
  @discardableResult
  private func decide<Result: Sendable>(_ decision: (inout PodTraffic, Duration) -> Result) -> Result {
    let now = clock.now().uptime
    let (result, beganBad, ended, counts) = state.withLock { state in
      let wasBad = state.traffic.faultsBegan
      let hadEnded = state.traffic.exit != nil
      let counts = (all: state.traffic.requests, real: state.traffic.realRequests)
      let result = decision(&state.traffic, now)
      let beganBad = state.traffic.faultsBegan && !wasBad
      return (result, beganBad, hadEnded ? nil : state.traffic.exit, counts)
    }
    if beganBad && behaviour.hasFaults { log.say("faults begin after \(counts.all) requests, \(counts.real) of them real") }
    if let ended {
      log.say("exit \(ended.code) (\(ended.reason))")
      wake()
    }
    return result
  }
}

// What a connection asks of its server.
extension PodServer {
  func connected(_ channel: any Channel) {
    state.withLock { $0.connections[ObjectIdentifier(channel)] = Connection(channel: channel) }
  }

  func disconnected(_ channel: any Channel) {
    let isLast = state.withLock { state in
      state.connections[ObjectIdentifier(channel)] = nil
      return state.isDraining && state.connections.isEmpty
    }
    if isLast { wake() }
  }

  func began(_ channel: any Channel) {
    state.withLock { $0.connections[ObjectIdentifier(channel)]?.phase = .answering }
  }

  /// Notes that a request was answered; answers whether the connection may live on.
  func finished(_ channel: any Channel) -> Bool {
    state.withLock { state in
      state.connections[ObjectIdentifier(channel)]?.phase = .idle
      return !state.isDraining
    }
  }

  var isDraining: Bool { state.withLock { $0.isDraining } }

  func answer(_ request: PodTraffic.Request) -> PodTraffic.Answer {
    let answer = decide { traffic, now in traffic.answer(request, at: now) }
    if case .identity(let status, _) = answer, status >= 500, !request.userAgent.hasPrefix("kube-probe/") {
      log.say("\(status) \(request.path)")
    }
    return answer
  }

  func response(to answer: PodTraffic.Answer, keepsAlive: Bool, isHead: Bool) -> ByteBuffer {
    switch answer {
    case .identity(let status, _): responses.identity(status: status, keepsAlive: keepsAlive, isHead: isHead)
    case .environment: responses.environment(keepsAlive: keepsAlive, isHead: isHead)
    case .metrics: responses.metrics(state.withLock { $0.traffic.metrics }, keepsAlive: keepsAlive, isHead: isHead)
    case .reset: ByteBuffer()
    }
  }
}
