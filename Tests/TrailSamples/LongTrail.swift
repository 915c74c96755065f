import AuditTrail
import Digests
import Glibc
package import ReleaseModel
import TestSupport

/// A trail of very many records, one release after the other, all promoted: what the audit log would write, written by `git fast-import`.
package struct LongTrail: Sendable {
  /// How many records it has in all.
  package let records: Int
  /// They release one after the other; each first notes that it was seen.
  package let services: [String]

  package init(records: Int, services: [String] = ["web"]) { (self.records, self.services) = (records, services) }

  /// Makes a bare repository there that holds it, and answers how each service goes on.
  ///
  /// - Throws: what git said, or did not do.
  @discardableResult
  package func write(to folder: String) throws -> [String: ReleaseSeries] {
    let script = "git init -q --bare '\(folder)' && git -C '\(folder)' fast-import --quiet --max-pack-size=4g"
    let git = try Shell(script, writing: true)
    var writer = Writer()
    var bytes: [UInt8] = []
    for number in 1...records {
      bytes += try writer.commit(of: services[number / 2 % services.count])
      guard bytes.count > 1 << 20 || number == records else { continue }
      guard fwrite(bytes, 1, bytes.count, git.pipe) == bytes.count else { break }
      bytes = []
    }
    let status = git.close()
    guard status == 0 else { throw Failure(script: script, status: status) }
    return writer.services.mapValues(\.series)
  }

  package struct Failure: Error {
    package let script: String
    package let status: Int32
  }
}

/// The records of a service that is seen, and then releases one version after the other.
package struct ReleaseSeries: Sendable {
  private var chronicle: Chronicle
  private var made = 0

  init(_ service: String, rollouts: UInt64) { chronicle = Chronicle(service, rollouts: rollouts) }

  /// The next one: its first look, a plan, its outcome, a plan, …
  package mutating func next() throws -> AuditRecord {
    made += 1
    if made == 1 { return chronicle.noted() }
    return made.isMultiple(of: 2) ? try chronicle.planned("1.0.\(made)") : try chronicle.ended(.promoted)
  }
}

/// The commits of a long trail, one after the other.
private struct Writer {
  private(set) var services: [String: (series: ReleaseSeries, head: LedgerHead)] = [:]
  private var count = 0
  /// What lies in the tree already.
  private var shown: Set<Digest> = []

  /// The next one as `git fast-import` reads it.
  mutating func commit(of service: String) throws -> [UInt8] {
    var (series, head) = services[service] ?? (ReleaseSeries(service, rollouts: UInt64(services.count) << 20), LedgerHead())
    var record = try series.next()
    (record.sequence, record.previous, record.changed) = (head.sequence + 1, head.last, head.changes(to: record.sources))
    count += 1
    let bytes = try commit(record, &head)
    services[service] = (series, head)
    return bytes
  }

  private mutating func commit(_ record: AuditRecord, _ head: inout LedgerHead) throws -> [UInt8] {
    func line(_ value: some Encodable) throws -> [UInt8] { try CanonicalJSON.bytes(of: value) + [0x0A] }
    let (path, text) = (AuditTree.record(record.service, record.sequence), try line(record))
    let digest = Digest(of: text)
    head.take(record, digest)
    var files = [
      (path, text), (AuditTree.head(record.service), try line(head)), (AuditTree.count, try line(RecordCount(records: count))),
      (AuditTree.key(record.service, record.key), try line(RecordedKey(sequence: record.sequence, digest: digest))),
    ]
    if count == 1 { files.append((AuditTree.readme, Array(AuditTree.readmeText.utf8))) }
    if record.event == .noted { files.append((AuditTree.noted(record.service), try line([String: String]()))) }
    if record.event == .plan, let tag = record.tag?.tag {
      let decision = TagDecision(kind: .planned, object: tag.object, firstSeen: record.at, sequence: record.sequence)
      files.append((AuditTree.tag(record.service, tag.name), try line(decision)))
    }
    for exhibit in record.exhibits where shown.insert(exhibit.digest).inserted {
      files.append((AuditTree.exhibit(exhibit.digest), exhibit.bytes ?? []))
    }
    let who = "tagflip <tagflip@localhost> \((record.at?.milliseconds ?? 0) / 1000) +0000"
    let message = Array(CommitMessage(record, path: path).text.utf8)
    var bytes = Array("commit refs/heads/tagflip/audit\nauthor \(who)\ncommitter \(who)\ndata \(message.count)\n".utf8) + message
    for (path, text) in files { bytes += Array("M 100644 inline \(path)\ndata \(text.count)\n".utf8) + text }
    return bytes + [0x0A]
  }
}
