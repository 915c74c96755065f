import Digests
package import GitStore
import ReleaseModel

/// The objects of the trail, with the trees of the commit before at hand: every commit is compared with it, and shares nearly all of them.
///
/// Holds the trees of two commits and nothing else, however long the trail is.
package final class TrailObjects {
  /// The largest tree object that is read, in bytes: some hundred thousand entries.
  static let treeLimit = 32 << 20
  /// The largest commit that is read, in bytes.
  static let commitLimit = 4 << 20

  private let objects: CloneObjects
  private var current: [ObjectID: [UInt8]] = [:]
  private var before: [ObjectID: [UInt8]] = [:]
  private var held = 0
  /// Tags that existed at first sight, by the file's object: they can be very many, and each decision may ask for one.
  private var noted: [ObjectID: [String: String]] = [:]
  /// What settings say, by their digest: few versions of them serve very many records.
  private var settings: [Digest: Result<Settings, UnreadablePolicy>] = [:]

  init(_ objects: CloneObjects) { self.objects = objects }

  /// Forgets the trees that the commit before the last needed.
  func beginCommit() {
    before = current
    current = [:]
    held = 0
  }

  func commit(_ id: ObjectID) throws(GitError) -> [UInt8] { try objects.bytes(of: id, as: .commit, limit: Self.commitLimit) }

  func blob(_ id: ObjectID, limit: Int) throws(GitError) -> [UInt8] { try objects.bytes(of: id, as: .blob, limit: limit) }

  func tree(_ id: ObjectID) throws(GitError) -> TreeCursor { try TreeCursor(try treeBytes(id), of: id) }

  private func treeBytes(_ id: ObjectID) throws(GitError) -> [UInt8] {
    if let bytes = current[id] { return bytes }
    let bytes: [UInt8]
    if let known = before[id] { bytes = known } else { bytes = try objects.bytes(of: id, as: .tree, limit: Self.treeLimit) }
    // What a hostile commit makes us read is not all kept.
    if held < Self.treeLimit {
      current[id] = bytes
      held += bytes.count
    }
    return bytes
  }
}

extension TrailObjects {
  /// The tags of a `noted.json`, read once.
  func noted(_ id: ObjectID) throws(GitError) -> [String: String] {
    if let known = noted[id] { return known }
    let bytes = try blob(id, limit: TrailRecord.limit)
    let tags = (try? CanonicalJSON.value([String: String].self, from: bytes)) ?? [:]
    if noted.count >= 8 { noted = [:] }
    noted[id] = tags
    return tags
  }

  /// What the settings of a digest say, read once; nil where nobody has their text.
  func settings(
    _ digest: Digest, by reader: any PolicyReader, _ text: () throws(GitError) -> [UInt8]?
  ) throws(GitError) -> Result<Settings, UnreadablePolicy>? {
    if let known = settings[digest] { return known }
    guard let text = try text() else { return nil }
    let read = reader.settings(text)
    if settings.count >= 8 { settings = [:] }
    settings[digest] = read
    return read
  }
}

/// The files of one commit's tree.
package struct TreeFiles {
  private let root: ObjectID?
  let objects: TrailObjects

  /// - Parameter root: the tree; nil for what was before the first commit.
  init(root: ObjectID?, objects: TrailObjects) {
    self.root = root
    self.objects = objects
  }

  /// The entry at a path; nil where there is none.
  package func item(_ path: String) throws(GitError) -> TreeItem? {
    guard var tree = root else { return nil }
    var found: TreeItem?
    for name in path.utf8.split(separator: UInt8(ascii: "/")) {
      if let found {
        guard found.kind == .directory else { return nil }
        tree = found.id
      }
      guard let next = try child(Array(name), of: tree) else { return nil }
      found = next
    }
    return found
  }

  private func child(_ name: [UInt8], of tree: ObjectID) throws(GitError) -> TreeItem? {
    try objects.tree(tree).find(name)
  }

  /// The contents of the regular file at a path; nil where there is none.
  package func bytes(_ path: String, limit: Int) throws(GitError) -> [UInt8]? {
    guard let item = try item(path), item.kind == .file else { return nil }
    return try objects.blob(item.id, limit: limit)
  }

  /// What lies in a folder, in tree order; nothing where there is no such folder.
  func children(of folder: String) throws(GitError) -> [TreeItem] {
    guard let item = try item(folder), item.kind == .directory else { return [] }
    var cursor = try objects.tree(item.id)
    var items: [TreeItem] = []
    while let next = cursor.next {
      items.append(next)
      try cursor.advance()
    }
    return items
  }

  /// Calls with every file below a folder and its path, in tree order.
  func forEach(under folder: String, _ body: (String, TreeItem) throws(GitError) -> Void) throws(GitError) {
    guard let item = try item(folder), item.kind == .directory else { return }
    try visit(item.id, folder, depth: 0, body)
  }

  private func visit(
    _ tree: ObjectID, _ path: String, depth: Int, _ body: (String, TreeItem) throws(GitError) -> Void
  ) throws(GitError) {
    guard depth < TreeDifference.depthLimit else { throw GitError(.tooLarge, "list", on: path, cause: "folders nest too deep") }
    var cursor = try objects.tree(tree)
    while let item = cursor.next {
      let inner = "\(path)/\(String(decoding: item.name, as: UTF8.self))"
      if item.kind == .directory { try visit(item.id, inner, depth: depth + 1, body) } else { try body(inner, item) }
      try cursor.advance()
    }
  }
}
