import CLibgit2

/// The initialised library: made once per process, before the first libgit2 call and not at start-up, since a run that has nothing to do lists refs
/// without it.
struct Libgit2 {
  /// Nil where initialisation failed; the reason is in ``failure``.
  private static let shared = Libgit2()
  private let failure: GitError?

  /// Initialises on first use.
  static func require() throws(GitError) {
    if let failure = shared.failure { throw failure }
  }

  private init() {
    // Window and cache sizes bound resident memory: by default a pack is mapped a gigabyte at a time and 256 MB of objects are cached.
    let steps: [() -> CInt] = [
      { min(git_libgit2_init(), 0) },
      { gitstore_set_cache_max_size(4 << 20) },
      { gitstore_set_window_size(1 << 20) },
      { gitstore_set_mapped_limit(16 << 20) },
    ]
    failure = steps.lazy.map { $0() }.first { $0 < 0 }.map { code in
      Self.error(code, "initialise", on: "libgit2")
    }
  }

  /// Runs one libgit2 call that answers a status, and throws what it reports.
  ///
  /// Every call goes through here or ``make(_:on:_:)``: they name the operation and read the message on the thread that made the call.
  @discardableResult
  static func call(_ attempted: String, on subject: String, _ body: () -> CInt) throws(GitError) -> CInt {
    let code = body()
    guard code >= 0 else { throw error(code, attempted, on: subject) }
    return code
  }

  /// Runs one libgit2 call that makes an object, and takes the object over.
  static func make<Kind>(
    _ attempted: String, on subject: String, _ body: (inout OpaquePointer?) -> CInt
  ) throws(GitError) -> Owned<Kind> {
    var pointer: OpaquePointer?
    let code = unsafe body(&pointer)
    guard code >= 0, let pointer = unsafe pointer else { throw error(code, attempted, on: subject) }
    return unsafe Owned(pointer)
  }

  /// Runs work whose objects and refs are flushed to disk before each call returns; the cache, which may be lost, does without.
  static func syncingToDisk<Value>(_ body: () throws(GitError) -> Value) throws(GitError) -> Value {
    _ = gitstore_sync_to_disk(1)
    defer { _ = gitstore_sync_to_disk(0) }
    return try body()
  }

  /// What the last failed call on this thread said, with the kind that its code and class stand for.
  static func error(_ code: CInt, _ attempted: String, on subject: String) -> GitError {
    var message = "libgit2 error \(code)"
    var category = CInt(0)
    if let last = unsafe git_error_last() {
      category = unsafe last.pointee.klass
      if let text = unsafe last.pointee.message { message = unsafe String(cString: text) }
    }
    git_error_clear()
    return GitError(kind(code: code, category: category), attempted, on: subject, cause: message)
  }

  private static func kind(code: CInt, category: CInt) -> GitError.Kind {
    switch code {
    case GIT_ENOTFOUND.rawValue: .notFound
    case GIT_EOWNER.rawValue: .foreignOwner
    case GIT_EAUTH.rawValue, GIT_ECERTIFICATE.rawValue: .authentication
    case GIT_EINVALIDSPEC.rawValue, GIT_EAMBIGUOUS.rawValue, GIT_EPEEL.rawValue: .invalid
    case GIT_EMODIFIED.rawValue, GIT_EEXISTS.rawValue, GIT_ELOCKED.rawValue, GIT_ENONFASTFORWARD.rawValue: .rejected
    case GIT_EEOF.rawValue: .protocol
    default: kind(category: category)
    }
  }

  private static func kind(category: CInt) -> GitError.Kind {
    switch UInt32(bitPattern: category) {
    case GIT_ERROR_OS.rawValue, GIT_ERROR_FILESYSTEM.rawValue, GIT_ERROR_NOMEMORY.rawValue: .storage
    case GIT_ERROR_NET.rawValue, GIT_ERROR_HTTP.rawValue, GIT_ERROR_SSH.rawValue: .protocol
    case GIT_ERROR_ODB.rawValue, GIT_ERROR_ZLIB.rawValue, GIT_ERROR_INDEXER.rawValue, GIT_ERROR_OBJECT.rawValue, GIT_ERROR_TREE.rawValue,
      GIT_ERROR_TAG.rawValue, GIT_ERROR_SHA.rawValue:
      .corrupt
    default: .invalid
    }
  }
}
