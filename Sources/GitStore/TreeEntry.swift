import CLibgit2

/// One entry of a commit's tree.
package struct TreeEntry: Sendable, Hashable {
  /// What an entry is, by its mode.
  package enum Kind: Sendable, Hashable {
    case file, executable, symbolicLink, submodule, directory

    init?(mode: git_filemode_t) {
      switch mode {
      case GIT_FILEMODE_BLOB: self = .file
      case GIT_FILEMODE_BLOB_EXECUTABLE: self = .executable
      case GIT_FILEMODE_LINK: self = .symbolicLink
      case GIT_FILEMODE_COMMIT: self = .submodule
      case GIT_FILEMODE_TREE: self = .directory
      default: return nil
      }
    }

    /// Whether the entry has contents of its own that are meant to be read.
    package var isFile: Bool { self == .file || self == .executable }
  }

  /// The path from the root, components separated by `/`.
  package let path: String
  package let kind: Kind
  package let id: ObjectID
}
