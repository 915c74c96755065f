import GitStore

/// What became of one file between two commits.
package struct PathChange: Sendable, Hashable {
  /// From the top, as bytes: two names that look alike are two names.
  package let path: [UInt8]
  package let before: TreeItem?
  package let after: TreeItem?

  /// The path as text, for a path that Git itself could have written as UTF-8.
  package var text: String { String(decoding: path, as: UTF8.self) }
}

/// The files in which two trees differ, found without reading what they share.
struct TreeDifference {
  /// The deepest nesting of folders that is followed.
  static let depthLimit = 32
  /// The most changes that are listed; a record makes seven.
  static let limit = 1000

  private let objects: TrailObjects
  private(set) var changes: [PathChange] = []
  /// Whether there are more than were listed.
  private(set) var isTruncated = false

  init(from before: ObjectID?, to after: ObjectID, objects: TrailObjects) throws(GitError) {
    self.objects = objects
    guard before != after else { return }
    try compare(before, after, [], depth: 0)
  }

  private mutating func compare(_ before: ObjectID?, _ after: ObjectID?, _ path: [UInt8], depth: Int) throws(GitError) {
    guard depth < Self.depthLimit else {
      throw GitError(.tooLarge, "compare", on: String(decoding: path, as: UTF8.self), cause: "folders nest too deep")
    }
    var left = try cursor(before)
    var right = try cursor(after)
    while !isTruncated {
      try TreeCursor.skipCommon(&left, &right)
      switch (left.next, right.next) {
      case (nil, nil): return
      case (let old?, nil):
        try note(old, nil, path, depth)
        try left.advance()
      case (nil, let new?):
        try note(nil, new, path, depth)
        try right.advance()
      case (let old?, let new?):
        let (oldKey, newKey) = (old.key, new.key)
        if oldKey == newKey {
          try note(old, new, path, depth)
          try left.advance()
          try right.advance()
        } else if oldKey.lexicographicallyPrecedes(newKey) {
          try note(old, nil, path, depth)
          try left.advance()
        } else {
          try note(nil, new, path, depth)
          try right.advance()
        }
      }
    }
  }

  private func cursor(_ tree: ObjectID?) throws(GitError) -> TreeCursor {
    guard let tree else { return try TreeCursor.empty() }
    return try objects.tree(tree)
  }

  private mutating func note(_ old: TreeItem?, _ new: TreeItem?, _ folder: [UInt8], _ depth: Int) throws(GitError) {
    guard let name = (old ?? new)?.name else { return }
    let path = folder.isEmpty ? name : folder + [UInt8(ascii: "/")] + name
    // Sorted by what they are too, so that both are folders or neither is.
    if (old ?? new)?.kind == .directory {
      guard old?.id != new?.id else { return }
      return try compare(old?.id, new?.id, path, depth: depth + 1)
    }
    guard changes.count < Self.limit else {
      isTruncated = true
      return
    }
    changes.append(PathChange(path: path, before: old, after: new))
  }
}
