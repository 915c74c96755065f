import GitStore

/// The trail as it is at its tip.
package struct TrailEnd {
  package let branch: TrailBranch
  package let state: TrailState
  package let files: TreeFiles
  /// Nil where the auditor brought no keys.
  package let vouching: Vouching?
  let objects: CloneObjects
  /// Whether a commit is the tip or one of its ancestors.
  let leadsTo: (ObjectID) throws(GitError) -> Bool
}

/// The branch leads back to the head that the auditor has from elsewhere, and holds no fewer records than he was told.
struct KnownHead: TrailEnding {
  let name = "known-head"
  let head: ObjectID?
  let count: Int?

  func inspect(_ end: TrailEnd, _ log: inout FindingLog) throws(GitError) {
    if let head, try !end.leadsTo(head) {
      log.add(.headNotReached, commit: end.branch.tip, "\(end.branch.ref.short) does not lead back to \(head)")
    }
    if let count, end.state.records < count {
      log.add(.countBelow, commit: end.branch.tip, "there are \(end.state.records) records, and there were \(count)")
    }
  }
}

/// What was announced has its outcome.
struct OpenRollouts: TrailEnding {
  let name = "open-rollouts"

  func inspect(_ end: TrailEnd, _ log: inout FindingLog) {
    for (service, state) in end.state.services.sorted(by: { $0.key < $1.key }) {
      guard let open = state.open else { continue }
      log.add(
        .rolloutOpen, record: "services/\(service)/records", "\(open.rollout) of \(service) (record \(open.sequence)) has no outcome yet")
    }
  }
}

/// What plain git shows in this clone is what was verified.
struct PlainGit: TrailEnding {
  let name = "plain-git"

  func inspect(_ end: TrailEnd, _ log: inout FindingLog) throws(GitError) {
    for (ref, tip) in end.branch.others.sorted(by: { $0.key < $1.key }) {
      log.add(
        .refsDiffer, commit: end.branch.tip,
        "\(end.branch.ref) was verified, at \(end.branch.tip.hex.prefix(12)); \(ref) is at \(tip.hex.prefix(12))")
    }
    let replaced = try end.objects.refs(prefixes: ["refs/replace/"]).refs.keys.sorted()
    guard let first = replaced.first else { return }
    log.add(
      .objectsReplaced, commit: end.branch.tip,
      "\(replaced.count) objects are replaced in this clone, the first of them \(first.name.dropFirst(13).prefix(12))")
  }
}
