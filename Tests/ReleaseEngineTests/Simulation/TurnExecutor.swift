import Synchronization

/// Runs tasks one after another on the thread that drains it, in the order in which they became ready: what hops between no threads is the
/// same each time, and fast.
final class TurnExecutor: TaskExecutor {
  private let jobs = Mutex<[UnownedJob]>([])

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    jobs.withLock { $0.append(job) }
  }

  /// Runs what is ready, and what that makes ready, until nothing is.
  func drain() {
    while let job = jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
      job.runSynchronously(on: asUnownedTaskExecutor())
    }
  }

  /// Does something that waits for nothing from outside, to its end.
  static func finish<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) -> Value {
    let executor = TurnExecutor()
    let result = Slot<Value>()
    Task(executorPreference: executor) { result.set(await body()) }
    executor.drain()
    guard let value = result.value else { preconditionFailure("it waits for something that never comes") }
    return value
  }
}

/// A place for one value.
private final class Slot<Value: Sendable>: Sendable {
  private let kept = Mutex<Value?>(nil)

  var value: Value? { kept.withLock { $0 } }

  func set(_ value: Value) { kept.withLock { $0 = value } }
}
