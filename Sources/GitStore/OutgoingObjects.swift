import CLibgit2

/// The objects that a commit needs and the one that it is built on lacks: what a push has to send.
///
/// Each commit's tree is compared with its first parent's, so that their number is that of what changed. libgit2's own push looks at every file of the
/// commit before, which for a trail of a hundred thousand records takes seconds.
struct OutgoingObjects {
  let repository: OpenRepository
  let limit: Limit
  let attempted: String
  private(set) var ids: [ObjectID] = []
  private var seen: Set<ObjectID> = []

  /// - Parameter base: a commit that the other end has with all that it needs; nil where it has nothing.
  init(of commit: ObjectID, without base: ObjectID?, in repository: OpenRepository, limit: Limit, attempted: String) throws(GitError) {
    (self.repository, self.limit, self.attempted) = (repository, limit, attempted)
    if let base { seen.insert(base) }
    var stack = [commit]
    while let id = stack.popLast() {
      guard seen.insert(id).inserted else { continue }
      ids.append(id)
      let commit = try repository.commit(id)
      let before = try commit.parents.first.map { (parent) throws(GitError) in try repository.commit(parent).tree }
      try add(tree: commit.tree, unlike: before)
      stack += commit.parents
    }
  }

  private mutating func add(tree id: ObjectID, unlike base: ObjectID?) throws(GitError) {
    guard id != base, seen.insert(id).inserted else { return }
    try limit.check(attempted, on: repository.path)
    ids.append(id)
    let entries = try repository.entries(ofTree: id)
    let before = Set(try base.map { (base) throws(GitError) in try repository.entries(ofTree: base) } ?? [])
    let folders = Dictionary(before.filter { $0.kind == .directory }.map { ($0.path, $0.id) }) { first, _ in first }
    for entry in entries where !before.contains(entry) {
      switch entry.kind {
      case .directory: try add(tree: entry.id, unlike: folders[entry.path])
      case .file, .executable, .symbolicLink: if seen.insert(entry.id).inserted { ids.append(entry.id) }
      case .submodule: break
      }
    }
  }
}

extension OpenRepository {
  /// These objects as one pack, in memory.
  func pack(_ ids: [ObjectID], attempted: String) throws(GitError) -> [UInt8] {
    let builder: Owned<PackBuilderKind> = try unsafe Libgit2.make(attempted, on: path) {
      unsafe git_packbuilder_new(&$0, repository.pointer)
    }
    let pointer = unsafe builder.pointer
    for id in ids {
      var oid = id.oid
      try Libgit2.call(attempted, on: path) { unsafe git_packbuilder_insert(pointer, &oid, nil) }
    }
    var buffer = unsafe git_buf()
    defer { unsafe git_buf_dispose(&buffer) }
    try Libgit2.call(attempted, on: path) { unsafe git_packbuilder_write_buf(&buffer, pointer) }
    return unsafe Array(UnsafeRawBufferPointer(start: buffer.ptr, count: buffer.size))
  }
}
