import CLibgit2

/// Reading what was fetched.
extension GitStore {
  /// What a tag ref's object is: a tag object, or a commit itself.
  package func tag(_ id: ObjectID) throws(GitError) -> TagTarget {
    try read { (repository) throws(GitError) in
      switch try repository.header(of: id).type {
      case GIT_OBJECT_TAG: return .annotated(try repository.tag(id, limit: Self.tagSizeLimit))
      case GIT_OBJECT_COMMIT: return .lightweight(commit: id)
      default: throw GitError(.invalid, "read tag", on: id.hex, cause: "it is neither a tag nor a commit")
      }
    }
  }

  /// A commit's bytes, as its name was computed from; throws `tooLarge` beyond 1 MiB.
  package func rawCommit(_ id: ObjectID) throws(GitError) -> [UInt8] {
    try read { (repository) throws(GitError) in
      guard try repository.header(of: id).type == GIT_OBJECT_COMMIT else {
        throw GitError(.invalid, "read commit", on: id.hex, cause: "it is no commit")
      }
      return try repository.bytes(of: id, limit: 1 << 20)
    }
  }

  /// A commit.
  package func commit(_ id: ObjectID) throws(GitError) -> CommitObject {
    try read { (repository) throws(GitError) in try repository.commit(id) }
  }

  /// The contents of a regular file in a commit's tree.
  ///
  /// Throws `notFound` where nothing is there, `invalid` where it is no regular file, `tooLarge` beyond the limit in bytes.
  package func file(_ path: String, at commit: ObjectID, limit: Int) throws(GitError) -> [UInt8] {
    try read { (repository) throws(GitError) in
      let entry = try repository.entry(at: path, of: commit)
      guard entry.kind.isFile else { throw GitError(.invalid, "read", on: "\(path) at \(commit)", cause: "it is no regular file") }
      return try repository.present { () throws(GitError) in try repository.bytes(of: entry.id, limit: limit) }
    }
  }

  /// The contents of a file by its object id, as a listing gave it; throws `tooLarge` beyond the limit in bytes.
  package func blob(_ id: ObjectID, limit: Int) throws(GitError) -> [UInt8] {
    try read { (repository) throws(GitError) in
      guard try repository.header(of: id).type == GIT_OBJECT_BLOB else {
        throw GitError(.invalid, "read", on: id.hex, cause: "it is no file")
      }
      return try repository.bytes(of: id, limit: limit)
    }
  }

  /// Every entry under a directory of a commit's tree (an empty path: all of it), directories before what they hold.
  ///
  /// Throws `notFound` where there is no such directory and `tooLarge` beyond the limit.
  package func entries(under directory: String, at commit: ObjectID, limit: Int) throws(GitError) -> [TreeEntry] {
    try read { (repository) throws(GitError) in try repository.entries(under: directory, of: commit, limit: limit) }
  }

  /// The names of the directories in a directory of a commit's tree that hold an entry of that name, sorted; what else they hold is not looked at.
  ///
  /// Throws `notFound` where there is no such directory and `tooLarge` where it holds more directories than the limit.
  package func folders(in directory: String, holding name: String, at commit: ObjectID, limit: Int) throws(GitError) -> [String] {
    try read { (repository) throws(GitError) in try repository.folders(in: directory, holding: name, of: commit, limit: limit) }
  }

  /// A commit and its first parents, newest first: at most `limit`, ending before any of `ends`.
  package func history(from start: ObjectID, until ends: Set<ObjectID> = [], limit: Int) throws(GitError) -> [CommitObject] {
    try read { (repository) throws(GitError) in try repository.firstParents(from: start, until: ends, limit: limit) }
  }

  /// Whether a commit is the other or has it among its ancestors; both must have been fetched.
  package func descends(_ commit: ObjectID, from ancestor: ObjectID) throws(GitError) -> Bool {
    try read { (repository) throws(GitError) in try repository.descends(commit, from: ancestor) }
  }

  /// The best common ancestor of two fetched commits; nil where they have none.
  package func mergeBase(_ left: ObjectID, _ right: ObjectID) throws(GitError) -> ObjectID? {
    try read { (repository) throws(GitError) in try repository.mergeBase(left, right) }
  }

  /// Whether the cache has the object.
  package func contains(_ id: ObjectID) throws(GitError) -> Bool {
    try read { (repository) throws(GitError) in repository.contains(id) }
  }
}
