import AuditTrail
import GitStore
import ReleaseModel

/// The tag's own bytes are those of the object that was decided on, and say what the record says of it.
struct TagObjects: TrailCheck {
  let name = "tag-objects"

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) throws(GitError) {
    guard let evidence = Evidence(commit), let facts = evidence.record.tag else { return }
    if let bytes = try evidence.bytes(.tag) { try inspectTag(bytes, facts, commit, &log) }
    if let bytes = try evidence.bytes(.commit) { try inspectCommit(bytes, facts, commit, &log) }
  }

  private func inspectTag(_ bytes: [UInt8], _ facts: TagFacts, _ commit: TrailCommit, _ log: inout FindingLog) throws(GitError) {
    let id = try ObjectID.name(of: bytes, as: .tag).hex
    guard id == facts.tag.object else {
      return log.add(.tagObjectMismatch, in: commit, "it decides on object \(facts.tag.object.prefix(12)) and shows \(id.prefix(12))")
    }
    guard let header = TagHeader(bytes) else {
      return log.add(.tagObjectMalformed, in: commit, "object \(id.prefix(12)) is no tag as git writes them")
    }
    if !header.name.elementsEqual(facts.tag.name.utf8) {
      let name = String(decoding: header.name, as: UTF8.self)
      log.add(.tagNameMismatch, in: commit, "the object says that it is \(name), the record that it is \(facts.tag.name)")
    }
    if header.targetType != .commit || header.target.hex != facts.commit {
      log.add(
        .tagTargetMismatch, in: commit,
        "the object tags \(header.targetType.rawValue) \(header.target.hex.prefix(12)), the record names commit \(facts.commit.prefix(12))")
    }
    compare(facts, TagFacts(facts.tag, header), commit, &log)
  }

  private func inspectCommit(_ bytes: [UInt8], _ facts: TagFacts, _ commit: TrailCommit, _ log: inout FindingLog) throws(GitError) {
    let id = try ObjectID.name(of: bytes, as: .commit)
    guard id.hex == facts.commit else {
      return log.add(.tagObjectMismatch, in: commit, "it names commit \(facts.commit.prefix(12)) and shows \(id.hex.prefix(12))")
    }
    guard let header = CommitHeader(bytes) else {
      return log.add(.tagObjectMalformed, in: commit, "object \(id.hex.prefix(12)) is no commit as git writes them")
    }
    guard !facts.isAnnotated else { return }
    if facts.tag.object != facts.commit {
      log.add(
        .tagTargetMismatch, in: commit,
        "a lightweight tag is its commit, and it names object \(facts.tag.object.prefix(12)) and commit \(facts.commit.prefix(12))")
    }
    compare(facts, TagFacts(facts.tag, commit: id, header), commit, &log)
  }

  private func compare(_ facts: TagFacts, _ own: TagFacts, _ commit: TrailCommit, _ log: inout FindingLog) {
    let parts: [(String, Bool)] = [
      ("kind", facts.isAnnotated == own.isAnnotated), ("tagger", same(facts.tagger, own.tagger)), ("time", facts.taggedAt == own.taggedAt),
      ("message", same(facts.message, own.message)),
    ]
    let others = parts.filter { !$0.1 }.map(\.0)
    guard !others.isEmpty else { return }
    log.add(
      .tagFactsMismatch, in: commit,
      "its \(others.joined(separator: ", ")) is not what the object says, which is of \(own.tagger ?? "nobody") at "
        + "\(own.taggedAt.map { "\($0)" } ?? "no time")")
  }

  /// Byte for byte.
  private func same(_ left: String?, _ right: String?) -> Bool { left.map { Array($0.utf8) } == right.map { Array($0.utf8) } }
}
