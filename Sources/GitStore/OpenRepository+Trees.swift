import CLibgit2

/// Reading trees and the files in them.
extension OpenRepository {
  /// The deepest nesting of directories that is followed.
  private static let depthLimit = 64

  /// The entry at a path of a commit's tree.
  func entry(at path: String, of commit: ObjectID) throws(GitError) -> TreeEntry {
    try TreePath.check(path)
    let root = try tree(try self.commit(commit).tree)
    let subject = "\(path) at \(commit.hex)"
    let entry: Owned<TreeEntryKind> = try unsafe Libgit2.make("find", on: subject) { unsafe git_tree_entry_bypath(&$0, root.pointer, path) }
    return try unsafe Self.entry(entry.pointer, path: path)
  }

  /// Every entry under a directory of a commit's tree, in tree order, directories before what they hold.
  ///
  /// An empty prefix means the root. Throws `notFound` where there is no such directory and `tooLarge` beyond the limit.
  func entries(under prefix: String, of commit: ObjectID, limit: Int) throws(GitError) -> [TreeEntry] {
    var entries: [TreeEntry] = []
    let top: ObjectID
    if prefix.isEmpty {
      top = try self.commit(commit).tree
    } else {
      let found = try entry(at: prefix, of: commit)
      guard found.kind == .directory else {
        throw GitError(.notFound, "list", on: "\(prefix) at \(commit.hex)", cause: "it is no directory")
      }
      top = found.id
    }
    try add(top, path: prefix, depth: 0, limit: limit, to: &entries)
    return entries
  }

  private func add(_ id: ObjectID, path: String, depth: Int, limit: Int, to entries: inout [TreeEntry]) throws(GitError) {
    guard depth < Self.depthLimit else {
      throw GitError(.tooLarge, "list", on: path, cause: "directories nest deeper than \(Self.depthLimit)")
    }
    let tree = try tree(id)
    for index in 0..<(unsafe git_tree_entrycount(tree.pointer)) {
      guard let pointer = unsafe git_tree_entry_byindex(tree.pointer, index) else { continue }
      let name = unsafe String(cString: git_tree_entry_name(pointer))
      let entry = try unsafe Self.entry(pointer, path: path.isEmpty ? name : "\(path)/\(name)")
      guard entries.count < limit else { throw GitError(.tooLarge, "list", on: path, cause: "more than \(limit) entries") }
      entries.append(entry)
      if entry.kind == .directory { try add(entry.id, path: entry.path, depth: depth + 1, limit: limit, to: &entries) }
    }
  }

  func tree(_ id: ObjectID) throws(GitError) -> Owned<TreeKind> { try lookUp(id, "read tree", GIT_OBJECT_TREE) }

  private static func entry(_ pointer: OpaquePointer, path: String) throws(GitError) -> TreeEntry {
    guard let kind = unsafe TreeEntry.Kind(mode: git_tree_entry_filemode(pointer)), let id = unsafe ObjectID(git_tree_entry_id(pointer))
    else {
      throw GitError(.corrupt, "read", on: path, cause: "an unknown file mode")
    }
    return TreeEntry(path: path, kind: kind, id: id)
  }
}

/// The rules for a path inside a tree.
enum TreePath {
  /// Throws `invalid` unless the path is relative, without empty, `.`, `..` or `.git` components and without NUL.
  static func check(_ path: String) throws(GitError) {
    let components = path.split(separator: "/", omittingEmptySubsequences: false)
    let isWellFormed = components.allSatisfy {
      !$0.isEmpty && $0 != "." && $0 != ".." && $0.lowercased() != ".git" && !$0.utf8.contains(0)
    }
    guard isWellFormed else { throw GitError(.invalid, "use the path", on: path.isEmpty ? "(empty)" : path) }
  }
}
