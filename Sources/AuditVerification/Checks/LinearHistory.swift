import GitStore

/// Each commit has one parent, and the first of all begins the trail.
struct LinearHistory: TrailCheck {
  let name = "linear-history"

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) {
    let parents = commit.header.parents
    if parents.count > 1 {
      let ids = parents.map { String($0.hex.prefix(12)) }.joined(separator: ", ")
      log.add(.mergeCommit, in: commit, "it joins \(parents.count) histories: \(ids); the first of them is followed")
    }
    guard parents.isEmpty else { return }
    if commit.added.count > 1 || commit.isTruncated {
      log.add(.historyCut, in: commit, "the first commit holds \(commit.isTruncated ? "very many" : "\(commit.added.count)") records")
    } else if let sequence = commit.record?.sequence, sequence != 1 {
      log.add(.historyCut, in: commit, "the first commit holds record \(sequence)")
    }
  }
}
