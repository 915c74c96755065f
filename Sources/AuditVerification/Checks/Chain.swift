import AuditTrail
import Digests
import GitStore
import ReleaseModel

/// A service's records are numbered from 1 without gaps, each number once.
struct SequenceOrder: TrailCheck {
  let name = "sequence"

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) {
    guard let entry = commit.record else { return }
    let last = state.services[entry.folder]?.head.sequence ?? 0
    if entry.sequence > last + 1 {
      let missing = entry.sequence == last + 2 ? "\(last + 1) is" : "\(last + 1) to \(entry.sequence - 1) are"
      log.add(.sequenceGap, in: commit, "after record \(last) of \(entry.folder) comes \(entry.sequence): \(missing) missing")
    } else if entry.sequence <= last {
      log.add(.sequenceReused, in: commit, "record \(entry.sequence) of \(entry.folder) comes after record \(last)")
    }
    guard let record = entry.record, record.sequence != entry.sequence else { return }
    log.add(
      record.sequence <= last ? .sequenceReused : .recordInconsistent, in: commit,
      "it says that it is record \(record.sequence) and lies in the place of \(entry.sequence)")
  }
}

/// A record names the SHA-256 of the file of the record before.
struct PreviousRecord: TrailCheck {
  let name = "previous"

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) {
    guard let entry = commit.record, let record = entry.record else { return }
    let last = state.services[entry.folder]?.head.last
    guard record.previous != last else { return }
    let (named, found) = (record.previous.map { $0.prefix12 + "…" } ?? "none", last.map { $0.prefix12 + "…" } ?? "there is none")
    log.add(.previousMismatch, in: commit, "it names \(named) as the record before, and that is \(found)")
  }
}
