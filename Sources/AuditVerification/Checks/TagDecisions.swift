import AuditTrail
import GitStore
import ReleaseModel

/// The files that say what was decided on tags are what the records make them, and those that existed at first sight are as recorded.
struct TagDecisions: TrailCheck {
  let name = "tag-decisions"

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) throws(GitError) {
    guard let record = commit.entry else { return }
    if record.event == .noted { try inspectNoted(record, commit, &log) }
    for tag in record.event == .deleted ? record.tags : [] { try inspectGone(tag, record, commit, &log) }
    guard let kind = record.decision, let tag = record.tag?.tag else { return }
    let path = AuditTree.tag(record.service, tag.name)
    let before = try commit.before.decision(on: tag.name, of: record.service)
    let wanted =
      before.map { $0.after(kind, tag, record) } ?? .init(kind: kind, object: tag.object, firstSeen: record.at, sequence: record.sequence)
    guard let bytes = try commit.after.bytes(path, limit: TreeFiles.smallLimit) else {
      return log.add(.tagDecisionMismatch, in: commit, "\(path) is missing, which says that \(tag.name) was \(kind.rawValue)")
    }
    guard let spelled = try? CanonicalJSON.bytes(of: wanted), bytes == spelled + [0x0A] else {
      return log.add(.tagDecisionMismatch, in: commit, "\(path) does not say what was decided: \(tag.name) \(kind.rawValue)")
    }
  }

  /// A tag that is gone keeps its decision, which says since when.
  private func inspectGone(_ tag: ReleaseTag, _ record: AuditRecord, _ commit: TrailCommit, _ log: inout FindingLog) throws(GitError) {
    let path = AuditTree.tag(record.service, tag.name)
    guard var wanted = try commit.before.decision(on: tag.name, of: record.service) else {
      return log.add(.tagDecisionMismatch, in: commit, "it misses \(tag.name), which no record before it speaks of")
    }
    if wanted.object != tag.object {
      log.add(
        .tagDecisionMismatch, in: commit, "it says that \(tag.name) named \(tag.object.prefix(12)), and it was \(wanted.object.prefix(12))")
    }
    wanted.gone = record.at
    guard let bytes = try commit.after.bytes(path, limit: TreeFiles.smallLimit), let spelled = try? CanonicalJSON.bytes(of: wanted),
      bytes == spelled + [0x0A]
    else { return log.add(.tagDecisionMismatch, in: commit, "\(path) does not say that the tag is gone") }
  }

  private func inspectNoted(_ record: AuditRecord, _ commit: TrailCommit, _ log: inout FindingLog) throws(GitError) {
    let wanted = Dictionary(record.tags.map { ($0.name, $0.object) }) { first, _ in first }
    let path = AuditTree.noted(record.service)
    let bytes = try commit.after.bytes(path, limit: TrailRecord.limit)
    guard let bytes, let spelled = try? CanonicalJSON.bytes(of: wanted), bytes == spelled + [0x0A] else {
      return log.add(.notedMismatch, in: commit, "\(path) does not hold the \(record.tags.count) tags of the record")
    }
  }
}

extension TagDecision {
  /// The decision once another was made on a tag of that name.
  fileprivate func after(_ kind: Kind, _ tag: ReleaseTag, _ record: AuditRecord) -> TagDecision {
    var next = self
    if object == tag.object {
      next.kind = kind
      next.gone = nil
      next.sequence = record.sequence
    } else if !moved.contains(tag.object) {
      next.moved.append(tag.object)
    }
    return next
  }
}
