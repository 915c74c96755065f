import CLibgit2

/// Questions about the order of commits.
extension OpenRepository {
  /// Whether a commit is the other or has it among its ancestors.
  func descends(_ commit: ObjectID, from ancestor: ObjectID) throws(GitError) -> Bool {
    guard commit != ancestor else { return true }
    var (later, earlier) = (commit.oid, ancestor.oid)
    return try Libgit2.call("compare", on: "\(commit) and \(ancestor)") {
      unsafe git_graph_descendant_of(repository.pointer, &later, &earlier)
    } == 1
  }

  /// The best common ancestor; nil where the histories have none.
  func mergeBase(_ left: ObjectID, _ right: ObjectID) throws(GitError) -> ObjectID? {
    var (first, second, base) = (left.oid, right.oid, git_oid())
    let code = unsafe git_merge_base(&base, repository.pointer, &first, &second)
    if code == GIT_ENOTFOUND.rawValue, contains(left), contains(right) { return nil }
    try Libgit2.call("compare", on: "\(left) and \(right)") { code }
    return ObjectID(base)
  }

  /// A commit and its first parents, newest first: at most so many, ending before one of the given commits.
  func firstParents(from start: ObjectID, until ends: Set<ObjectID>, limit: Int) throws(GitError) -> [CommitObject] {
    var commits: [CommitObject] = []
    var next: ObjectID? = start
    while let id = next, commits.count < limit, !ends.contains(id) {
      let commit = try commit(id)
      commits.append(commit)
      next = commit.parents.first
    }
    return commits
  }
}
