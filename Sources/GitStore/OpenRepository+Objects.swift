import CLibgit2

/// Reading objects.
extension OpenRepository {
  func contains(_ id: ObjectID) -> Bool {
    var oid = id.oid
    return unsafe git_odb_exists(objects.pointer, &oid) == 1
  }

  /// The type and size of an object, without its contents.
  func header(of id: ObjectID) throws(GitError) -> (type: git_object_t, size: Int) {
    var oid = id.oid
    var size = 0
    var type = GIT_OBJECT_INVALID
    try Libgit2.call("read object", on: id.hex) { unsafe git_odb_read_header(&size, &type, objects.pointer, &oid) }
    return (type, size)
  }

  /// The bytes of an object of at most that size.
  func bytes(of id: ObjectID, limit: Int) throws(GitError) -> [UInt8] {
    let (type, size) = try header(of: id)
    note(type)
    guard size <= limit else { throw GitError(.tooLarge, "read object", on: id.hex, cause: "\(size) bytes, the limit is \(limit)") }
    var oid = id.oid
    let object: Owned<RawObjectKind> = try unsafe Libgit2.make("read object", on: id.hex) {
      unsafe git_odb_read(&$0, objects.pointer, &oid)
    }
    let data = unsafe UnsafeRawBufferPointer(start: git_odb_object_data(object.pointer), count: git_odb_object_size(object.pointer))
    return unsafe Array(data)
  }

  func commit(_ id: ObjectID) throws(GitError) -> CommitObject {
    let commit: Owned<CommitKind> = try lookUp(id, "read commit", GIT_OBJECT_COMMIT)
    let pointer = unsafe commit.pointer
    let parents = unsafe (0..<git_commit_parentcount(pointer)).compactMap { unsafe ObjectID(git_commit_parent_id(pointer, $0)) }
    guard let tree = unsafe ObjectID(git_commit_tree_id(pointer)), let author = unsafe Authorship(git_commit_author(pointer)),
      let committer = unsafe Authorship(git_commit_committer(pointer)), let message = unsafe git_commit_message_raw(pointer)
    else { throw GitError(.corrupt, "read commit", on: id.hex) }
    return unsafe CommitObject(
      id: id, tree: tree, parents: parents, author: author, committer: committer, message: String(cString: message))
  }

  /// A tag object of at most that size; libgit2 accepts it only with its headers once each and in order.
  func tag(_ id: ObjectID, limit: Int) throws(GitError) -> TagObject {
    let raw = try bytes(of: id, limit: limit)
    let tag: Owned<TagKind> = try lookUp(id, "read tag", GIT_OBJECT_TAG)
    let pointer = unsafe tag.pointer
    guard let target = unsafe ObjectID(git_tag_target_id(pointer)), let name = unsafe git_tag_name(pointer),
      let type = unsafe TagObject.TargetType(rawValue: String(cString: git_object_type2string(git_tag_target_type(pointer))))
    else { throw GitError(.corrupt, "read tag", on: id.hex) }
    return unsafe TagObject(
      id: id, name: String(cString: name), target: target, targetType: type, tagger: Authorship(git_tag_tagger(pointer)),
      message: git_tag_message(pointer).map { unsafe String(cString: $0) } ?? "", raw: raw)
  }

  /// What an object finally points to through any tags, at most ten of them.
  func peeled(_ id: ObjectID) throws(GitError) -> ObjectID {
    var id = id
    for _ in 0..<10 {
      guard try header(of: id).type == GIT_OBJECT_TAG else { return id }
      let tag: Owned<TagKind> = try lookUp(id, "read tag", GIT_OBJECT_TAG)
      guard let target = unsafe ObjectID(git_tag_target_id(tag.pointer)) else { throw GitError(.corrupt, "read tag", on: id.hex) }
      id = target
    }
    throw GitError(.tooLarge, "resolve tag", on: id.hex, cause: "tags of tags, more than ten deep")
  }

  private func note(_ type: git_object_t) {
    if let kind = CloneObjects.Kind(type) { tally.noteRead(kind) }
  }

  /// Looks an object up as one of a type; what is there as another type is invalid, what is there but unreadable is corrupt.
  func lookUp<Kind>(_ id: ObjectID, _ attempted: String, _ type: git_object_t) throws(GitError) -> Owned<Kind> {
    var oid = id.oid
    note(type)
    do throws(GitError) {
      return try unsafe Libgit2.make(attempted, on: id.hex) { unsafe git_object_lookup(&$0, repository.pointer, &oid, type) }
    } catch {
      guard error.kind == .notFound, contains(id) else { throw error }
      let found = try header(of: id).type
      guard found != type else { throw GitError(.corrupt, attempted, on: id.hex, cause: error.cause) }
      let name = unsafe String(cString: git_object_type2string(found))
      throw GitError(.invalid, attempted, on: id.hex, cause: "it is a \(name)")
    }
  }
}
