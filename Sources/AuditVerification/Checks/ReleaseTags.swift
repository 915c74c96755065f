import AuditTrail
import Digests
import GitStore
import ReleaseModel

/// Every tag on record still names, in the release repository, the object that was decided on; and a released one the commit on record.
struct ReleaseTags: TrailCheck, TrailEnding {
  let name = "release-tags"
  /// What the release repository's tags name now, by their names.
  let tags: [String: RefListing.Entry]

  init(_ listing: RefListing) {
    tags = Dictionary(listing.refs.map { ($0.key.short, $0.value) }) { first, _ in first }
  }

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) {
    guard let record = commit.entry, record.event == .plan, let facts = record.tag, let entry = tags[facts.tag.name],
      entry.target.hex == facts.tag.object
    else { return }
    let found = (entry.peeled ?? entry.target).hex
    guard found != facts.commit else { return }
    log.add(.tagCommitDiffers, in: commit, "\(facts.tag.name) names commit \(found.prefix(12)), the record \(facts.commit.prefix(12))")
  }

  func inspect(_ end: TrailEnd, _ log: inout FindingLog) throws(GitError) {
    for service in end.state.services.keys.sorted() {
      guard let name = ServiceName(service) else { continue }
      var decided: Set<String> = []
      try end.files.forEach(under: "services/\(service)/tags") { (path, item) throws(GitError) in
        let bytes = try end.files.objects.blob(item.id, limit: TreeFiles.smallLimit)
        guard let decision = try? CanonicalJSON.value(TagDecision.self, from: bytes) else { return }
        let file = path.split(separator: "/").last.map { String($0.dropLast(5)) } ?? ""
        let tag = tagName(file)
        decided.insert(tag)
        judge(tag, decision, name, end, &log)
      }
      guard let noted = try end.files.item(AuditTree.noted(name)) else { continue }
      for (tag, object) in try end.files.objects.noted(noted.id).sorted(by: { $0.key < $1.key }) where !decided.contains(tag) {
        judge(tag, TagDecision(kind: .noted, object: object, firstSeen: nil, sequence: 1), name, end, &log)
      }
    }
  }

  private func judge(_ tag: String, _ decision: TagDecision, _ service: ServiceName, _ end: TrailEnd, _ log: inout FindingLog) {
    // That a tag existed at first sight is not said by a record of its own.
    let record = decision.kind == .noted ? nil : AuditTree.record(service, max(1, decision.sequence))
    let words = "\(tag) (\(decision.kind.rawValue)\(record == nil ? "" : " by record \(decision.sequence)"))"
    guard let now = tags[tag]?.target.hex else {
      // The bot missed it: the record of that is the evidence.
      let severity: Finding.Severity = decision.gone != nil ? .notice : decision.kind == .planned ? .error : .warning
      let seen = decision.gone.map { ", which was seen at \($0)" } ?? ""
      return log.add(.tagDeleted, severity, commit: end.branch.tip, record: record, "\(words) is gone from the release repository\(seen)")
    }
    guard now != decision.object else { return }
    // The bot saw it and refused it: the record of that is the evidence.
    let isRecorded = decision.moved.contains(now)
    log.add(
      .tagMoved, isRecorded ? .notice : .error, commit: end.branch.tip, record: record,
      "\(words) named \(decision.object.prefix(12)) and names \(now.prefix(12)) now" + (isRecorded ? ", which was seen and refused" : ""))
  }

  /// The tag that a file is named after: percent-encoded, or by its digest where it is too long for one.
  private func tagName(_ file: String) -> String {
    guard file.utf8.count != 64 || !file.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }) || tags[file] != nil
    else {
      return tags.keys.first { Digest(of: Array($0.utf8)).hex == file } ?? "a tag with a very long name"
    }
    var bytes: [UInt8] = []
    var rest = Array(file.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
