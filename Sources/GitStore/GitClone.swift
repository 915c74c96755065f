import CLibgit2

/// A repository on this machine that somebody looks into: read where it lies, never written, nothing fetched.
///
/// All reading runs on one thread of its own, since libgit2 blocks. Objects are handed out as their bytes, whose hash was compared, so that whoever
/// judges them sees what is stored and not what a library makes of it.
package actor GitClone {
  /// How much of the packs is mapped at most, in bytes; the kernel takes it back when it needs it.
  private static let mappedLimit = 128 << 20

  /// The directory that was named.
  package nonisolated let path: String
  private let thread: GitThread
  private var opened: CloneObjects?

  package nonisolated var unownedExecutor: UnownedSerialExecutor { unsafe thread.asUnownedSerialExecutor() }

  /// A repository in that directory or above it, bare or with a work tree; it is opened when it is first read.
  package init(at path: String) throws(GitError) {
    self.path = path
    thread = try GitThread()
  }

  /// Runs a piece of reading on the Git thread. A long one should ask from time to time whether its task was cancelled.
  package func read<Value: Sendable>(
    _ body: @Sendable (CloneObjects) throws(GitError) -> Value
  ) throws(GitError) -> Value {
    if let opened { return try body(opened) }
    let objects = CloneObjects(try OpenRepository(remoteAt: path, attempted: "open", searching: true))
    // Whole histories are read here: windows over a pack that are mapped again and again cost more than the reading.
    _ = gitstore_set_mapped_limit(Self.mappedLimit)
    opened = objects
    return try body(objects)
  }

  /// What was read so far.
  package var tally: ObjectTally { opened?.tally ?? ObjectTally() }
}

/// The objects and refs of a ``GitClone``, lent to a piece of reading and not to be kept.
package final class CloneObjects {
  private let repository: OpenRepository

  init(_ repository: OpenRepository) { self.repository = repository }

  /// What an object is.
  package enum Kind: String, Sendable, Hashable {
    case commit, tree, blob, tag

    /// Nil for what is of no known type.
    init?(_ type: git_object_t) {
      switch type {
      case GIT_OBJECT_COMMIT: self = .commit
      case GIT_OBJECT_TREE: self = .tree
      case GIT_OBJECT_BLOB: self = .blob
      case GIT_OBJECT_TAG: self = .tag
      default: return nil
      }
    }
  }

  /// The kind and size in bytes of an object; throws `notFound` where it is missing, `corrupt` where it is damaged.
  package func header(of id: ObjectID) throws(GitError) -> (kind: Kind, size: Int) {
    let (type, size) = try repository.header(of: id)
    guard let kind = Kind(type) else { throw GitError(.corrupt, "read object", on: id.hex, cause: "it is of no known type") }
    return (kind, size)
  }

  /// The bytes of an object of that kind.
  ///
  /// Throws `notFound` where it is missing, `corrupt` where it is damaged, `invalid` where it is of another kind, `tooLarge` beyond the limit in bytes.
  package func bytes(of id: ObjectID, as kind: Kind, limit: Int) throws(GitError) -> [UInt8] {
    let (found, size) = try header(of: id)
    guard found == kind else { throw GitError(.invalid, "read \(kind.rawValue)", on: id.hex, cause: "it is a \(found.rawValue)") }
    guard size <= limit else {
      throw GitError(.tooLarge, "read \(kind.rawValue)", on: id.hex, cause: "\(size) bytes, the limit is \(limit)")
    }
    return try repository.bytes(of: id, limit: limit)
  }

  /// The object that a ref names, through symbolic refs; nil where there is no such ref.
  package func target(of ref: RefName) throws(GitError) -> ObjectID? { try repository.target(of: ref) }

  /// The refs whose names begin with one of the prefixes; throws `tooLarge` beyond ``GitStore/refLimit``.
  package func refs(prefixes: [String]) throws(GitError) -> RefListing {
    try repository.listing(prefixes: prefixes, limit: GitStore.refLimit) { () throws(GitError) in
      if Task.isCancelled { throw GitError(.cancelled, "list refs of", on: repository.path) }
    }
  }

  /// Whether a commit is the other or has it among its ancestors.
  package func descends(_ commit: ObjectID, from ancestor: ObjectID) throws(GitError) -> Bool {
    try repository.descends(commit, from: ancestor)
  }

  /// What was read so far.
  package var tally: ObjectTally { repository.tally }

  /// Whether history was cut off when the repository was cloned.
  package var isShallow: Bool { repository.isShallow }
}
