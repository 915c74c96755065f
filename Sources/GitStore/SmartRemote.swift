import CLibgit2
import Glibc

/// A remote that is reached by Git's smart protocol, over HTTP or SSH: its fetch is libgit2's, its connection, listing and push are ours.
struct SmartRemote {
  let url: String
  let limit: Limit
  /// A new connection to one of its services; `version2` asks for protocol 2, which libgit2 does not speak.
  let connect: (_ service: SmartService, _ version2: Bool, _ attempted: String) throws(GitError) -> any SmartConnection

  func list(prefixes: [String]) throws(GitError) -> RefListing {
    let connection = try connect(.uploadPack, true, "list refs of")
    defer { connection.close() }
    return try connection.listRefs(prefixes: prefixes, of: url)
  }

  // MARK: Fetching

  /// Fetches what the ref names into the repository, and keeps it under a ref there so that the next fetch need not send it again.
  func fetch(_ ref: RefName, into repository: OpenRepository) throws(GitError) -> ObjectID {
    let attempted = "fetch \(ref) of"
    let session = SmartSession(try connect(.uploadPack, false, attempted), attempted: attempted, on: url, limit: limit)
    let id = try unsafe session.withCallbacks { (callbacks) throws(GitError) in
      let remote = try remote(in: repository)  // freed before the session that its transport leads back to
      let id = try unsafe advertised(ref, by: remote, session, callbacks)
      try unsafe download(ref, from: remote, session, callbacks)
      return id
    }
    guard repository.contains(id) else { throw GitError(.protocol, attempted, on: url, cause: "the server did not send \(id)") }
    try repository.setReference(try keeping(ref), to: id)
    return id
  }

  /// Connects, and finds the ref in what the server advertises.
  private func advertised(
    _ ref: RefName, by remote: borrowing Owned<RemoteKind>, _ session: SmartSession, _ callbacks: git_remote_callbacks
  ) throws(GitError) -> ObjectID {
    let pointer = unsafe remote.pointer
    var options = unsafe git_remote_connect_options()
    try session.call { unsafe git_remote_connect_options_init(&options, UInt32(GIT_REMOTE_CONNECT_OPTIONS_VERSION)) }
    unsafe options.callbacks = callbacks
    try session.call { unsafe git_remote_connect_ext(pointer, GIT_DIRECTION_FETCH, &options) }
    var heads: UnsafeMutablePointer<UnsafePointer<git_remote_head>?>?
    var count = 0
    try session.call { unsafe git_remote_ls(&heads, &count, pointer) }
    for index in 0..<count {
      guard let head = unsafe heads?[index]?.pointee, unsafe String(cString: head.name) == ref.name else { continue }
      return unsafe ObjectID(head.oid)
    }
    throw GitError(count == 0 ? .emptyRepository : .notFound, session.attempted, on: url)
  }

  private func download(
    _ ref: RefName, from remote: borrowing Owned<RemoteKind>, _ session: SmartSession, _ callbacks: git_remote_callbacks
  ) throws(GitError) {
    let pointer = unsafe remote.pointer
    var options = unsafe git_fetch_options()
    try session.call { unsafe git_fetch_options_init(&options, UInt32(GIT_FETCH_OPTIONS_VERSION)) }
    unsafe options.callbacks = callbacks
    unsafe options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE
    unsafe options.update_fetchhead = 0
    try unsafe Self.withRefspec("+\(ref):\(try keeping(ref))") { (specs) throws(GitError) in
      try session.call { unsafe git_remote_download(pointer, specs, &options) }
    }
  }

  /// Where a fetched ref is kept: apart for each remote, since two can have the same names.
  private func keeping(_ ref: RefName) throws(GitError) -> RefName {
    var oid = git_oid()
    try Libgit2.call("name", on: url) { unsafe git_odb_hash(&oid, url, url.utf8.count, GIT_OBJECT_BLOB) }
    guard let kept = RefName("refs/remotes/\(ObjectID(oid).hex.prefix(16))/\(ref.name.dropFirst("refs/".count))") else {
      throw GitError(.invalid, "fetch", on: "\(ref) of \(url)", cause: "the name is too long")
    }
    return kept
  }

  // MARK: Pushing

  /// Opens the conversation of a push, and ends it before anything is sent.
  func checkPush() throws(GitError) {
    let attempted = "push to"
    let connection = try connect(.receivePack, false, attempted)
    defer { connection.close() }
    _ = try connection.advertisement(prefixes: [], attempted, on: url)
  }

  func push(_ commit: ObjectID, from repository: OpenRepository, to ref: RefName, expecting expected: ObjectID?) throws(GitError)
    -> PushResult
  {
    let attempted = "push \(ref) to"
    let connection = try connect(.receivePack, false, attempted)
    defer { connection.close() }
    let advertised = try connection.advertisement(prefixes: [ref.name], attempted, on: url).refs[ref]?.target
    // From here on the server compares for itself.
    guard advertised == expected else { return .lostRace(current: advertised) }
    let objects = try OutgoingObjects(of: commit, without: expected, in: repository, limit: limit, attempted: attempted)
    let pack = try repository.pack(objects.ids, attempted: attempted)
    let verdict: PushReport.Verdict
    do throws(GitError) {
      verdict = try connection.push(ref, from: expected, to: commit, pack: pack, attempted, on: url)
    } catch {
      // The server may have done it all the same: only the ref can tell.
      return try settle(commit, ref, expected, attempted, failure: error, in: repository)
    }
    let failure: GitError? =
      switch verdict {
      case .done: nil
      case .refused(let reason): GitError(.rejected, attempted, on: url, cause: reason)
      }
    return try settle(commit, ref, expected, attempted, failure: failure, in: repository)
  }

  /// Decides what came of a push by reading the ref again.
  private func settle(
    _ commit: ObjectID, _ ref: RefName, _ expected: ObjectID?, _ attempted: String, failure: GitError?, in repository: OpenRepository
  ) throws(GitError) -> PushResult {
    let current: ObjectID?
    do throws(GitError) {
      current = try list(prefixes: [ref.name]).refs[ref]?.target
    } catch {
      throw GitError(.outcomeUnknown, attempted, on: url, cause: (failure ?? error).description)
    }
    switch current {
    case commit: return .updated
    case expected:
      guard let failure else {
        throw GitError(.protocol, attempted, on: url, cause: "the server reported success, but the ref is unchanged")
      }
      guard failure.kind == .rejected else { throw failure }
      return .rejected(reason: failure.cause)
    case let current?:
      // Somebody was faster, or has already built on what was pushed.
      let tip = try fetch(ref, into: repository)
      return try repository.descends(tip, from: commit) ? .updated : .lostRace(current: current)
    case nil: return .lostRace(current: nil)
    }
  }

  private func remote(in repository: OpenRepository) throws(GitError) -> Owned<RemoteKind> {
    var options = unsafe git_remote_create_options()
    try Libgit2.call("prepare", on: url) { unsafe git_remote_create_options_init(&options, UInt32(GIT_REMOTE_CREATE_OPTIONS_VERSION)) }
    unsafe options.repository = repository.repository.pointer
    // What goes where is decided by our settings alone, not by a rewriting rule in somebody's git configuration.
    unsafe options.flags = GIT_REMOTE_CREATE_SKIP_INSTEADOF.rawValue | GIT_REMOTE_CREATE_SKIP_DEFAULT_FETCHSPEC.rawValue
    return try unsafe Libgit2.make("prepare", on: url) { unsafe git_remote_create_with_opts(&$0, url, &options) }
  }

  private static func withRefspec(_ spec: String, _ body: (UnsafePointer<git_strarray>) throws(GitError) -> Void) throws(GitError) {
    guard let text = unsafe strdup(spec) else { throw GitError(.storage, "prepare", on: spec) }
    defer { unsafe free(text) }
    var first: UnsafeMutablePointer<CChar>? = unsafe text
    let result = unsafe withUnsafeMutablePointer(to: &first) { strings in
      var array = unsafe git_strarray(strings: strings, count: 1)
      do throws(GitError) {
        unsafe try body(&array)
        return GitError?.none
      } catch {
        return error
      }
    }
    if let result { throw result }
  }
}
