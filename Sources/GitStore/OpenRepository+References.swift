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
