import Synchronization

/// The credential that a plugin told last, shared by all calls of a client: however many need one, one process is asked.
final class PluginCredentials: Sendable {
  /// A credential and which one it is: the number rises with each that is told.
  struct Numbered: Sendable {
    var credential: ExecCredential
    var number: Int
  }

  private typealias Answer = Result<Numbered, ExecPluginError>

  private struct State {
    var known: Numbered?
    /// The number of the last credential that was told, whether it is still known or not.
    var lastNumber = 0
    var isAsking = false
    /// Whoever waits for the run that is under way.
    var waiting: [Int: CheckedContinuation<Answer, Never>] = [:]
    var nextWaiter = 0

    /// The credential at hand. One that was refused is none for anybody any more, whatever becomes of the run for another.
    mutating func usable(_ refused: Int?, _ now: Double?) -> Numbered? {
      if let known, known.number == refused { self.known = nil }
      return known.flatMap { $0.credential.hasExpired(at: now) ? nil : $0 }
    }
  }

  private let plugin: ExecPlugin
  private let now: @Sendable () -> Double?
  private let state = Mutex(State())

  /// - Parameter now: the server's time in seconds since 1970, since it is the server that will refuse what has expired; nil while it has not answered.
  init(_ plugin: ExecPlugin, now: @escaping @Sendable () -> Double?) {
    self.plugin = plugin
    self.now = now
  }

  /// The credential at hand, or one that the plugin is asked for: where there is none, and where the one at hand has expired or is the one
  /// that was refused.
  /// - Parameter refused: the number of the credential that the server did not accept.
  func current(refused: Int? = nil, within limit: Duration) async throws(ExecPluginError) -> Numbered {
    if let known = usable(refused) { return known }
    let answer = await withTaskGroup(of: Answer.self) { group in
      group.addTask { await self.told(refused) }
      group.addTask {
        do { try await Task.sleep(for: limit) } catch { return .failure(ExecPluginError(kind: .cancelled, description: "cancelled")) }
        return .failure(
          ExecPluginError(kind: .timedOut, description: "\(self.plugin) gave no credentials within the call's limit; \(self.plugin.trial)"))
      }
      defer { group.cancelAll() }
      return await group.next() ?? .failure(ExecPluginError(kind: .cancelled, description: "cancelled"))
    }
    return try answer.get()
  }

  private func usable(_ refused: Int?) -> Numbered? { state.withLock { $0.usable(refused, now()) } }

  /// Waits for a run, which is begun where none is under way.
  private func told(_ refused: Int?) async -> Answer {
    let waiter = state.withLock { state in
      state.nextWaiter += 1
      return state.nextWaiter
    }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let (answer, begins) = state.withLock { state -> (Answer?, Bool) in
          // A cancellation that came first found nobody to wake.
          if Task.isCancelled { return (.failure(ExecPluginError(kind: .cancelled, description: "cancelled")), false) }
          if let known = state.usable(refused, now()) { return (.success(known), false) }
          state.waiting[waiter] = continuation
          defer { state.isAsking = true }
          return (nil, !state.isAsking)
        }
        if let answer { continuation.resume(returning: answer) }
        if begins { plugin.run { self.take($0) } }
      }
    } onCancel: {
      let continuation = state.withLock { $0.waiting.removeValue(forKey: waiter) }
      continuation?.resume(returning: .failure(ExecPluginError(kind: .cancelled, description: "cancelled")))
    }
  }

  private func take(_ result: Result<ExecCredential, ExecPluginError>) {
    let (answer, waiting) = state.withLock { state -> (Answer, [CheckedContinuation<Answer, Never>]) in
      let answer = result.map { Numbered(credential: $0, number: state.lastNumber + 1) }
      if case .success(let told) = answer { (state.known, state.lastNumber) = (told, told.number) }
      defer { (state.waiting, state.isAsking) = ([:], false) }
      return (answer, Array(state.waiting.values))
    }
    for continuation in waiting { continuation.resume(returning: answer) }
  }
}
