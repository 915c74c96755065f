import GitStore
import ReleaseModel

/// A journal that bore no seal told of steps: the record keeps them as claims.
struct ClaimedSteps: TrailCheck {
  let name = "claimed-steps"

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) {
    guard let claimed = commit.entry?.claimed, !claimed.isEmpty else { return }
    log.add(
      .stepsClaimed, in: commit, "steps that are claimed: \(claimed.map { "\($0.step) \($0.result.rawValue)" }.joined(separator: ", "))")
  }
}

/// Tags that are on record are gone from the release repository.
struct DeletedTags: TrailCheck {
  let name = "deleted-tags"

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) {
    guard let record = commit.entry, record.event == .deleted else { return }
    let names = record.tags.prefix(5).map(\.name).joined(separator: ", ")
    let more = record.tags.count > 5 ? " and \(record.tags.count - 5) more" : ""
    log.add(.tagsDeleted, in: commit, "by then they were gone: \(names)\(more)")
  }
}
