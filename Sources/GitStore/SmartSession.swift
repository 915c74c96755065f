import CLibgit2

/// One fetch or push by libgit2 over a connection of ours: what its callbacks need and what they found.
///
/// libgit2 holds a pointer to it between ``withCallbacks(_:)``'s beginning and end, on the Git thread.
@safe final class SmartSession {
  let connection: any SmartConnection
  let limit: Limit
  let attempted: String
  let subject: String
  /// The error that a callback had to hide behind a negative number.
  private(set) var failure: GitError?
  /// What the server advertised for the ref before a push; set once the push was negotiated.
  private(set) var negotiated: ObjectID?
  /// What the server said of each pushed ref: nil for done, else its reason.
  private(set) var statuses: [String: String?] = [:]
  /// The stream libgit2 holds; it frees it.
  var stream: UnsafeMutablePointer<git_smart_subtransport_stream>?
  /// What a push may replace; nil while fetching.
  private let expected: ObjectID??
  /// Whether the commands of a push went out, after which its outcome is the server's.
  private(set) var hasSent = false

  init(_ connection: any SmartConnection, attempted: String, on subject: String, limit: Limit, expecting expected: ObjectID?? = nil) {
    self.connection = connection
    self.attempted = attempted
    self.subject = subject
    self.limit = limit
    self.expected = expected
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
    unsafe callbacks.pack_progress = { _, _, _, payload in unsafe SmartSession.from(payload)?.checkLimit() ?? -1 }
    unsafe callbacks.push_negotiation = { updates, count, payload in
      unsafe SmartSession.from(payload)?.negotiate(UnsafeBufferPointer(start: updates, count: count)) ?? -1
    }
    unsafe callbacks.push_update_reference = { name, status, payload in
      unsafe SmartSession.from(payload)?.note(name, status) ?? -1
    }
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

  /// Stops a push whose ref is not as expected before anything is sent; from here on the server compares for itself.
  private func negotiate(_ updates: UnsafeBufferPointer<UnsafePointer<git_push_update>?>) -> CInt {
    guard let update = unsafe updates.first ?? nil else { return -1 }
    let advertised = unsafe ObjectID(update.pointee.src)
    negotiated = advertised
    return attempt { () throws(GitError) in
      guard let expected else { return }
      guard (advertised.isZero ? nil : advertised) == expected else {
        throw GitError(.rejected, attempted, on: subject, cause: "the ref is not as expected")
      }
      hasSent = true
    }
  }

  private func note(_ name: UnsafePointer<CChar>?, _ status: UnsafePointer<CChar>?) -> CInt {
    guard let name = unsafe name else { return 0 }
    statuses[unsafe String(cString: name)] = .some(unsafe status.map { unsafe String(cString: $0) })
    return 0
  }
}
