internal import CLibcurl
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// libcurl's multi handle on a thread of its own. Everything that touches a handle happens on that thread; callers leave orders in an inbox
/// and wake it.
final class TransferThread: Sendable {
  /// A transfer as the thread knows it. Made on the caller's side, handed over once, and from then on touched by the thread alone.
  struct Job: Sendable {
    let id: UInt64
    nonisolated(unsafe) let easy: EasyHandle
    /// Told once, on the thread, with the error or nil.
    let ended: @Sendable (HTTPError?, HTTPTiming, String) -> Void
  }

  private enum Order: Sendable {
    case start(Job)
    case cancel(UInt64)
    case resume(UInt64)
    case stop
  }

  private struct Inbox {
    var orders: [Order] = []
    var next: UInt64 = 0
    var isRunning = false
    var isStopped = false
  }

  private let inbox = Mutex(Inbox())
  /// Touched by the thread alone, but for `curl_multi_wakeup`, which libcurl declares safe from any thread.
  private let multi: EasyHandle.OpaqueHandle

  init() {
    TransferThread.initializeLibrary()
    // Only memory exhaustion makes this fail.
    guard let pointer = unsafe curl_multi_init() else { preconditionFailure("libcurl: out of memory") }
    unsafe multi = EasyHandle.OpaqueHandle(pointer: pointer)
    unsafe tagflip_curl_multi_set_long(pointer, CURLMOPT_MAXCONNECTS, 16)
  }

  /// libcurl is initialised once per process, before its first use.
  static func initializeLibrary() { _ = libraryResult }

  private static let libraryResult = curl_global_init(tagflip_curl_global_default())

  func newID() -> UInt64 {
    inbox.withLock { inbox in
      inbox.next += 1
      return inbox.next
    }
  }

  /// Starts a transfer, and the thread with the first one. After `stop` the job ends at once.
  func start(_ job: Job) {
    let (launch, isStopped) = inbox.withLock { inbox in
      guard !inbox.isStopped else { return (false, true) }
      inbox.orders.append(.start(job))
      defer { inbox.isRunning = true }
      return (!inbox.isRunning, false)
    }
    if isStopped { return unsafe job.ended(job.easy.error(.cancelled, "the client was shut down"), HTTPTiming(), "") }
    if launch { launchThread() } else { wake() }
  }

  func cancel(_ id: UInt64) { order(.cancel(id)) }
  func resume(_ id: UInt64) { order(.resume(id)) }

  /// Ends all transfers and the thread.
  func stop() {
    let wasRunning = inbox.withLock { inbox in
      inbox.isStopped = true
      inbox.orders.append(.stop)
      return inbox.isRunning
    }
    if wasRunning { wake() } else { unsafe curl_multi_cleanup(multi.pointer) }
  }

  private func order(_ order: Order) {
    inbox.withLock { $0.orders.append(order) }
    wake()
  }

  private func wake() { unsafe curl_multi_wakeup(multi.pointer) }

  private func launchThread() {
    let context = unsafe Unmanaged.passRetained(self).toOpaque()
    var thread = pthread_t()
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    let result = unsafe pthread_create(
      &thread, &attributes,
      { context in
        guard let context = unsafe context else { return nil }
        unsafe Unmanaged<TransferThread>.fromOpaque(context).takeRetainedValue().loop()
        return nil
      }, context)
    unsafe pthread_attr_destroy(&attributes)
    precondition(result == 0, "no thread could be started")
  }

  // MARK: On the thread

  private func loop() {
    var jobs: [UInt64: Job] = [:]
    while true {
      let orders = inbox.withLock { inbox in
        defer { inbox.orders = [] }
        return inbox.orders
      }
      for order in orders where !carryOut(order, &jobs) {
        unsafe curl_multi_cleanup(multi.pointer)
        return
      }
      var running: Int32 = 0
      unsafe curl_multi_perform(multi.pointer, &running)
      reap(&jobs)
      // Capped, as libcurl 7.88 now and then sleeps through an event; an order wakes it at once.
      var events: Int32 = 0
      unsafe curl_multi_poll(multi.pointer, nil, 0, jobs.isEmpty ? 60_000 : 100, &events)
    }
  }

  /// False once the thread is to end.
  private func carryOut(_ order: Order, _ jobs: inout [UInt64: Job]) -> Bool {
    switch order {
    case .start(let job):
      jobs[job.id] = job
      unsafe curl_multi_add_handle(multi.pointer, job.easy.handle.pointer)
    case .cancel(let id):
      if let job = jobs[id] { unsafe end(job, &jobs, job.easy.error(.cancelled, "cancelled", mayHaveActed: true)) }
    case .resume(let id):
      if let job = jobs[id] { unsafe curl_easy_pause(job.easy.handle.pointer, CURLPAUSE_CONT) }
    case .stop:
      for job in Array(jobs.values) { unsafe end(job, &jobs, job.easy.error(.cancelled, "the client was shut down", mayHaveActed: true)) }
      return false
    }
    return true
  }

  private func reap(_ jobs: inout [UInt64: Job]) {
    var left: Int32 = 0
    while let message = unsafe curl_multi_info_read(multi.pointer, &left) {
      guard unsafe message.pointee.msg == CURLMSG_DONE else { continue }
      let code = unsafe tagflip_curl_message_result(message)
      let handle = unsafe message.pointee.easy_handle
      guard let job = jobs.values.first(where: { unsafe $0.easy.handle.pointer == handle }) else { continue }
      unsafe end(job, &jobs, job.easy.failure(code))
    }
  }

  private func end(_ job: Job, _ jobs: inout [UInt64: Job], _ error: HTTPError?) {
    jobs[job.id] = nil
    unsafe curl_multi_remove_handle(multi.pointer, job.easy.handle.pointer)
    unsafe job.easy.announceHead()
    unsafe job.ended(error, job.easy.timing, job.easy.remoteAddress)
  }
}
