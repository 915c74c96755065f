import CLibgit2

extension ObjectID {
  /// The name that Git gives to an object of these bytes: SHA-1 over its kind, its size and them, computed with libgit2's detection of collisions.
  package static func name(of bytes: [UInt8], as kind: CloneObjects.Kind) throws(GitError) -> ObjectID {
    try Libgit2.require()
    let type =
      switch kind {
      case .commit: GIT_OBJECT_COMMIT
      case .tree: GIT_OBJECT_TREE
      case .blob: GIT_OBJECT_BLOB
      case .tag: GIT_OBJECT_TAG
      }
    var oid = git_oid()
    try Libgit2.call("name", on: "a \(kind.rawValue)") { unsafe git_odb_hash(&oid, bytes, bytes.count, type) }
    return ObjectID(oid)
  }
}
