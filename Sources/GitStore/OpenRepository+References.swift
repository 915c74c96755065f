import CLibgit2
import Glibc

/// Reading and changing refs.
extension OpenRepository {
  /// The object a ref names, through symbolic refs; nil where there is no such ref.
  func target(of ref: RefName) throws(GitError) -> ObjectID? {
    var oid = git_oid()
    do throws(GitError) {
      try Libgit2.call("read ref \(ref) of", on: path) { unsafe git_reference_name_to_id(&oid, repository.pointer, ref.name) }
      return ObjectID(oid)
    } catch {
      guard error.kind == .notFound else { throw error }
      return nil
    }
  }

  /// Points a ref of the cache at an object, whatever it was.
  func setReference(_ ref: RefName, to id: ObjectID) throws(GitError) {
    var oid = id.oid
    let _: Owned<ReferenceKind> = try unsafe Libgit2.make("write ref \(ref) of", on: path) {
      unsafe git_reference_create(&$0, repository.pointer, ref.name, &oid, 1, nil)
    }
  }

  /// Removes a ref of the cache.
  func removeReference(_ ref: RefName) throws(GitError) {
    try Libgit2.call("remove ref \(ref) of", on: path) { unsafe git_reference_remove(repository.pointer, ref.name) }
  }

  /// The refs that begin with a prefix, and the branch `HEAD` names.
  func listing(prefixes: [String], limit: Int, check: () throws(GitError) -> Void) throws(GitError) -> RefListing {
    var listing = RefListing(head: headBranch, source: .refDatabase)
    for prefix in prefixes { try add(prefix, to: &listing, limit: limit, check: check) }
    return listing
  }

  /// The branch `HEAD` names, born or not; nil where it is detached.
  var headBranch: RefName? {
    let head: Owned<ReferenceKind>
    do throws(GitError) {
      head = try unsafe Libgit2.make("read HEAD of", on: path) { unsafe git_reference_lookup(&$0, repository.pointer, "HEAD") }
    } catch {
      return nil
    }
    guard let target = unsafe git_reference_symbolic_target(head.pointer) else { return nil }
    return unsafe RefName(String(cString: target))
  }

  private func add(
    _ prefix: String, to listing: inout RefListing, limit: Int, check: () throws(GitError) -> Void
  ) throws(GitError) {
    let iterator: Owned<ReferenceIteratorKind> = try unsafe Libgit2.make("list refs of", on: path) {
      unsafe git_reference_iterator_glob_new(&$0, repository.pointer, "\(prefix)*")
    }
    while let reference = try next(iterator) {
      try check()
      guard let name = unsafe RefName(String(cString: git_reference_name(reference.pointer))) else { continue }
      guard let entry = try entry(of: reference, named: name) else { continue }
      listing.refs[name] = entry
      guard listing.refs.count <= limit else { throw GitError(.tooLarge, "list refs of", on: path, cause: "more than \(limit) refs") }
    }
  }

  private func next(_ iterator: borrowing Owned<ReferenceIteratorKind>) throws(GitError) -> Owned<ReferenceKind>? {
    let source = unsafe iterator.pointer
    var pointer: OpaquePointer?
    let code = unsafe git_reference_next(&pointer, source)
    if code == GIT_ITEROVER.rawValue { return nil }
    guard code == 0, let pointer = unsafe pointer else { throw Libgit2.error(code, "list refs of", on: path) }
    return unsafe Owned(pointer)
  }

  /// Nil for a symbolic ref that leads nowhere.
  private func entry(of reference: borrowing Owned<ReferenceKind>, named name: RefName) throws(GitError) -> RefListing.Entry? {
    var target = unsafe ObjectID(git_reference_target(reference.pointer))
    if target == nil { target = try self.target(of: name) }  // a symbolic ref
    guard let target else { return nil }
    // Packed refs know what a tag points to; for loose ones the object is looked at.
    if let peeled = unsafe ObjectID(git_reference_target_peel(reference.pointer)) {
      return RefListing.Entry(target: target, peeled: peeled == target ? nil : peeled)
    }
    guard name.name.hasPrefix("refs/tags/") else { return RefListing.Entry(target: target) }
    let peeled = try peeled(target)
    return RefListing.Entry(target: target, peeled: peeled == target ? nil : peeled)
  }

  /// Sets a ref if it still is as expected, under the lock file that `git` itself takes; answers whether it was, with what it is otherwise.
  ///
  /// The check is made while the lock is held, for a ref that must not exist as for one that must: libgit2's own conditional
  /// create does not check the first case under the lock.
  func compareAndSet(
    _ ref: RefName, to id: ObjectID, expecting expected: ObjectID?, limit: Limit
  ) throws(GitError) -> CompareAndSet {
    let transaction: Owned<TransactionKind> = try unsafe Libgit2.make("update ref \(ref) of", on: path) {
      unsafe git_transaction_new(&$0, repository.pointer)
    }
    try lock(ref, in: transaction, limit: limit)
    let current = try target(of: ref)
    guard current == expected else { return .different(current) }
    var oid = id.oid
    let pointer = unsafe transaction.pointer
    try Libgit2.call("update ref \(ref) of", on: path) { unsafe git_transaction_set_target(pointer, ref.name, &oid, nil, "push") }
    try Libgit2.call("update ref \(ref) of", on: path) { unsafe git_transaction_commit(pointer) }
    return .set
  }

  /// What came of a conditional update.
  enum CompareAndSet {
    case set
    case different(ObjectID?)
  }

  /// Takes the ref's lock, waiting for whoever holds it.
  private func lock(_ ref: RefName, in transaction: borrowing Owned<TransactionKind>, limit: Limit) throws(GitError) {
    let pointer = unsafe transaction.pointer
    while true {
      let code = unsafe git_transaction_lock_ref(pointer, ref.name)
      if code == 0 { return }
      let error = Libgit2.error(code, "lock ref \(ref) of", on: path)
      guard code == GIT_ELOCKED.rawValue else { throw error }
      try limit.check("lock ref \(ref) of", on: path)
      usleep(2_000)
    }
  }
}
