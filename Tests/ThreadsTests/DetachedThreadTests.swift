import Glibc
import Synchronization
import Testing

@testable import Threads

/// A thread of its own for what blocks.
@Suite struct DetachedThreadTests {
  /// What a body was run with.
  private struct Run: Sendable {
    var thread: pthread_t
    var blocksTermination: Bool
  }

  private static func blocksTermination() -> Bool {
    var mask = sigset_t()
    unsafe pthread_sigmask(SIG_SETMASK, nil, &mask)
    return unsafe sigismember(&mask, SIGTERM) == 1
  }

  @Test func `a body runs once, on another thread, on which no signal is handled; the mask here stays as it was`() async {
    let before = Self.blocksTermination()
    let count = Mutex(0)
    let run: Run? = await withCheckedContinuation { continuation in
      let result = DetachedThread.start {
        count.withLock { $0 += 1 }
        continuation.resume(returning: Run(thread: pthread_self(), blocksTermination: Self.blocksTermination()))
      }
      #expect(result == 0)
      #expect(Self.blocksTermination() == before)
    }
    #expect(run?.blocksTermination == true)
    let here = pthread_self()
    #expect(run.map { $0.thread != here } == true)
    #expect(count.withLock { $0 } == 1)
  }

  @Test func `what a body holds is let go of when it has ended`() async {
    final class Held: Sendable {
      let gone: @Sendable () -> Void
      init(_ gone: @escaping @Sendable () -> Void) { self.gone = gone }
      deinit { gone() }
    }
    await withCheckedContinuation { continuation in
      let held = Held { continuation.resume() }
      let result = DetachedThread.start { withExtendedLifetime(held) {} }
      #expect(result == 0)
    }
  }
}
