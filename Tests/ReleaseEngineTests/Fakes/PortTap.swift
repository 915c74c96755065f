import ReleaseEngine
import Synchronization

/// Every call to a port passes here: it is counted, it can be made to fail before or after it took effect, and a test can act in its midst.
///
/// A call is named by its port, its method and how often that method was called since the tap was armed, so that the same call is found again
/// in another run of the same world although services and checks advance side by side.
final class PortTap: Sendable {
  struct Call: Sendable, Hashable, CustomStringConvertible {
    var name: String
    /// From 1.
    var occurrence: Int

    var description: String { "\(name)#\(occurrence)" }

    /// Whether it changes anything, so that its effect and its answer are two things.
    var isWrite: Bool { PortTap.isWrite(name) }
  }

  static func isWrite(_ name: String) -> Bool {
    let writes = [
      "services.change", "services.preview", "environments.", "runners.hand", "standbyPods.", "state.save.", "leases.", "audit.append",
      "notifier.",
    ]
    return writes.contains(where: name.hasPrefix)
  }

  /// What goes wrong at a call.
  enum Fault: String, Sendable, CaseIterable {
    /// The process is killed before the call took effect; no later call of it does anything.
    case killedBefore
    /// The process is killed after the call took effect.
    case killedAfter
    /// Nobody answers this one call; it had no effect.
    case unreachable
    /// The call took effect and its answer is lost.
    case lostAnswer
  }

  private struct State {
    var counts: [String: Int] = [:]
    var log: [Call] = []
    var isDead = false
    var faults: [Call: Fault] = [:]
    var hooks: [Call: @Sendable () async -> Void] = [:]
    var outages: Set<String> = []
    var refusals: [String: PortError.Kind] = [:]
  }

  private let state = Mutex(State())
  private let landing = Mutex(false)

  /// Whether what is done now was sent long ago by somebody who got no answer.
  var isLanding: Bool { landing.withLock { $0 } }

  /// Does what was sent long ago.
  func land(_ body: () -> Void) {
    landing.withLock { $0 = true }
    body()
    landing.withLock { $0 = false }
  }

  /// The calls since the tap was armed, in the order in which they came.
  var log: [Call] { state.withLock { $0.log } }

  /// How many calls had a name.
  func count(_ name: String) -> Int { state.withLock { $0.counts[name] ?? 0 } }

  /// Begins to count anew; faults and hooks are forgotten.
  func arm(_ faults: [Call: Fault] = [:]) {
    state.withLock {
      let (outages, refusals) = ($0.outages, $0.refusals)
      $0 = State()
      $0.faults = faults
      ($0.outages, $0.refusals) = (outages, refusals)
    }
  }

  /// Does something right before a call, once.
  func before(_ name: String, _ occurrence: Int = 1, _ act: @escaping @Sendable () async -> Void) {
    state.withLock { $0.hooks[Call(name: name, occurrence: occurrence)] = act }
  }

  /// Whether the process was killed and no new one started.
  var isDead: Bool { state.withLock { $0.isDead } }

  /// A new process is started after the one that was killed.
  func revive() { state.withLock { $0.isDead = false } }

  /// All calls whose names begin so stay without an answer until told otherwise.
  func cut(_ prefix: String) { _ = state.withLock { $0.outages.insert(prefix) } }
  func restore(_ prefix: String) { _ = state.withLock { $0.outages.remove(prefix) } }

  /// All calls whose names begin so are refused until told otherwise, with nil.
  func refuse(_ prefix: String, _ kind: PortError.Kind?) { state.withLock { $0.refusals[prefix] = kind } }

  /// Lets a call pass, or fails it as the test wants. On a ``Stage`` it waits for its turn.
  func pass<Value: Sendable>(
    _ name: String, _ body: @escaping @Sendable () throws(PortError) -> Value
  ) async throws(PortError) -> Value {
    if let here = Stage.here { return try await here.stage.pass(name, as: here.process, body) }
    let (call, hook) = enter(name)
    await hook?()
    let fault = try admit(call)
    let value = try body()
    switch fault {
    case .killedAfter: throw dead(call)
    case .lostAnswer: throw PortError(.unknown, attempted: "\(call)", reason: "the answer was lost")
    case .killedBefore, .unreachable, nil: return value
    }
  }

  private func enter(_ name: String) -> (Call, (@Sendable () async -> Void)?) {
    state.withLock { state in
      state.counts[name, default: 0] += 1
      let call = Call(name: name, occurrence: state.counts[name] ?? 0)
      state.log.append(call)
      return (call, state.hooks.removeValue(forKey: call))
    }
  }

  /// What is to happen after the call took effect.
  private func admit(_ call: Call) throws(PortError) -> Fault? {
    let refusal = state.withLock { state in state.refusals.first { call.name.hasPrefix($0.key) }?.value }
    if let refusal { throw PortError(refusal, attempted: "\(call)", reason: "it is refused") }
    let (isDead, isCut, fault) = state.withLock { state in
      let fault = state.faults[call]
      let wasDead = state.isDead
      if fault == .killedBefore || fault == .killedAfter { state.isDead = true }
      return (wasDead || fault == .killedBefore, state.outages.contains(where: call.name.hasPrefix), fault)
    }
    if isDead { throw dead(call) }
    if isCut || fault == .unreachable { throw PortError(.unreachable, attempted: "\(call)", reason: "nobody answered") }
    return fault
  }

  private func dead(_ call: Call) -> PortError { PortError(.cancelled, attempted: "\(call)", reason: "the process was killed") }
}
