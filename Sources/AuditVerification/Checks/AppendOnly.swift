import AuditTrail
import GitStore
import ReleaseModel

/// Each commit touches the files that its record makes it touch, and no others: what was written stays as it was.
struct AppendOnly: TrailCheck {
  let name = "append-only"

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) {
    let expected = commit.record.flatMap { entry in entry.record.map { RecordFiles($0, isFirst: commit.number == 1).paths } }
    for change in commit.changes { judge(change, expected, commit, &log) }
    if commit.isTruncated { log.add(.unexpectedFile, in: commit, "it changes more than \(TreeDifference.limit) files") }
  }

  private func judge(_ change: PathChange, _ expected: Set<[UInt8]>?, _ commit: TrailCommit, _ log: inout FindingLog) {
    guard let after = change.after else { return log.add(.fileDeleted, in: commit, "\(change.text) was deleted") }
    guard after.kind == .file else { return log.add(.unexpectedFile, in: commit, "\(change.text) is no regular file") }
    let place = TrailPath(change.path)
    guard change.before == nil else {
      guard place.mayChange, isExpected(change, place, expected, commit) else {
        return log.add(.fileModified, in: commit, "\(change.text) was changed")
      }
      return
    }
    if !isExpected(change, place, expected, commit) { log.add(.unexpectedFile, in: commit, "\(change.text) was added") }
  }

  private func isExpected(_ change: PathChange, _ place: TrailPath, _ expected: Set<[UInt8]>?, _ commit: TrailCommit) -> Bool {
    if let expected { return expected.contains(change.path) }
    // Of a record that cannot be read only its service is known; of several not even that.
    switch place {
    case .unknown: return false
    case .readme: return commit.number == 1
    case .record: return true
    case .count: return !commit.added.isEmpty
    case .exhibit: return commit.record != nil || !commit.added.isEmpty
    case .head, .noted, .tag, .key, .attestation: return commit.record.map { $0.folder == place.service } ?? !commit.added.isEmpty
    }
  }
}

extension TrailPath {
  /// Whether what lies there is written again by later records.
  fileprivate var mayChange: Bool {
    switch self {
    case .head, .count, .tag: true
    case .readme, .noted, .record, .key, .attestation, .exhibit, .unknown: false
    }
  }
}

/// The files that a record's commit writes.
struct RecordFiles {
  let paths: Set<[UInt8]>

  /// - Parameter isFirst: whether it is the first of the whole trail, which brings the readme.
  init(_ record: AuditRecord, isFirst: Bool) {
    let service = record.service
    var paths = [
      AuditTree.record(service, record.sequence), AuditTree.head(service), AuditTree.key(service, record.key), AuditTree.count,
    ]
    if isFirst { paths.append(AuditTree.readme) }
    if record.event == .noted { paths.append(AuditTree.noted(service)) }
    if record.decision != nil, let name = record.tag?.tag.name { paths.append(AuditTree.tag(service, name)) }
    for tag in record.event == .deleted ? record.tags : [] { paths.append(AuditTree.tag(service, tag.name)) }
    for exhibit in record.exhibits { paths.append(AuditTree.exhibit(exhibit.digest)) }
    // Only a key that signs in the process makes one.
    if record.outcome == .promoted { paths.append(AuditTree.attestation(service, record.sequence)) }
    self.paths = Set(paths.map { Array($0.utf8) })
  }
}

extension AuditRecord {
  /// What it decides on its tag; nil where it decides nothing.
  var decision: TagDecision.Kind? {
    switch event {
    case .plan: .planned
    case .refused: .refused
    case .superseded: .superseded
    case .noted, .outcome, .retired, .adopted, .left, .settled, .retry, .override, .deleted, .resealed, .drift: nil
    }
  }
}
