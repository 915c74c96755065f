import Digests
import ReleaseEngine
import ReleaseModel
import Synchronization

/// An audit branch in memory: sequences without gaps, each event once, decisions, quarantine and retries as the real one keeps them.
final class SimulatedAudit: AuditLog {
  fileprivate struct Book {
    var records: [AuditRecord] = []
    var digests: [Digest] = []
    var entries: [RecordKey: AppendResult.Entry] = [:]
    var decisions: [String: TagDecision] = [:]
    var quarantine: [Version: String] = [:]
    var retries: [ServiceLedger.Retry] = []
  }

  private let tap: PortTap
  private let books = Mutex<[ServiceName: Book]>([:])

  init(tap: PortTap) { self.tap = tap }

  /// Goes on where another is.
  func take(_ other: SimulatedAudit) {
    let now = other.books.withLock { $0 }
    books.withLock { $0 = now }
  }

  /// A service's records, oldest first.
  func records(of service: ServiceName) -> [AuditRecord] { books.withLock { $0[service]?.records ?? [] } }

  func hasPlan(of rollout: RolloutID, service: ServiceName) -> Bool {
    records(of: service).contains { $0.event == .plan && $0.rollout == rollout }
  }

  /// Rollouts whose plan is recorded and whose outcome is not.
  func openPlans(of service: ServiceName) -> [RolloutID] {
    let records = records(of: service)
    let ended = Set(records.filter { $0.event == .outcome }.compactMap(\.rollout))
    return records.filter { $0.event == .plan }.compactMap(\.rollout).filter { !ended.contains($0) }
  }

  func ledger(of service: ServiceName, tags: [ReleaseTag]) async throws(PortError) -> ServiceLedger {
    try await tap.pass("audit.ledger") {
      books.withLock { books in
        guard let book = books[service] else { return ServiceLedger() }
        let names = Set(tags.map(\.name))
        return ServiceLedger(
          sequence: book.records.count, last: book.digests.last, decisions: book.decisions.filter { names.contains($0.key) },
          quarantine: book.quarantine, retries: book.retries)
      }
    }
  }

  func append(_ records: [AuditRecord], expecting sequence: Int?) async throws(PortError) -> AppendResult {
    try await tap.pass("audit.append") { () throws(PortError) in
      do {
        return try books.withLock { books in
          var after = books
          let entries = try SimulatedAudit.append(records, expecting: sequence, to: &after)
          books = after
          let count = after.values.reduce(0) { $0 + $1.records.count }
          return AppendResult(entries: entries, head: "head-\(count)", count: count)
        }
      } catch let error as PortError {
        throw error
      } catch {
        throw PortError(.invalid, attempted: "append", reason: "\(error)")
      }
    }
  }

  func last(of service: ServiceName) async throws(PortError) -> AuditRecord? {
    try await tap.pass("audit.last") { records(of: service).last }
  }

  private static func append(
    _ records: [AuditRecord], expecting sequence: Int?, to books: inout [ServiceName: Book]
  ) throws -> [AppendResult.Entry] {
    var entries: [AppendResult.Entry] = []
    for (index, record) in records.enumerated() {
      var book = books[record.service] ?? Book()
      if var known = book.entries[record.key] {
        known.wasThere = true
        entries.append(known)
        continue
      }
      if index == 0, let sequence, sequence != book.records.count {
        throw PortError(.conflict, attempted: "append", reason: "the last sequence is \(book.records.count), expected \(sequence)")
      }
      entries.append(try book.take(record))
      books[record.service] = book
    }
    return entries
  }
}

extension SimulatedAudit.Book {
  fileprivate mutating func take(_ original: AuditRecord) throws -> AppendResult.Entry {
    var record = original
    record.sequence = records.count + 1
    record.previous = digests.last
    // A digest of what sets it apart: whole records are encoded where that is tested.
    let digest = Digest(of: "\(record.previous?.hex ?? "") \(record.sequence) \(record.key.text)".utf8)
    records.append(record)
    digests.append(digest)
    note(record, digest)
    let entry = AppendResult.Entry(
      key: record.key, sequence: record.sequence, digest: digest, commit: "commit-\(record.service)-\(record.sequence)", wasThere: false)
    entries[record.key] = entry
    return entry
  }

  private mutating func note(_ record: AuditRecord, _ digest: Digest) {
    switch record.event {
    case .noted: for tag in record.tags { decide(.noted, tag, record) }
    case .plan:
      if let tag = record.tag?.tag { decide(.planned, tag, record) }
      retries.removeAll { $0.record.description == record.plan?.attempt }
    case .refused:
      if let tag = record.tag?.tag { decide(.refused, tag, record) }
      retries.removeAll { $0.record.description == record.attempt }
    case .superseded: if let tag = record.tag?.tag { decide(.superseded, tag, record) }
    case .outcome:
      if let version = record.version, record.conclusion?.quarantines == true { quarantine[version] = record.reason ?? "" }
    case .retry:
      guard let version = record.version, let tag = record.tag?.tag else { return }
      quarantine[version] = nil
      retries.append(ServiceLedger.Retry(version: version, tag: tag, record: digest))
    case .retired: break
    }
  }

  private mutating func decide(_ kind: TagDecision.Kind, _ tag: ReleaseTag, _ record: AuditRecord) {
    guard var decision = decisions[tag.name] else {
      decisions[tag.name] = TagDecision(kind: kind, object: tag.object, firstSeen: record.at, sequence: record.sequence)
      return
    }
    if decision.object == tag.object {
      decision.kind = kind
      decision.sequence = record.sequence
    } else if !decision.moved.contains(tag.object) {
      decision.moved.append(tag.object)
    }
    decisions[tag.name] = decision
  }
}
