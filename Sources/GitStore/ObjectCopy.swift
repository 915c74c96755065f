import CLibgit2
import FoundationEssentials

/// Brings an object with all it needs from one repository on this machine to another.
///
/// What is referred to always comes before what refers to it. So an object that is found in the destination stands for everything
/// below it, also after a copy that was cut off: this prunes the walk and makes repeating it cheap. (libgit2's own local transport copies every ref.)
struct ObjectCopy {
  /// Up to so many objects are written loose, more as one pack, as `receive.unpackLimit` has it in git.
  static let unpackLimit = 100
  /// So many are never copied into a cache, which reads them where they lie: a trail of a hundred thousand records has more than a million.
  static let copyLimit = 5_000

  let source: OpenRepository
  let destination: OpenRepository
  let limit: Limit
  let attempted: String

  /// Copies the object and everything it needs that the destination lacks.
  func copy(_ id: ObjectID) throws(GitError) { try copy(missingObjects(from: id, limit: .max) ?? []) }

  /// Copies the object and everything it needs that the destination lacks, or has the destination read the source's objects where they lie.
  func copyOrBorrow(_ id: ObjectID) throws(GitError) {
    if let missing = try missingObjects(from: id, limit: Self.copyLimit) { return try copy(missing) }
    try destination.borrowObjects(of: source)
    guard destination.contains(id) else { throw GitError(.corrupt, attempted, on: source.path, cause: "its objects cannot be borrowed") }
  }

  private func copy(_ missing: [ObjectID]) throws(GitError) {
    if missing.count <= Self.unpackLimit {
      for id in missing { try copyLoose(id) }
    } else {
      try copyPacked(missing)
    }
  }

  /// What the destination lacks, in the order in which it may be written; nil where that is more than so many objects.
  private func missingObjects(from id: ObjectID, limit most: Int) throws(GitError) -> [ObjectID]? {
    var order: [ObjectID] = []
    var seen: Set<ObjectID> = []
    var stack: [(id: ObjectID, expanded: Bool)] = [(id, false)]
    while let (id, expanded) = stack.popLast() {
      if expanded {
        order.append(id)
        continue
      }
      try limit.check(attempted, on: source.path)
      guard !destination.contains(id), seen.insert(id).inserted else { continue }
      guard seen.count <= most else { return nil }
      stack.append((id, true))
      for child in try children(of: id) where !seen.contains(child) { stack.append((child, false)) }
    }
    return order
  }

  private func children(of id: ObjectID) throws(GitError) -> [ObjectID] {
    switch try source.header(of: id).type {
    case GIT_OBJECT_COMMIT:
      let commit = try source.commit(id)
      return [commit.tree] + commit.parents
    case GIT_OBJECT_TREE: return try source.children(ofTree: id)
    case GIT_OBJECT_TAG:
      let tag: Owned<TagKind> = try source.lookUp(id, "read tag", GIT_OBJECT_TAG)
      return unsafe ObjectID(git_tag_target_id(tag.pointer)).map { [$0] } ?? []
    default: return []
    }
  }

  private func copyLoose(_ id: ObjectID) throws(GitError) {
    try limit.check(attempted, on: source.path)
    let type = try source.header(of: id).type
    let copied = try destination.write(try source.bytes(of: id, limit: .max), as: type)
    guard copied == id else { throw GitError(.corrupt, attempted, on: source.path, cause: "object \(id) has the contents of \(copied)") }
  }

  private func copyPacked(_ ids: [ObjectID]) throws(GitError) {
    let builder: Owned<PackBuilderKind> = try unsafe Libgit2.make(attempted, on: source.path) {
      unsafe git_packbuilder_new(&$0, source.repository.pointer)
    }
    let pointer = unsafe builder.pointer
    for id in ids {
      var oid = id.oid
      try Libgit2.call(attempted, on: source.path) { unsafe git_packbuilder_insert(pointer, &oid, nil) }
    }
    try limit.check(attempted, on: source.path)
    let directory = try destination.packDirectory
    try Libgit2.call(attempted, on: source.path) { unsafe git_packbuilder_write(pointer, directory, 0, nil, nil) }
    try Libgit2.call(attempted, on: destination.path) { unsafe git_odb_refresh(destination.objects.pointer) }
  }
}

extension OpenRepository {
  /// The trees and files of a tree; submodules name commits of other repositories and are left out.
  fileprivate func children(ofTree id: ObjectID) throws(GitError) -> [ObjectID] {
    let tree = try tree(id)
    return unsafe (0..<git_tree_entrycount(tree.pointer)).compactMap { index in
      guard let entry = unsafe git_tree_entry_byindex(tree.pointer, index), unsafe git_tree_entry_type(entry) != GIT_OBJECT_COMMIT else {
        return nil
      }
      return unsafe ObjectID(git_tree_entry_id(entry))
    }
  }

  /// Has this repository, a cache, find another one's objects too, now and whenever it is opened (gitrepository-layout(5), objects/info/alternates).
  fileprivate func borrowObjects(of other: OpenRepository) throws(GitError) {
    let (file, directory) = ("\(try objectDirectory)info/alternates", String(try other.objectDirectory.dropLast()))
    let known = FileManager.default.contents(atPath: file).map { String(decoding: $0, as: UTF8.self) } ?? ""
    if !known.split(separator: "\n").contains(directory[...]) {
      try WholeFile.write("\(known)\(directory)\n", to: file, attempted: "borrow the objects of \(other.path) in")
    }
    try Libgit2.call("borrow the objects of", on: other.path) { unsafe git_odb_add_disk_alternate(objects.pointer, directory) }
  }

  /// Where this repository keeps its packs.
  fileprivate var packDirectory: String { get throws(GitError) { try objectDirectory + "pack" } }

  /// Where this repository keeps its objects, with a slash at its end.
  private var objectDirectory: String {
    get throws(GitError) {
      var buffer = unsafe git_buf()
      defer { unsafe git_buf_dispose(&buffer) }
      try Libgit2.call("find the objects of", on: path) {
        unsafe git_repository_item_path(&buffer, repository.pointer, GIT_REPOSITORY_ITEM_OBJECTS)
      }
      return unsafe String(cString: buffer.ptr)
    }
  }
}
