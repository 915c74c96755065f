import AuditTrail
import GitStore
import ReleaseModel

/// `head.json` is what the records make it: sequence, digest, quarantine, waiting retries.
struct HeadFile: TrailCheck {
  let name = "head-file"

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) {
    guard let entry = commit.record, let record = entry.record, ServiceName(entry.folder) != nil else { return }
    let service = state.services[entry.folder] ?? ServiceState()
    let path = "services/\(entry.folder)/head.json"
    guard let bytes = commit.headBytes else { return log.add(.headMismatch, in: commit, "\(path) is missing") }
    if spells(bytes, service.head.adding(record, entry)) { return }
    // What a file that was tampered with goes on saying was told when it began.
    if let before = service.deviation, spells(bytes, before.adding(record, entry)) { return }
    guard let found = commit.headFile else { return log.add(.headMismatch, in: commit, "\(path) is not what tagflip writes") }
    let differences = found.differences(from: service.head.adding(record, entry))
    log.add(.headMismatch, in: commit, "\(path) is not what the records make it: \(differences)")
  }

  private func spells(_ bytes: [UInt8], _ head: LedgerHead) -> Bool {
    (try? CanonicalJSON.bytes(of: head)).map { $0 + [0x0A] == bytes } ?? false
  }
}

extension LedgerHead {
  func adding(_ record: AuditRecord, _ entry: TrailRecord) -> LedgerHead {
    var next = self
    next.take(record, entry.digest)
    return next
  }

  /// Which of its parts are others.
  fileprivate func differences(from other: LedgerHead) -> String {
    var parts: [String] = []
    if sequence != other.sequence { parts.append("sequence \(sequence), not \(other.sequence)") }
    if last != other.last { parts.append("the last record's digest") }
    if lastPlan != other.lastPlan || lastPlanHasOutcome != other.lastPlanHasOutcome { parts.append("the last plan") }
    if quarantine != other.quarantine {
      parts.append("in quarantine are \(quarantine.names), not \(other.quarantine.names)")
    }
    if retries != other.retries { parts.append("\(retries.count) retries wait, not \(other.retries.count)") }
    if overrides != other.overrides { parts.append("\(overrides.count) overrides wait, not \(other.overrides.count)") }
    if drift != other.drift { parts.append("the drift that stands") }
    if sources != other.sources { parts.append("the sources") }
    return parts.isEmpty ? "its spelling" : parts.joined(separator: "; ")
  }
}

extension [String: String] {
  fileprivate var names: String { isEmpty ? "none" : keys.sorted().prefix(5).joined(separator: ", ") }
}

/// `records.json` is the number of records.
struct CountFile: TrailCheck {
  let name = "count-file"

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) {
    guard commit.record != nil else { return }
    let wanted = state.records + 1
    guard let found = commit.countFile else {
      return log.add(.countMismatch, in: commit, "\(AuditTree.count) is missing or not what tagflip writes")
    }
    let offset = found - wanted
    guard offset != 0, offset != state.countOffset else { return }
    log.add(.countMismatch, in: commit, "\(AuditTree.count) says \(found), and there are \(wanted) records")
  }
}

/// The key of an event leads to its record, and no event is recorded twice.
struct EventKeys: TrailCheck {
  let name = "event-keys"

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) throws(GitError) {
    guard let entry = commit.record, let record = entry.record else { return }
    let path = AuditTree.key(record.service, record.key)
    if let known = try commit.before.value(RecordedKey.self, path) {
      log.add(.recordedTwice, in: commit, "\(record.key.text) is on record as record \(known.sequence) of \(record.service)")
    }
    let wanted = RecordedKey(sequence: record.sequence, digest: entry.digest)
    guard let bytes = try commit.after.bytes(path, limit: TreeFiles.smallLimit) else {
      return log.add(.keyMismatch, in: commit, "\(path) is missing, which leads from \(record.key.text) to the record")
    }
    guard let spelled = try? CanonicalJSON.bytes(of: wanted), bytes == spelled + [0x0A] else {
      return log.add(.keyMismatch, in: commit, "\(path) does not lead from \(record.key.text) to the record")
    }
  }
}
