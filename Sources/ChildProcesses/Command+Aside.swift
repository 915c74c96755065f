extension Command {
  /// Runs the command on a thread of its own (``runOnOwnThread(input:limits:until:then:)``): the task that asks waits without blocking the pool.
  ///
  /// A cancelled task waits for it all the same, for as long as the limit says at the worst.
  package func runAside(
    input: [UInt8] = [], limits: Limits = Limits(), within limit: Duration
  ) async throws(ChildProcessError) -> Completion {
    let result: Result<Completion, ChildProcessError> = await withCheckedContinuation { continuation in
      runOnOwnThread(input: input, limits: limits, until: .now + limit) { continuation.resume(returning: $0) }
    }
    return try result.get()
  }
}
