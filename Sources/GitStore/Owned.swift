import CLibgit2

/// How a kind of libgit2 object is freed.
protocol Libgit2Object {
  static func free(_ pointer: OpaquePointer)
}

/// The one owner of a libgit2 object: it cannot be copied, and frees the object at its end.
///
/// The pointer is lent to calls within the owner's life and must not be kept.
@safe struct Owned<Kind: Libgit2Object>: ~Copyable {
  let pointer: OpaquePointer

  init(_ pointer: OpaquePointer) { unsafe self.pointer = unsafe pointer }

  deinit { unsafe Kind.free(pointer) }
}

enum RepositoryKind: Libgit2Object {
  static func free(_ pointer: OpaquePointer) { unsafe git_repository_free(pointer) }
}
enum ObjectStoreKind: Libgit2Object {
  static func free(_ pointer: OpaquePointer) { unsafe git_odb_free(pointer) }
}
enum RawObjectKind: Libgit2Object {
  static func free(_ pointer: OpaquePointer) { unsafe git_odb_object_free(pointer) }
}
enum CommitKind: Libgit2Object {
  static func free(_ pointer: OpaquePointer) { unsafe git_commit_free(pointer) }
}
enum TreeKind: Libgit2Object {
  static func free(_ pointer: OpaquePointer) { unsafe git_tree_free(pointer) }
}
enum TreeEntryKind: Libgit2Object {
  static func free(_ pointer: OpaquePointer) { unsafe git_tree_entry_free(pointer) }
}
enum TreeBuilderKind: Libgit2Object {
  static func free(_ pointer: OpaquePointer) { unsafe git_treebuilder_free(pointer) }
}
enum TagKind: Libgit2Object {
  static func free(_ pointer: OpaquePointer) { unsafe git_tag_free(pointer) }
}
enum ReferenceKind: Libgit2Object {
  static func free(_ pointer: OpaquePointer) { unsafe git_reference_free(pointer) }
}
enum TransactionKind: Libgit2Object {
  static func free(_ pointer: OpaquePointer) { unsafe git_transaction_free(pointer) }
}
enum RemoteKind: Libgit2Object {
  static func free(_ pointer: OpaquePointer) { unsafe git_remote_free(pointer) }
}
enum ConfigurationKind: Libgit2Object {
  static func free(_ pointer: OpaquePointer) { unsafe git_config_free(pointer) }
}
enum PackBuilderKind: Libgit2Object {
  static func free(_ pointer: OpaquePointer) { unsafe git_packbuilder_free(pointer) }
}

typealias Repository = Owned<RepositoryKind>
typealias ObjectStore = Owned<ObjectStoreKind>
