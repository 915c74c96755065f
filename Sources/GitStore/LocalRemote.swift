import CLibgit2
import Glibc

/// A remote that is a directory on this machine: its refs and objects are read and written where they lie.
///
/// No process stands between, so its hooks do not run. Objects are flushed to disk before the ref moves, and the ref moves by compare-and-swap under git's own lock.
struct LocalRemote {
  let path: String

  func list(prefixes: [String], limit: Limit) throws(GitError) -> RefListing {
    let remote = try OpenRepository(remoteAt: path, attempted: "list refs of")
    return try remote.listing(prefixes: prefixes, limit: GitStore.refLimit) { () throws(GitError) in
      try limit.check("list refs of", on: path)
    }
  }

  func fetch(_ ref: RefName, into cache: OpenRepository, limit: Limit) throws(GitError) -> ObjectID {
    let remote = try OpenRepository(remoteAt: path, attempted: "fetch from")
    guard let id = try remote.target(of: ref) else {
      let isEmpty = try remote.listing(prefixes: ["refs/"], limit: .max, check: {}).refs.isEmpty
      throw GitError(isEmpty ? .emptyRepository : .notFound, "fetch", on: "\(ref) of \(path)")
    }
    try ObjectCopy(source: remote, destination: cache, limit: limit, attempted: "fetch \(ref) of").copyOrBorrow(id)
    return id
  }

  /// Whether the file system lets us write objects and refs there.
  func checkPush() throws(GitError) {
    let folder = try OpenRepository(remoteAt: path, attempted: "push to").gitFolder
    for place in ["objects", "refs"] where unsafe access("\(folder)\(place)", W_OK) != 0 {
      throw GitError(
        .storage, "push to", on: path, cause: "\(folder)\(place) cannot be written: \(unsafe String(cString: strerror(errno)))")
    }
  }

  func push(
    _ commit: ObjectID, from cache: OpenRepository, to ref: RefName, expecting expected: ObjectID?, limit: Limit
  ) throws(GitError) -> PushResult {
    let remote = try OpenRepository(remoteAt: path, attempted: "push to")
    guard !remote.isCheckedOut(ref) else {
      return .rejected(reason: "\(ref) is checked out in the work tree of \(path)")  // as receive.denyCurrentBranch
    }
    let current = try remote.target(of: ref)
    guard current == expected else { return .lostRace(current: current) }
    try Libgit2.syncingToDisk { () throws(GitError) in
      try ObjectCopy(source: cache, destination: remote, limit: limit, attempted: "push \(ref) to").copy(commit)
    }
    switch try remote.compareAndSet(ref, to: commit, expecting: expected, limit: limit) {
    case .different(let current): return .lostRace(current: current)
    case .set: return try remote.confirm(ref, names: commit)
    }
  }
}

extension OpenRepository {
  /// Whether the ref is the branch of a work tree here.
  fileprivate func isCheckedOut(_ ref: RefName) -> Bool {
    unsafe git_repository_is_bare(repository.pointer) == 0 && headBranch == ref
  }

  /// Where its objects and refs lie, with a slash at the end.
  fileprivate var gitFolder: String { unsafe String(cString: git_repository_commondir(repository.pointer)) }

  /// Reads a ref after a push; a later commit on top of the pushed one confirms it too.
  fileprivate func confirm(_ ref: RefName, names commit: ObjectID) throws(GitError) -> PushResult {
    guard let current = try target(of: ref) else { return .lostRace(current: nil) }
    return try descends(current, from: commit) ? .updated : .lostRace(current: current)
  }
}
