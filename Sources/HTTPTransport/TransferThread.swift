import Synchronization
import Threads

/// libcurl's multi handle on a thread of its own. Everything that touches a transfer happens on that thread; callers leave orders in an
/// inbox and wake it.
final class TransferThread: Sendable {
  /// How many connections are kept when nothing uses them.
  static let keptConnections = 16
  /// The longest wait while transfers are under way: libcurl 7.88 now and then sleeps through an event. Also how exact idle limits are.
  static let longestWait: Int32 = 100

  /// A transfer on its way to the thread.
  struct Job: Sendable {
    let id: UInt64
    // Made on the caller's side, handed over once, and from then on touched by the thread alone.
    @safe nonisolated(unsafe) let transfer: Transfer
  }

  private enum Order: Sendable {
    case start(Job)
    case cancel(UInt64)
    case resume(UInt64)
    case stop
  }

  private struct Inbox {
    var orders: [Order] = []
    var lastID: UInt64 = 0
    var isRunning = false
    var isStopped = false
  }

  private let inbox = Mutex(Inbox())
  private let multi: CurlMulti

  /// Nil where memory or descriptors are short.
  init?() {
    CurlLibrary.initialize()
    guard let multi = CurlMulti(keeping: TransferThread.keptConnections) else { return nil }
    self.multi = multi
  }

  func newID() -> UInt64 {
    inbox.withLock { inbox in
      inbox.lastID += 1
      return inbox.lastID
    }
  }

  private enum Start {
    case running, needed, impossible
  }

  /// Starts a transfer, and the thread with the first one. After `stop` the transfer ends at once.
  func start(_ job: Job) {
    let start: Start = inbox.withLock { inbox in
      guard !inbox.isStopped else { return .impossible }
      inbox.orders.append(.start(job))
      defer { inbox.isRunning = true }
      return inbox.isRunning ? .running : .needed
    }
    switch start {
    case .running: multi.wake()
    case .needed: if !launchThread() { failAll("no thread could be started") }
    case .impossible: job.transfer.cancel("the client was shut down")
    }
  }

  /// Ends a transfer as cancelled; nothing happens where it has ended already.
  func cancel(_ id: UInt64) { order(.cancel(id)) }

  /// Goes on with a transfer that paused.
  func resume(_ id: UInt64) { order(.resume(id)) }

  /// Ends all transfers and the thread; harmless when repeated.
  func stop() {
    inbox.withLock { $0.isStopped = true }
    order(.stop)
  }

  private func order(_ order: Order) {
    let isHeard = inbox.withLock { inbox in
      if inbox.isRunning { inbox.orders.append(order) }
      return inbox.isRunning
    }
    if isHeard { multi.wake() }
  }

  /// False where the system has no thread to give.
  private func launchThread() -> Bool {
    // No signal is handled there: a broken pipe is an error and nothing else.
    DetachedThread.start {
      var loop = TransferLoop(thread: self)
      loop.run()
    } == 0
  }

  private func failAll(_ reason: String) {
    let orders = takeOrders(ending: true)
    for case .start(let job) in orders { job.transfer.cancel(reason) }
  }

  private func takeOrders(ending: Bool = false) -> [Order] {
    inbox.withLock { inbox in
      if ending { inbox.isRunning = false }
      defer { inbox.orders = [] }
      return inbox.orders
    }
  }

  /// What the thread does: carry out orders, drive libcurl, tell how transfers ended.
  private struct TransferLoop {
    let thread: TransferThread
    /// The transfers under way, by their handle's address.
    private var jobs: [UInt: Job] = [:]

    init(thread: TransferThread) { self.thread = thread }

    mutating func run() {
      while true {
        for order in thread.takeOrders() where !carryOut(order) { return end() }
        thread.multi.perform()
        while let ended = thread.multi.nextEnded() { remove(ended.handle)?.end(ended.code) }
        endIdle()
        thread.multi.poll(milliseconds: jobs.isEmpty ? 60_000 : TransferThread.longestWait)
      }
    }

    /// False once the thread is to end.
    private mutating func carryOut(_ order: Order) -> Bool {
      switch order {
      case .start(let job):
        jobs[job.transfer.handle] = job
        if !thread.multi.add(job.transfer.easy) { remove(job.transfer.handle)?.cancel("libcurl did not take the transfer") }
      case .cancel(let id):
        if let job = find(id) { remove(job.transfer.handle)?.cancel("cancelled") }
      case .resume(let id): find(id)?.transfer.resume()
      case .stop: return false
      }
      return true
    }

    private func find(_ id: UInt64) -> Job? { jobs.values.first { $0.id == id } }

    private mutating func remove(_ handle: UInt) -> Transfer? {
      guard let job = jobs.removeValue(forKey: handle) else { return nil }
      thread.multi.remove(job.transfer.easy)
      return job.transfer
    }

    private mutating func endIdle() {
      for job in jobs.values where job.transfer.isIdle() { remove(job.transfer.handle)?.endIdle() }
    }

    private mutating func end() {
      for handle in Array(jobs.keys) { remove(handle)?.cancel("the client was shut down") }
      thread.failAll("the client was shut down")
    }
  }
}
