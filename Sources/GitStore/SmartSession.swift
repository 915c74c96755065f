import CLibgit2

/// One fetch by libgit2 over a connection of ours: what its callbacks need and what they found.
///
/// libgit2 holds a pointer to it between ``withCallbacks(_:)``'s beginning and end, on the Git thread.
@safe final class SmartSession {
  let connection: any SmartConnection
  let limit: Limit
  let attempted: String
  let subject: String
  /// The error that a callback had to hide behind a negative number.
  private(set) var failure: GitError?
  /// The stream libgit2 holds; it frees it.
  var stream: UnsafeMutablePointer<git_smart_subtransport_stream>?

  init(_ connection: any SmartConnection, attempted: String, on subject: String, limit: Limit) {
    self.connection = connection
    self.attempted = attempted
    self.subject = subject
    self.limit = limit
  }

  /// Runs a libgit2 call; the error of a callback counts more than what libgit2 made of it.
  func call(_ body: () -> CInt) throws(GitError) {
    let code = body()
    guard code < 0 else { return }
    let reported = Libgit2.error(code, attempted, on: subject)
    throw failure ?? reported
  }

  /// Lends callbacks that lead back here.
  func withCallbacks<Value>(_ body: (git_remote_callbacks) throws(GitError) -> Value) throws(GitError) -> Value {
    var callbacks = unsafe git_remote_callbacks()
    try Libgit2.call(attempted, on: subject) { unsafe git_remote_init_callbacks(&callbacks, UInt32(GIT_REMOTE_CALLBACKS_VERSION)) }
    unsafe callbacks.payload = Unmanaged.passUnretained(self).toOpaque()
    unsafe callbacks.transport = { unsafe SmartTransport.make($0, $1, $2) }
    unsafe callbacks.transfer_progress = { _, payload in unsafe SmartSession.from(payload)?.checkLimit() ?? -1 }
    defer { connection.close() }
    return unsafe try body(callbacks)
  }

  /// The session a callback's payload stands for.
  static func from(_ payload: UnsafeMutableRawPointer?) -> SmartSession? {
    unsafe payload.map { unsafe Unmanaged<SmartSession>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Runs work of ours inside a callback: 0, or -1 with the error kept.
  func attempt(_ body: () throws(GitError) -> Void) -> CInt {
    do throws(GitError) {
      try body()
      return 0
    } catch {
      failure = failure ?? error
      _ = unsafe git_error_set_str(CInt(GIT_ERROR_NET.rawValue), error.cause)
      return -1
    }
  }

  func checkLimit() -> CInt {
    attempt { () throws(GitError) in try limit.check(attempted, on: subject) }
  }
}
