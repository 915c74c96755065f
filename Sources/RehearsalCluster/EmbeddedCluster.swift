import KubernetesModel
import NIOCore
import NIOPosix
import Synchronization

/// An embedded Kubernetes cluster: API, controllers, pods and Services in this process, on loopback.
///
/// ``run(_:)`` serves for as long as its body takes; nothing is left behind after it.
package struct EmbeddedCluster: Sendable {
  package struct Configuration: Sendable {
    /// The API's port; 0 for any that is free.
    package var port = 0
    package var users = ClusterUsers()
    package var plane = ControlPlane.Settings()
    package var clock = ClusterClock.system
    package var interceptor: any RequestInterceptor = NoInterception()
    /// Hears of every request; nil for nobody.
    package var audit: AuditSink?

    package init() {}
  }

  /// `http://127.0.0.1:PORT`
  package let server: String
  package let store: ObjectStore
  /// What new connections went where.
  package let forwarder: ServiceForwarder

  /// A kubeconfig in JSON, which is YAML too.
  package var kubeconfig: String {
    let document: JSON = [
      "apiVersion": "v1", "kind": "Config", "current-context": "rehearsal",
      "clusters": [["name": "rehearsal", "cluster": ["server": .string(server)]]], "users": [["name": "rehearsal", "user": [:]]],
      "contexts": [["name": "rehearsal", "context": ["cluster": "rehearsal", "user": "rehearsal"]]],
    ]
    return document.text
  }

  /// Serves a cluster while the body runs.
  package static func run<Value: Sendable>(
    _ configuration: Configuration = Configuration(), _ body: @escaping @Sendable (EmbeddedCluster) async throws -> Value
  ) async throws -> Value {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    let claim = try await AddressClaim.first(group: group)
    let store = ObjectStore(clock: configuration.clock, plan: claim.plan, seed: configuration.plane.seed)
    let bell = Bell()
    let plane = ControlPlane(configuration.plane, plan: claim.plan, group: group, clock: configuration.clock, wake: { bell.ring() })
    let handler = APIHandler(store: store, users: configuration.users, pods: plane.pods, audit: configuration.audit)
    let server = try await APIServer.start(handler, interceptor: configuration.interceptor, port: configuration.port, group: group)
    let cluster = EmbeddedCluster(server: "http://127.0.0.1:\(server.port)", store: store, forwarder: plane.forwarder)
    let loop = ControlLoop(store: store, bell: bell, clock: configuration.clock)
    let result: Result<Value, any Error>
    do {
      result = .success(try await serving(loop, plane, bell) { try await body(cluster) })
    } catch {
      result = .failure(error)
    }
    await server.stop()
    await claim.release()
    try? await group.shutdownGracefully()
    return try result.get()
  }

  /// Runs the control loop beside the body, and ends it with the body.
  private static func serving<Value: Sendable>(
    _ loop: ControlLoop, _ plane: sending ControlPlane, _ bell: Bell, _ body: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    async let loops: Void = loop.run(plane)
    let result: Result<Value, any Error>
    do {
      result = .success(try await body())
    } catch {
      result = .failure(error)
    }
    bell.close()
    await loops
    return try result.get()
  }
}

/// Wakes the control loop: rung by every change of an object and by pods that have something to report.
final class Bell: Sendable {
  private struct State {
    var isRung = false
    var isClosed = false
    var sleeper: CheckedContinuation<Void, Never>?
  }

  private let state = Mutex(State())

  func ring() {
    let sleeper = state.withLock { state in
      state.isRung = true
      defer { state.sleeper = nil }
      return state.sleeper
    }
    sleeper?.resume()
  }

  /// Rings for the last time.
  func close() {
    state.withLock { $0.isClosed = true }
    ring()
  }

  var isClosed: Bool { state.withLock { $0.isClosed } }

  /// Waits for the next ring; returns at once if there was one since the last wait.
  func wait() async {
    await withCheckedContinuation { continuation in
      let isRung = state.withLock { state in
        if state.isRung { return true }
        state.sleeper = continuation
        return false
      }
      if isRung { continuation.resume() }
    }
    state.withLock { $0.isRung = false }
  }
}

/// Ticks the control plane whenever something changed or is due.
struct ControlLoop {
  let store: ObjectStore
  let bell: Bell
  let clock: ClusterClock

  func run(_ plane: sending ControlPlane) async {
    var plane = plane
    let listener = store.listen { bell.ring() }
    while !bell.isClosed && !Task.isCancelled {
      let before = store.version
      let due = plane.tick(store, now: clock.now())
      // Controllers see one another's writes in the next round.
      guard store.version == before else { continue }
      await wait(until: due)
    }
    store.unlisten(listener)
    await plane.shutdown()
  }

  private func wait(until due: Duration?) async {
    let span = due.map { max(.milliseconds(1), $0 - clock.now().uptime) } ?? .seconds(3600)
    await withTaskGroup(of: Void.self) { tasks in
      tasks.addTask { await bell.wait() }
      tasks.addTask {
        // A sleep that was cut short must not ring, or the loop would never rest.
        guard (try? await Task.sleep(for: span)) != nil else { return }
        bell.ring()
      }
      await tasks.next()
      tasks.cancelAll()
    }
  }
}
