package import GitStore

/// The audit branch as a clone has it: a branch of its own, or one that it follows on a remote.
package struct TrailBranch: Sendable, Hashable {
  package let ref: RefName
  package let tip: ObjectID
  /// Refs of the same branch that name other commits.
  package let others: [RefName: ObjectID]

  /// Nil where the clone has no such branch.
  init?(_ name: String, in objects: CloneObjects) throws(GitError) {
    let whole = RefName(name)
    if let whole, let tip = try objects.target(of: whole) {
      (ref, self.tip, others) = (whole, tip, [:])
      return
    }
    guard whole == nil, let local = RefName.branch(name) else { return nil }
    var found: [RefName: ObjectID] = [:]
    for (ref, entry) in try objects.refs(prefixes: ["refs/remotes/"]).refs where Self.branch(of: ref) == name { found[ref] = entry.target }
    found[local] = try objects.target(of: local)
    // One's own branch first, then the remote that clones are made from, then any.
    let first = [local, RefName("refs/remotes/origin/\(name)")].compactMap(\.self).first { found[$0] != nil } ?? found.keys.min()
    guard let first, let tip = found[first] else { return nil }
    (ref, self.tip, others) = (first, tip, found.filter { $0.value != tip })
  }

  /// The branch's name on its remote.
  private static func branch(of ref: RefName) -> String? {
    let parts = ref.name.split(separator: "/", maxSplits: 3)
    return parts.count == 4 ? String(parts[3]) : nil
  }
}

/// The commits of a trail, from its tip back.
struct TrailHistory {
  /// The most commits that are followed; each takes 24 bytes.
  static let limit = 10_000_000

  /// Newest first.
  private(set) var ids: [ObjectID] = []
  /// Whether the commit was reached at which the walk was to end.
  private(set) var reachedEnd = false
  /// Why it ended before the beginning of the history.
  private(set) var broken: (commit: ObjectID, reason: String)?

  /// - Parameter end: the commit to end before; nil for the beginning.
  init(from tip: ObjectID, until end: ObjectID?, objects: TrailObjects, isShallow: Bool) throws(GitError) {
    var next: ObjectID? = tip
    while let id = next {
      if id == end {
        reachedEnd = true
        return
      }
      if Task.isCancelled { throw GitError(.cancelled, "verify", on: tip.hex) }
      guard ids.count < Self.limit else { throw GitError(.tooLarge, "verify", on: tip.hex, cause: "more than \(Self.limit) commits") }
      do throws(GitError) {
        guard let header = CommitHeader(try objects.commit(id)) else {
          throw GitError(.corrupt, "read commit", on: id.hex, cause: "it is no commit as git writes them")
        }
        ids.append(id)
        next = header.parents.first
      } catch {
        let isCut = isShallow && error.kind == .notFound
        broken = (id, isCut ? "the clone is shallow: git fetch --unshallow" : "\(error)")
        return
      }
    }
  }
}
