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
    var overrides: [ServiceLedger.Retry] = []
    var exhibits: [Digest: [UInt8]] = [:]
    var drift: DriftReport.Standing?
  }

  private let tap: PortTap
  private let books = Mutex<[ServiceName: Book]>([:])
  /// Which branch of this name it is: one that was deleted and made anew does not lead back to the one before.
  private let life = Mutex(0)
  /// Told of each record that enters the books.
  let recorded = Mutex<@Sendable (AuditRecord, _ isAllowed: Bool) -> Void>({ _, _ in })

  init(tap: PortTap) { self.tap = tap }

  /// Goes on where another is.
  func take(_ other: SimulatedAudit) {
    let now = other.books.withLock { $0 }
    let life = other.life.withLock { $0 }
    books.withLock { $0 = now }
    self.life.withLock { $0 = life }
  }

  /// Somebody deletes the branch.
  func forget() {
    books.withLock { $0 = [:] }
    life.withLock { $0 += 1 }
  }

  /// Somebody restores it as it was.
  func restore(_ other: SimulatedAudit) { take(other) }

  /// The tip; nil where there is no record.
  var tip: String? { head(count) }

  private func head(_ count: Int) -> String? { count == 0 ? nil : "head-\(life.withLock { $0 })-\(count)" }

  private func leadsBack(to anchor: AuditAnchor, from count: Int) -> Bool {
    anchor.records <= count && anchor.commit == head(anchor.records)
  }

  private func anchor(_ count: Int) -> AuditAnchor? { head(count).map { AuditAnchor(commit: $0, records: count) } }

  private var count: Int { books.withLock { $0.values.reduce(0) { $0 + $1.records.count } } }

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
    try await tap.pass("audit.ledger") { [self] in
      books.withLock { books in
        guard let book = books[service] else { return ServiceLedger() }
        let names = Set(tags.map(\.name))
        return ServiceLedger(
          sequence: book.records.count, isNoted: book.records.contains { $0.event == .noted }, last: book.digests.last,
          decisions: book.decisions.filter { names.contains($0.key) },
          quarantine: book.quarantine, retries: book.retries, overrides: book.overrides,
          lastPlan: book.records.last { $0.event == .plan }?.rollout,
          lastPlanHasOutcome: book.lastPlanHasOutcome, drift: book.drift)
      }
    }
  }

  func standing(since anchor: AuditAnchor?) async throws(PortError) -> AuditStanding {
    try await tap.pass("audit.standing") { [self] in
      let isIntact = anchor.map { leadsBack(to: $0, from: count) } ?? true
      return AuditStanding(head: self.anchor(count), isIntact: isIntact)
    }
  }

  func append(
    _ records: [AuditRecord], expecting sequence: Int?, onto anchor: AuditAnchor?
  ) async throws(PortError) -> AppendResult {
    let asSeen = count
    return try await tap.pass("audit.append") { [self] () throws(PortError) in
      if let anchor, !leadsBack(to: anchor, from: count) {
        throw AuditKeeper.rewritten(anchor, now: self.anchor(count), in: "append")
      }
      // A push says what the tip was; one that lands late finds another.
      if tap.isLanding, count != asSeen { throw PortError(.conflict, attempted: "push", reason: "the tip has moved") }
      do {
        return try books.withLock { books in
          var after = books
          let entries = try SimulatedAudit.append(records, expecting: sequence, to: &after)
          for (record, entry) in zip(records, entries) where !entry.wasThere {
            let isAllowed = books[record.service]?.allows(record) ?? true
            recorded.withLock { $0(record, isAllowed) }
          }
          books = after
          let count = after.values.reduce(0) { $0 + $1.records.count }
          return AppendResult(entries: entries, head: head(count) ?? "", count: count)
        }
      } catch let error as PortError {
        throw error
      } catch {
        throw PortError(.invalid, attempted: "append", reason: "\(error)")
      }
    }
  }

  func record(_ key: RecordKey, of service: ServiceName) async throws(PortError) -> AuditRecord? {
    try await tap.pass("audit.record") { [self] in records(of: service).first { $0.key == key } }
  }

  func exhibit(_ digest: Digest) async throws(PortError) -> [UInt8]? {
    try await tap.pass("audit.exhibit") { [self] in
      books.withLock { books in books.values.lazy.compactMap { $0.exhibits[digest] }.first }
    }
  }

  func gone(of service: ServiceName, present: Set<String>) async throws(PortError) -> [RefListing.Tag] {
    try await tap.pass("audit.gone") { [self] in
      books.withLock { books in
        (books[service]?.decisions ?? [:]).filter { !present.contains($0.key) && $0.value.gone == nil }
          .map { RefListing.Tag(name: $0.key, object: $0.value.object) }
      }
    }
  }

  func last(of service: ServiceName) async throws(PortError) -> AuditRecord? {
    try await tap.pass("audit.last") { [self] in records(of: service).last }
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
  fileprivate var lastPlanHasOutcome: Bool {
    guard let plan = records.last(where: { $0.event == .plan })?.rollout else { return true }
    return records.contains { $0.event == .outcome && $0.rollout == plan }
  }

  fileprivate mutating func take(_ original: AuditRecord) throws -> AppendResult.Entry {
    var record = original
    record.sequence = records.count + 1
    record.previous = digests.last
    // A digest of what sets it apart: whole records are encoded where that is tested.
    let digest = Digest(of: "\(record.previous?.hex ?? "") \(record.sequence) \(record.key.text)".utf8)
    for exhibit in record.exhibits { exhibits[exhibit.digest] = exhibit.bytes }
    records.append(record)
    digests.append(digest)
    note(record, digest)
    let entry = AppendResult.Entry(
      key: record.key, sequence: record.sequence, digest: digest, commit: "commit-\(record.service)-\(record.sequence)", wasThere: false)
    entries[record.key] = entry
    return entry
  }

  /// Whether a plan is for a tag that may still be released: neither decided on before nor in quarantine, but for a retry.
  fileprivate func allows(_ record: AuditRecord) -> Bool {
    guard record.event == .plan, let plan = record.plan else { return true }
    guard plan.attempt == CutoverPlan.firstAttempt else { return retries.contains { $0.record.description == plan.attempt } }
    return decisions[plan.tag.name] == nil && quarantine[plan.tag.version] == nil
  }

  private mutating func note(_ record: AuditRecord, _ digest: Digest) {
    switch record.event {
    case .noted: for tag in record.tags { decide(.noted, tag, record) }
    case .plan:
      if let tag = record.tag?.tag { decide(.planned, tag, record) }
      retries.removeAll { $0.record.description == record.plan?.attempt }
      overrides.removeAll { $0.tag == record.tag?.tag }
    case .refused:
      if let tag = record.tag?.tag { decide(.refused, tag, record) }
      retries.removeAll { $0.record.description == record.attempt }
    case .superseded: if let tag = record.tag?.tag { decide(.superseded, tag, record) }
    case .outcome:
      if let version = record.version, record.conclusion?.quarantines == true { quarantine[version] = record.reason ?? "" }
    case .retry:
      guard let version = record.version, let tag = record.tag?.tag else { return }
      quarantine[version] = nil
      retries.append(ServiceLedger.Retry(version: version, tag: tag, record: digest, request: record.requestDigest))
    case .override:
      guard let version = record.version, let tag = record.tag?.tag else { return }
      overrides.append(ServiceLedger.Retry(version: version, tag: tag, record: digest, request: record.requestDigest))
    case .deleted: for tag in record.tags { decisions[tag.name]?.gone = record.at }
    case .drift:
      drift = record.drift?.standing(of: record.rollout)
    case .retired, .adopted, .left, .settled, .resealed: break
    }
  }

  private mutating func decide(_ kind: TagDecision.Kind, _ tag: ReleaseTag, _ record: AuditRecord) {
    guard var decision = decisions[tag.name] else {
      decisions[tag.name] = TagDecision(kind: kind, object: tag.object, firstSeen: record.at, sequence: record.sequence)
      return
    }
    if decision.object == tag.object {
      decision.kind = kind
      decision.gone = nil
      decision.sequence = record.sequence
    } else if !decision.moved.contains(tag.object) {
      decision.moved.append(tag.object)
    }
    decisions[tag.name] = decision
  }
}
