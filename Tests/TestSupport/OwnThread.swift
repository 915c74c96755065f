import Glibc
package import Testing

/// Runs what computes for long, or waits for processes, beside the few threads that all tests share, so that no other test's limit runs
/// out meanwhile.
package final class OwnThread: TaskExecutor {
  private final class Work: Sendable {
    let job: UnownedJob
    let executor: OwnThread

    init(_ job: UnownedJob, _ executor: OwnThread) { (self.job, self.executor) = (job, executor) }
  }

  package func enqueue(_ job: consuming ExecutorJob) {
    let work = Unmanaged.passRetained(Work(UnownedJob(job), self))
    var thread = pthread_t()
    let result = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        let work = Unmanaged<Work>.fromOpaque(context).takeRetainedValue()
        work.job.runSynchronously(on: work.executor.asUnownedTaskExecutor())
        return nil
      }, work.toOpaque())
    precondition(result == 0, "no thread for a test")
    pthread_detach(thread)
  }
}

/// Tests that run on threads of their own.
package struct OnOwnThread: TestTrait, SuiteTrait, TestScoping {
  package let isRecursive = true

  @concurrent package func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @concurrent @Sendable () async throws -> Void
  ) async throws {
    guard testCase != nil else { return try await function() }
    try await withTaskExecutorPreference(OwnThread()) { try await function() }
  }
}

extension Trait where Self == OnOwnThread {
  package static var onOwnThread: Self { Self() }
}
