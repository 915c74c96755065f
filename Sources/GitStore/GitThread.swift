import Glibc
import Synchronization
import Threads

/// An executor with one thread of its own, for a library whose calls block and whose errors are kept per thread.
///
/// The thread waits in `sem_wait`, so an idle executor costs nothing; it ends after the executor is gone.
final class GitThread: SerialExecutor {
  /// One piece of work with its executor, which must live until the work is done.
  private struct Work: Sendable {
    let job: UnownedJob
    let executor: GitThread
  }

  /// What the thread and the executor share; it outlives both.
  @safe private final class Inbox: Sendable {
    let works = Mutex<(queue: [Work], closed: Bool)>(([], false))
    // A semaphore must not move, hence the allocation; it is valid until deinit, and sem_* may be called from any thread.
    nonisolated(unsafe) let signal: UnsafeMutablePointer<sem_t>

    init() {
      unsafe signal = .allocate(capacity: 1)
      unsafe sem_init(signal, 0, 0)
    }

    deinit {
      unsafe sem_destroy(signal)
      unsafe signal.deallocate()
    }

    func add(_ work: Work) {
      works.withLock { $0.queue.append(work) }
      unsafe sem_post(signal)
    }

    func close() {
      works.withLock { $0.closed = true }
      unsafe sem_post(signal)
    }

    /// Waits for work; nil once closed and empty.
    func next() -> Work? {
      while true {
        unsafe sem_wait(signal)
        let (work, closed) = works.withLock { ($0.queue.isEmpty ? nil : $0.queue.removeFirst(), $0.closed) }
        if let work { return work }
        if closed { return nil }
      }
    }
  }

  private let inbox: Inbox

  /// Starts the thread; throws `GitError.storage` where the system gives none.
  init() throws(GitError) {
    inbox = Inbox()
    let result = DetachedThread.start { [inbox] in Self.work(off: inbox) }
    guard result == 0 else { throw GitError(.storage, "start", on: "the Git thread", cause: "pthread_create: error \(result)") }
  }

  deinit { inbox.close() }

  func enqueue(_ job: consuming ExecutorJob) {
    inbox.add(Work(job: UnownedJob(job), executor: self))
  }

  private static func work(off inbox: Inbox) {
    while let work = inbox.next() {
      unsafe work.job.runSynchronously(on: work.executor.asUnownedSerialExecutor())
    }
  }
}
