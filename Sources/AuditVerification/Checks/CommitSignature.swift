import GitStore

/// A key that the auditor trusts signed each commit, one principal's throughout: who may tag is not who writes the trail. Without a judge nothing is
/// said here, and the report says that nothing was checked.
struct CommitSignature: TrailCheck {
  let name = "signature"

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) {
    switch commit.verdict {
    case nil: return
    case .good(let principal, let fingerprint):
      guard let before = state.signer, !before.utf8.elementsEqual(principal.utf8) else { return }
      log.add(.signerChanged, in: commit, "signed by \(principal) (\(fingerprint)), the commits before by \(before)")
    case .unsigned: log.add(.signatureMissing, in: commit, "the commit is not signed")
    case .bad(let reason): log.add(.signatureBad, in: commit, "its signature does not count: \(reason)")
    }
  }
}
