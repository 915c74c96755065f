import Synchronization

/// The bound of one operation: a deadline and the cancellation of the task that asked.
///
/// Whatever blocks looks at it at least every ``slice``, since neither libgit2 nor a child process can be interrupted from outside.
final class Limit: Sendable {
  /// The longest time between two looks at the limit, in milliseconds.
  static let slice = 50

  let deadline: ContinuousClock.Instant
  private let cancelled = Atomic<Bool>(false)

  init(deadline: ContinuousClock.Instant) { self.deadline = deadline }

  /// Called from the task's cancellation handler, on any thread.
  func cancel() { cancelled.store(true, ordering: .relaxed) }

  /// Whether the work must stop, and as what.
  var reached: GitError.Kind? {
    if cancelled.load(ordering: .relaxed) { return .cancelled }
    return ContinuousClock.now >= deadline ? .timedOut : nil
  }

  /// Throws once the limit is reached.
  func check(_ attempted: String, on subject: String) throws(GitError) {
    if let kind = reached { throw GitError(kind, attempted, on: subject) }
  }

  /// How long a blocking call may wait before it looks again, in milliseconds; at least one.
  var wait: Int {
    let left = deadline - ContinuousClock.now
    return max(1, min(Self.slice, Int(left / .milliseconds(1))))
  }
}
