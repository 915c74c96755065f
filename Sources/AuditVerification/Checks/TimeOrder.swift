import GitStore
import ReleaseModel

/// The records of a service do not go back in time.
///
/// A person can commit a retry while an outcome waits to be pushed, so retries are left out. API servers of one cluster may differ by seconds.
struct TimeOrder: TrailCheck {
  let name = "time-order"
  static let tolerance: Duration = .seconds(5)

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) {
    guard let record = commit.entry, let at = record.at, let before = state.services[record.service.text]?.lastAt else { return }
    guard at + Self.tolerance < before else { return }
    log.add(.timeBackwards, in: commit, "it is dated \(at), the records before it go up to \(before)")
  }
}
