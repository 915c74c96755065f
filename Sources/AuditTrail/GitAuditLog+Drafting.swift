import Digests
import GitStore
import ReleaseEngine
import ReleaseModel

/// Commits that are made and not pushed yet.
struct AuditDraft {
  var tip: ObjectID?
  var entries: [AppendResult.Entry] = []
  var count: Int

  func result(head: ObjectID?) -> AppendResult {
    let hex = head?.hex ?? ""
    // An event that was there before is somewhere below the head; its own commit is not looked for.
    let named = entries.map { entry in
      var entry = entry
      if entry.commit.isEmpty { entry.commit = hex }
      return entry
    }
    return AppendResult(entries: named, head: hex, count: count)
  }
}

extension GitAuditLog {
  /// A commit for each record that is not there yet, one on top of the other.
  func draft(_ records: [AuditRecord], expecting sequence: Int?, on snapshot: AuditSnapshot) async throws(PortError) -> AuditDraft {
    var snapshot = snapshot
    var draft = AuditDraft(tip: snapshot.tip, count: try await snapshot.value(RecordCount.self, AuditTree.count)?.records ?? 0)
    for (index, record) in records.enumerated() {
      if let known = try await snapshot.value(RecordedKey.self, AuditTree.key(record.service, record.key)) {
        draft.entries.append(.init(key: record.key, sequence: known.sequence, digest: known.digest, commit: "", wasThere: true))
        continue
      }
      let head = try await snapshot.head(record.service)
      if index == 0, let sequence, head.sequence != sequence {
        throw PortError(
          .conflict, attempted: "record \(record.event.rawValue) of \(record.service)",
          reason: "another run has recorded something since (sequence \(head.sequence), expected \(sequence))")
      }
      try await add(record, head, &draft, &snapshot)
    }
    return draft
  }

  private func add(_ record: AuditRecord, _ head: LedgerHead, _ draft: inout AuditDraft, _ snapshot: inout AuditSnapshot)
    async throws(PortError)
  {
    var record = record
    record.sequence = head.sequence + 1
    record.previous = head.last
    record.changed = head.changes(to: record.sources)
    // What is too large to keep is not named either: a record names what lies beside it.
    record.exhibits.removeAll { $0.bytes.map { $0.count > Exhibit.limit } ?? true }
    let bytes = try encoded(record)
    let digest = Digest(of: bytes)
    var next = head
    next.take(record, digest)
    let path = AuditTree.record(record.service, record.sequence)
    guard try await snapshot.bytes(path) == nil else {
      // Appending is all that is ever done: a head that fell behind its records is no reason to write over them.
      throw PortError(
        .corrupt, attempted: "record \(record.event.rawValue) of \(record.service)",
        reason: "\(path) is there, and \(AuditTree.head(record.service)) does not know of it", hint: AuditSnapshot.rewritten)
    }
    var files: [String: [UInt8]] = [
      path: bytes, AuditTree.head(record.service): try encoded(next),
      AuditTree.key(record.service, record.key): try encoded(RecordedKey(sequence: record.sequence, digest: digest)),
      AuditTree.count: try encoded(RecordCount(records: draft.count + 1)),
    ]
    if let attestation = try attestation(of: record, digest, path: path) {
      files[AuditTree.attestation(record.service, record.sequence)] = attestation
    }
    for exhibit in record.exhibits {
      let path = AuditTree.exhibit(exhibit.digest)
      if let bytes = exhibit.bytes, try await snapshot.bytes(path) == nil { files[path] = bytes }
    }
    if draft.tip == nil { files[AuditTree.readme] = Array(AuditTree.readmeText.utf8) }
    try await decide(record, &files, snapshot)
    let seconds = record.at.map { $0.milliseconds / 1000 } ?? now()
    let commit = CommitDraft(
      parents: draft.tip.map { [$0] } ?? [], base: draft.tip, changes: files.mapValues { .write($0) },
      author: Authorship(name: author.name, email: author.email, seconds: seconds), message: CommitMessage(record, path: path).text)
    let id = try await asPort { () throws(GitError) in try await remote.store.writeCommit(commit, sign: signer?.sign) }
    for (path, bytes) in files { snapshot.overlay[path] = bytes }
    draft.tip = id
    draft.count += 1
    draft.entries.append(.init(key: record.key, sequence: record.sequence, digest: digest, commit: id.hex, wasThere: false))
  }

  /// The signed statement of a promoted rollout, with a newline; nil where the record is none, or the key signs no attestations.
  private func attestation(of record: AuditRecord, _ digest: Digest, path: String) throws(PortError) -> [UInt8]? {
    guard record.event == .outcome, record.outcome == .promoted, let signer else { return nil }
    let statement = ReleaseStatement(record, digest: digest, path: path)
    do {
      return try signer.envelope(of: statement)
    } catch {
      throw PortError(
        .configuration, attempted: "sign the attestation of \(record.service)", reason: "\(error)",
        hint: "correct audit.signingKey in the settings")
    }
  }

  /// What the record decides on tags.
  private func decide(_ record: AuditRecord, _ files: inout [String: [UInt8]], _ snapshot: AuditSnapshot) async throws(PortError) {
    if record.event == .noted {
      let all = Dictionary(record.tags.map { ($0.name, $0.object) }) { first, _ in first }
      files[AuditTree.noted(record.service)] = try encoded(all)
    }
    if record.event == .deleted {
      for tag in record.tags { try await miss(tag, record, &files, snapshot) }
    }
    guard let tag = record.tag?.tag else { return }
    let kind: TagDecision.Kind
    switch record.event {
    case .plan: kind = .planned
    case .refused: kind = .refused
    case .superseded: kind = .superseded
    case .noted, .outcome, .retired, .adopted, .left, .settled, .retry, .override, .deleted, .resealed, .drift: return
    }
    let path = AuditTree.tag(record.service, tag.name)
    guard var decision = try await decision(on: tag.name, record.service, snapshot) else {
      files[path] = try encoded(TagDecision(kind: kind, object: tag.object, firstSeen: record.at, sequence: record.sequence))
      return
    }
    if decision.object == tag.object {
      // A retry is a new decision on the same object.
      decision.kind = kind
      decision.gone = nil
      decision.sequence = record.sequence
    } else if !decision.moved.contains(tag.object) {
      decision.moved.append(tag.object)
    }
    files[path] = try encoded(decision)
  }

  /// What was decided on a tag; nil where it was never seen.
  private func decision(on name: String, _ service: ServiceName, _ snapshot: AuditSnapshot) async throws(PortError) -> TagDecision? {
    if let decision = try await snapshot.value(TagDecision.self, AuditTree.tag(service, name)) { return decision }
    let noted = try await snapshot.value([String: String].self, AuditTree.noted(service))?[name]
    return noted.map { TagDecision(kind: .noted, object: $0, firstSeen: nil, sequence: 1) }
  }

  /// A tag that is gone keeps its decision, which says so.
  private func miss(
    _ tag: ReleaseTag, _ record: AuditRecord, _ files: inout [String: [UInt8]], _ snapshot: AuditSnapshot
  ) async throws(PortError) {
    guard var decision = try await decision(on: tag.name, record.service, snapshot) else { return }
    decision.gone = record.at
    files[AuditTree.tag(record.service, tag.name)] = try encoded(decision)
  }

  /// Canonical JSON and a newline, so that `sha256sum` of the file is the digest that the next record names.
  private func encoded(_ value: some Encodable) throws(PortError) -> [UInt8] {
    do {
      return try CanonicalJSON.bytes(of: value) + [0x0A]
    } catch {
      throw PortError(.invalid, attempted: "write a record", reason: "\(error)")
    }
  }
}
