import GitStore

/// A key that the auditor trusts signed each commit. Without a judge nothing is said here, and the report says that nothing was checked.
struct CommitSignature: TrailCheck {
  let name = "signature"

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) {
    switch commit.verdict {
    case .good, nil: return
    case .unsigned: log.add(.signatureMissing, in: commit, "the commit is not signed")
    case .bad(let reason): log.add(.signatureBad, in: commit, "its signature does not count: \(reason)")
    }
  }
}
