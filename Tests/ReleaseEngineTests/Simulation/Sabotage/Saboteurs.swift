import Digests
import ReleaseEngine
import ReleaseModel

/// Writes the bot's documents as a careless engine would.
struct SaboteurState: StateStore {
  let mistake: Sabotage
  let state: any StateStore

  func load(_ document: StateDocument) async throws(PortError) -> StoredDocument? { try await state.load(document) }

  func journals() async throws(PortError) -> [ServiceName] { try await state.journals() }

  func save(_ document: StateDocument, text: String, expecting revision: String?) async throws(PortError) -> SaveResult {
    try await state.save(document, text: spoilt(document, text) ?? text, expecting: revision)
  }

  private func spoilt(_ document: StateDocument, _ text: String) -> String? {
    switch (mistake, document) {
    case (.indexWithoutOpenWork, .index):
      guard var index = try? CanonicalJSON.value(ServiceIndex.self, from: text.utf8) else { return nil }
      for service in index.services.keys { index.services[service]?.open = nil }
      return try? CanonicalJSON.text(of: index)
    case (.unwatchedAsBaked, .journal):
      guard var journal = try? CanonicalJSON.value(Journal.self, from: text.journalLine.utf8), journal.open?.cutover != nil else {
        return nil
      }
      journal.open?.bakedMs = 3_600_000
      return try? CanonicalJSON.text(of: journal)
    default: return nil
    }
  }
}

/// Keeps the record as a careless engine would.
struct SaboteurAudit: AuditLog {
  let mistake: Sabotage
  let audit: any AuditLog

  func ledger(of service: ServiceName, tags: [ReleaseTag]) async throws(PortError) -> ServiceLedger {
    var ledger = try await audit.ledger(of: service, tags: tags)
    guard mistake == .quarantineReplayed else { return ledger }
    ledger.quarantine = [:]
    ledger.decisions = ledger.decisions.filter { $0.value.kind != .planned }
    return ledger
  }

  func standing(since anchor: AuditAnchor?) async throws(PortError) -> AuditStanding { try await audit.standing(since: anchor) }

  func append(
    _ records: [AuditRecord], expecting sequence: Int?, onto anchor: AuditAnchor?
  ) async throws(PortError) -> AppendResult {
    let kept = mistake == .supersededForgotten ? records.filter { $0.event != .superseded } : records
    do throws(PortError) {
      return try await audit.append(kept, expecting: sequence, onto: anchor)
    } catch  where error.kind != .cancelled && passesOver(records) {
      let entries = records.map { record in
        AppendResult.Entry(key: record.key, sequence: 0, digest: .init(of: []), commit: "none", wasThere: false)
      }
      return AppendResult(entries: entries, head: "none", count: 0)
    }
  }

  private func passesOver(_ records: [AuditRecord]) -> Bool {
    switch mistake {
    case .planNotAwaited: records.contains { $0.event == .plan }
    case .recordSkipped: records.contains { $0.event == .outcome }
    default: false
    }
  }

  func record(_ key: RecordKey, of service: ServiceName) async throws(PortError) -> AuditRecord? {
    try await audit.record(key, of: service)
  }

  func exhibit(_ digest: Digest) async throws(PortError) -> [UInt8]? { try await audit.exhibit(digest) }

  func gone(of service: ServiceName, present: Set<String>) async throws(PortError) -> [RefListing.Tag] {
    try await audit.gone(of: service, present: present)
  }

  func last(of service: ServiceName) async throws(PortError) -> AuditRecord? { try await audit.last(of: service) }
}

/// Judges checks as a careless engine would.
struct SaboteurGates: Gates {
  let mistake: Sabotage
  let gates: any Gates

  func check(_ checks: [HTTPCheck], at place: ProbePlace, within limit: Duration) async -> [CheckResult] {
    await gates.check(checks, at: place, within: limit).map { result in
      var result = result
      if mistake == .timeoutAsPass && result.verdict == .unknown { result.verdict = .passed }
      if mistake == .smokeSkipped && place.role == .preview { result.verdict = .passed }
      return result
    }
  }
}
