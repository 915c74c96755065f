import Glibc

extension Command {
  /// Runs the command as ``run(input:limits:until:)`` does, on a thread of its own: the task that asks waits without blocking the pool.
  ///
  /// The thread ends with the command. A cancelled task waits for it all the same, for as long as the limit says at the worst.
  package func runAside(
    input: [UInt8] = [], limits: Limits = Limits(), within limit: Duration
  ) async throws(ChildProcessError) -> Completion {
    let deadline = ContinuousClock.now + limit
    let result: Result<Completion, ChildProcessError> = await withCheckedContinuation { continuation in
      let work = AsideWork {
        let result = Result { () throws(ChildProcessError) in try run(input: input, limits: limits, until: deadline) }
        continuation.resume(returning: result)
      }
      if !work.start() {
        continuation.resume(returning: .failure(ChildProcessError(.notStarted, program: program, cause: "no thread is left")))
      }
    }
    return try result.get()
  }
}

/// Something that blocks, on a thread of its own.
private final class AsideWork: Sendable {
  private let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) { self.body = body }

  /// False where the system gives no thread.
  func start() -> Bool {
    var thread = pthread_t()
    let argument = unsafe Unmanaged.passRetained(self).toOpaque()
    let result = unsafe pthread_create(&thread, nil, { unsafe AsideWork.main($0) }, argument)
    guard result == 0 else {
      unsafe Unmanaged<AsideWork>.fromOpaque(argument).release()
      return false
    }
    pthread_detach(thread)
    return true
  }

  private static func main(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument = unsafe argument else { return nil }
    unsafe Unmanaged<AsideWork>.fromOpaque(argument).takeRetainedValue().body()
    return nil
  }
}
