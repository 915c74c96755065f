import GitStore

/// Each commit adds exactly one record.
struct OneRecord: TrailCheck {
  let name = "one-record"

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) {
    switch commit.added.count {
    case 1 where commit.record != nil: return
    case 1: log.add(.noRecord, in: commit, "\(commit.added[0]) is no regular file")
    case 0:
      let changed = commit.changes.prefix(3).map(\.text).joined(separator: ", ")
      log.add(.noRecord, in: commit, "it adds no record" + (changed.isEmpty ? " and changes nothing" : "; it changes \(changed)"))
    default:
      log.add(.severalRecords, in: commit, "it adds \(commit.added.count) records: \(commit.added.prefix(3).joined(separator: ", "))")
    }
  }
}
