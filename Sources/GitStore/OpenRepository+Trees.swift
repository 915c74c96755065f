import CLibgit2

/// Reading trees and the files in them.
extension OpenRepository {
  /// The deepest nesting of directories that is followed.
  private static let depthLimit = 64

  /// The entry at a path of a commit's tree.
  ///
  /// Only what a tree that is here does not name is not found; what it names and is not here is damage. (`git_tree_entry_bypath` says the same
  /// of both.)
  func entry(at path: String, of commit: ObjectID) throws(GitError) -> TreeEntry {
    try TreePath.check(path)
    var id = try self.commit(commit).tree
    var found: TreeEntry?
    for name in path.split(separator: "/") {
      guard found == nil || found?.kind == .directory, let entry = try child(String(name), of: id, path: path) else {
        throw GitError(.notFound, "find", on: "\(path) at \(commit.hex)")
      }
      (id, found) = (entry.id, entry)
    }
    guard let found else { throw GitError(.notFound, "find", on: "\(path) at \(commit.hex)") }
    return found
  }

  private func child(_ name: String, of id: ObjectID, path: String) throws(GitError) -> TreeEntry? {
    let tree = try present { () throws(GitError) in try self.tree(id) }
    guard let pointer = unsafe git_tree_entry_byname(tree.pointer, name) else { return nil }
    return try unsafe Self.entry(pointer, path: path)
  }

  /// Reads what something that is here names: not to find it is damage.
  func present<Value: ~Copyable>(_ body: () throws(GitError) -> Value) throws(GitError) -> Value {
    do throws(GitError) {
      return try body()
    } catch {
      guard error.kind == .notFound else { throw error }
      throw GitError(.corrupt, error.attempted, on: error.subject, cause: error.cause)
    }
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
    let tree = try present { () throws(GitError) in try self.tree(id) }
    for index in 0..<(unsafe git_tree_entrycount(tree.pointer)) {
      guard let pointer = unsafe git_tree_entry_byindex(tree.pointer, index) else { continue }
      let name = unsafe String(cString: git_tree_entry_name(pointer))
      let entry = try unsafe Self.entry(pointer, path: path.isEmpty ? name : "\(path)/\(name)")
      guard entries.count < limit else { throw GitError(.tooLarge, "list", on: path, cause: "more than \(limit) entries") }
      entries.append(entry)
      if entry.kind == .directory { try add(entry.id, path: entry.path, depth: depth + 1, limit: limit, to: &entries) }
    }
  }

  /// The names of the directories in a directory that hold an entry of that name, sorted.
  ///
  /// Throws `notFound` where there is no such directory and `tooLarge` where it holds more directories than the limit.
  func folders(in directory: String, holding name: String, of commit: ObjectID, limit: Int) throws(GitError) -> [String] {
    let top = try entry(at: directory, of: commit)
    guard top.kind == .directory else {
      throw GitError(.notFound, "list", on: "\(directory) at \(commit.hex)", cause: "it is no directory")
    }
    let tree = try present { () throws(GitError) in try self.tree(top.id) }
    var (found, count): ([String], Int) = ([], 0)
    for index in 0..<(unsafe git_tree_entrycount(tree.pointer)) {
      guard let pointer = unsafe git_tree_entry_byindex(tree.pointer, index) else { continue }
      let folder = try unsafe Self.entry(pointer, path: String(cString: git_tree_entry_name(pointer)))
      guard folder.kind == .directory else { continue }
      count += 1
      guard count <= limit else { throw GitError(.tooLarge, "list", on: directory, cause: "more than \(limit) directories") }
      if try child(name, of: folder.id, path: "\(directory)/\(folder.path)") != nil { found.append(folder.path) }
    }
    return found.sorted()
  }

  /// Throws `notFound` where something is missing that a commit's tree names: level by level from the root, each object once, and at most so
  /// many entries, so that folders are looked for before what they hold.
  func requireTree(of commit: ObjectID, limit: Int, check: () throws(GitError) -> Void) throws(GitError) {
    var level = [try self.commit(commit).tree]
    var seen: Set<ObjectID> = []
    var left = limit
    while !level.isEmpty {
      var next: [ObjectID] = []
      for id in level {
        let tree = try tree(id)
        for index in 0..<(unsafe git_tree_entrycount(tree.pointer)) {
          guard left > 0 else { return }
          left -= 1
          guard let pointer = unsafe git_tree_entry_byindex(tree.pointer, index) else { continue }
          let entry = try unsafe Self.entry(pointer, path: id.hex)
          guard entry.kind != .submodule, seen.insert(entry.id).inserted else { continue }
          try check()
          _ = try header(of: entry.id)
          if entry.kind == .directory { next.append(entry.id) }
        }
      }
      level = next
    }
  }

  /// The entries of one tree, in its order; their paths are their names.
  func entries(ofTree id: ObjectID) throws(GitError) -> [TreeEntry] {
    let tree = try tree(id)
    var entries: [TreeEntry] = []
    for index in 0..<(unsafe git_tree_entrycount(tree.pointer)) {
      guard let pointer = unsafe git_tree_entry_byindex(tree.pointer, index) else { continue }
      entries.append(try unsafe Self.entry(pointer, path: String(cString: git_tree_entry_name(pointer))))
    }
    return entries
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
