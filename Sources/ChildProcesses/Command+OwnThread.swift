import Threads

extension Command {
  /// Runs the command to its end as ``run(input:limits:until:)`` does, on a thread that is started for this run alone, for tasks, which may
  /// not block. The run ends at its deadline at the latest, whether anybody still waits for it or not.
  ///
  /// - Parameter then: is called once, on that thread; on the caller's where the system has no thread to give (`notStarted`).
  package func runOnOwnThread(
    input: [UInt8] = [], limits: Limits = Limits(), until deadline: ContinuousClock.Instant,
    then: @escaping @Sendable (Result<Completion, ChildProcessError>) -> Void
  ) {
    let status = DetachedThread.start {
      then(Result { () throws(ChildProcessError) in try run(input: input, limits: limits, until: deadline) })
    }
    guard status != 0 else { return }
    then(.failure(ChildProcessError(.notStarted, program: program, cause: "no thread: \(Descriptors.message(status))")))
  }

  /// The same for a task, which waits without blocking the pool; a cancelled one waits all the same, for as long as the limit says at the worst.
  package func runOnOwnThread(
    input: [UInt8] = [], limits: Limits = Limits(), within limit: Duration
  ) async throws(ChildProcessError) -> Completion {
    let result: Result<Completion, ChildProcessError> = await withCheckedContinuation { continuation in
      runOnOwnThread(input: input, limits: limits, until: .now + limit) { continuation.resume(returning: $0) }
    }
    return try result.get()
  }
}
