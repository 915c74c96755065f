import CLibgit2

/// Writing objects: no index, no work tree, no ref is touched.
extension OpenRepository {
  func writeBlob(_ bytes: [UInt8]) throws(GitError) -> ObjectID {
    try write(bytes, as: GIT_OBJECT_BLOB)
  }

  /// Stores an object of these bytes.
  func write(_ bytes: [UInt8], as type: git_object_t) throws(GitError) -> ObjectID {
    var oid = git_oid()
    try Libgit2.call("write an object to", on: path) { unsafe git_odb_write(&oid, objects.pointer, bytes, bytes.count, type) }
    tally.noteWritten()
    return ObjectID(oid)
  }

  /// The tree that results from setting and deleting files in another tree.
  ///
  /// A directory that becomes empty goes; a file replaced by a directory, or the reverse, is what the changes say. Throws `notFound` for the
  /// deletion of what is not there.
  func writeTree(base: ObjectID?, changes: [String: FileChange]) throws(GitError) -> ObjectID {
    var root = TreeChange()
    for (path, change) in changes.sorted(by: { $0.key < $1.key }) {
      try TreePath.check(path)
      try root.add(change, at: path.split(separator: "/")[...], path: path)
    }
    if let tree = try write(root, onto: base, path: "") { return tree }
    return try write([], as: GIT_OBJECT_TREE)
  }

  /// Nil where the tree has become empty.
  private func write(_ change: TreeChange, onto base: ObjectID?, path: String) throws(GitError) -> ObjectID? {
    let builder = try treeBuilder(onto: base)
    for (name, child) in change.children.sorted(by: { $0.key < $1.key }) {
      let childPath = path.isEmpty ? name : "\(path)/\(name)"
      switch child {
      case .file(.delete):
        guard unsafe git_treebuilder_get(builder.pointer, name) != nil else { throw GitError(.notFound, "delete", on: childPath) }
        try Libgit2.call("delete", on: childPath) { unsafe git_treebuilder_remove(builder.pointer, name) }
      case .file(.write(let bytes)):
        try insert(try writeBlob(bytes), as: GIT_FILEMODE_BLOB, named: name, into: builder, path: childPath)
      case .directory(let inner):
        let (before, present) = unsafe directory(named: name, in: builder.pointer)
        if let after = try write(inner, onto: before, path: childPath) {
          try insert(after, as: GIT_FILEMODE_TREE, named: name, into: builder, path: childPath)
        } else if present {
          try Libgit2.call("delete", on: childPath) { unsafe git_treebuilder_remove(builder.pointer, name) }
        }
      }
    }
    guard unsafe git_treebuilder_entrycount(builder.pointer) > 0 else { return nil }
    var oid = git_oid()
    try Libgit2.call("write the tree", on: path) { unsafe git_treebuilder_write(&oid, builder.pointer) }
    tally.noteWritten()
    return ObjectID(oid)
  }

  private func treeBuilder(onto base: ObjectID?) throws(GitError) -> Owned<TreeBuilderKind> {
    guard let base else {
      return try unsafe Libgit2.make("build a tree in", on: path) { unsafe git_treebuilder_new(&$0, repository.pointer, nil) }
    }
    let tree = try tree(base)
    return try unsafe Libgit2.make("build a tree from", on: base.hex) { unsafe git_treebuilder_new(&$0, repository.pointer, tree.pointer) }
  }

  private func insert(
    _ id: ObjectID, as mode: git_filemode_t, named name: String, into builder: borrowing Owned<TreeBuilderKind>, path: String
  ) throws(GitError) {
    var oid = id.oid
    let pointer = unsafe builder.pointer
    do throws(GitError) {
      try Libgit2.call("write", on: path) { unsafe git_treebuilder_insert(nil, pointer, name, &oid, mode) }
    } catch {
      // libgit2 knows more names that some file system would take for `.git`; its class for this is the one of damaged trees.
      throw GitError(error.kind == .corrupt ? .invalid : error.kind, error.attempted, on: path, cause: error.cause)
    }
  }

  /// The directory of that name, and whether anything at all has the name.
  private func directory(named name: String, in builder: OpaquePointer) -> (id: ObjectID?, present: Bool) {
    guard let entry = unsafe git_treebuilder_get(builder, name) else { return (nil, false) }
    let isDirectory = unsafe git_tree_entry_type(entry) == GIT_OBJECT_TREE
    return (isDirectory ? unsafe ObjectID(git_tree_entry_id(entry)) : nil, true)
  }
}

/// What happens to one file.
package enum FileChange: Sendable, Hashable {
  /// The file has these contents, whether it was there or not.
  case write([UInt8])
  /// The file, which must be there, goes.
  case delete
}

/// Changes arranged as a tree.
private struct TreeChange {
  enum Child {
    case file(FileChange)
    case directory(TreeChange)
  }

  var children: [String: Child] = [:]

  mutating func add(_ change: FileChange, at components: ArraySlice<Substring>, path: String) throws(GitError) {
    guard let first = components.first else { return }
    let name = String(first)
    let rest = components.dropFirst()
    switch (children[name], rest.isEmpty) {
    case (nil, true): children[name] = .file(change)
    case (nil, false): children[name] = .directory(try TreeChange().adding(change, at: rest, path: path))
    case (.directory(let inner), false): children[name] = .directory(try inner.adding(change, at: rest, path: path))
    case (.file, _), (.directory, true): throw GitError(.invalid, "write", on: path, cause: "a file and a directory of the same name")
    }
  }

  private func adding(_ change: FileChange, at components: ArraySlice<Substring>, path: String) throws(GitError) -> TreeChange {
    var copy = self
    try copy.add(change, at: components, path: path)
    return copy
  }
}
