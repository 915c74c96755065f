package import Digests
package import ReleaseModel

/// Where things lie in the audit branch's tree.
///
/// Every file is found by one path, and no folder grows without bound: the cost of a record does not grow with history, and forges can show
/// every folder.
package enum AuditTree {
  /// How many records the branch holds.
  package static let count = "records.json"
  package static let readme = "README.md"

  package static func head(_ service: ServiceName) -> String { "services/\(service)/head.json" }

  /// The tags that existed when the service was first seen, in one file: they are many, and never change.
  package static func noted(_ service: ServiceName) -> String { "services/\(service)/noted.json" }

  /// `services/web/records/0000/0000041.json`: a thousand to a folder.
  package static func record(_ service: ServiceName, _ sequence: Int) -> String {
    "services/\(service)/records/\(padded(sequence / 1000, 4))/\(padded(sequence, 7)).json"
  }

  /// `services/web/attestations/0000/0000041.json`: what record 41 says, as tools of the supply chain read it.
  package static func attestation(_ service: ServiceName, _ sequence: Int) -> String {
    "services/\(service)/attestations/\(padded(sequence / 1000, 4))/\(padded(sequence, 7)).json"
  }

  /// `exhibits/3f/a1/….`: what records rest on, byte for byte, named by its digest (`sha256sum`), each once however many records name it.
  package static func exhibit(_ digest: Digest) -> String {
    let hex = digest.hex
    return "exhibits/\(hex.prefix(2))/\(hex.dropFirst(2).prefix(2))/\(hex.dropFirst(4))"
  }

  /// What was decided on the service's tags.
  package static func tags(_ service: ServiceName) -> String { "services/\(service)/tags" }

  /// What was decided on one tag.
  package static func tag(_ service: ServiceName, _ name: String) -> String {
    "services/\(service)/tags/\(Digest(of: Array(name.utf8)).hex.prefix(2))/\(escaped(name)).json"
  }

  /// Which record an event became, so that it is never recorded twice.
  package static func key(_ service: ServiceName, _ key: RecordKey) -> String {
    let hex = Digest(of: Array(key.text.utf8)).hex
    return "services/\(service)/keys/\(hex.prefix(2))/\(hex.dropFirst(2)).json"
  }

  private static func padded(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  /// A tag's name as one path component; names too long for one are named by their digest.
  private static func escaped(_ name: String) -> String {
    let safe = name.utf8.map { byte -> String in
      let isPlain =
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || [0x2B, 0x2D, 0x2E, 0x5F].contains(byte)
      return isPlain ? String(UnicodeScalar(byte)) : "%" + String(byte, radix: 16, uppercase: true)
    }.joined()
    return safe.utf8.count <= 200 ? safe : Digest(of: Array(name.utf8)).hex
  }

  /// The tag that a file of ``tags(_:)`` is named after; nil where its name was too long for one.
  package static func tagName(file: some StringProtocol) -> String? {
    guard file.hasSuffix(".json") else { return nil }
    var bytes: [UInt8] = []
    var rest = Array(file.utf8.dropLast(5))[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%") {
        guard let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else { return nil }
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    let name = String(decoding: bytes, as: UTF8.self)
    return escaped(name) == file.dropLast(5) ? name : nil
  }

  /// What an auditor who opens the branch reads first.
  package static let readmeText = """
    # The audit trail of tagflip

    One commit for each event, newest last: read it with `git log`. Subjects say what happened, bodies tell the story with timings,
    trailers are for machines (`git log --format='%(trailers)'`).

    - `services/NAME/records/`: each event as canonical JSON. `sequence` has no gaps, and `previous` is the SHA-256 of the file before
      (`sha256sum`): what is missing or altered shows.
    - `services/NAME/attestations/`: for each promoted rollout an in-toto statement in a DSSE envelope, where commits are signed.
    - `services/NAME/head.json`: the last sequence and digest, versions in quarantine, retries that wait, drift that stands.
    - `services/NAME/tags/` and `noted.json`: what was decided on each tag, and the object it named when it was first seen.
    - `services/NAME/keys/`: which record an event became.
    - `exhibits/`: what records rest on, byte for byte, named by its SHA-256: tag objects (`git hash-object -t tag`), the settings'
      text, who was allowed to sign then, what operators signed, the rendered environment with digests in place of Secrets' values.

    Tagflip only ever appends. Whoever rewrites this branch removes evidence.

    """
}

/// The head of one service's records: all that the next record and the next decision need.
package struct LedgerHead: Codable, Sendable, Hashable {
  package var sequence = 0
  package var last: Digest?
  package var lastPlan: RolloutID?
  package var lastPlanHasOutcome = true
  /// By version's text, why.
  package var quarantine: [String: String] = [:]
  package var retries: [ServiceLedger.Retry] = []
  package var overrides: [ServiceLedger.Retry] = []
  package var sources: SourceDigests?
  /// The drift that was reported and not called gone since.
  package var drift: DriftReport.Standing?

  /// The head of a service that has no record.
  package init() {}

  /// Notes one more record.
  package mutating func take(_ record: AuditRecord, _ digest: Digest) {
    sequence = record.sequence
    last = digest
    switch record.event {
    case .plan:
      lastPlan = record.rollout
      lastPlanHasOutcome = false
      retries.removeAll { $0.record.description == record.plan?.attempt }
      overrides.removeAll { $0.tag == record.tag?.tag }
    case .outcome:
      if record.rollout == lastPlan { lastPlanHasOutcome = true }
      if let version = record.version, record.conclusion?.quarantines == true { quarantine[version.text] = record.reason ?? "" }
    case .retry:
      guard let version = record.version, let tag = record.tag?.tag else { break }
      quarantine[version.text] = nil
      retries.append(ServiceLedger.Retry(version: version, tag: tag, record: digest, request: record.requestDigest))
    case .override:
      guard let version = record.version, let tag = record.tag?.tag else { break }
      overrides.append(ServiceLedger.Retry(version: version, tag: tag, record: digest, request: record.requestDigest))
    case .refused: retries.removeAll { $0.record.description == record.attempt }
    case .drift:
      drift = record.drift?.standing(of: record.rollout)
    case .noted, .superseded, .retired, .adopted, .left, .settled, .deleted, .resealed: break
    }
    sources = record.sources ?? sources
  }

  /// What differs from the record before that named its sources.
  package func changes(to new: SourceDigests?) -> [String] {
    guard let new, let sources else { return [] }
    var changed: [String] = []
    if new.settings != sources.settings { changed.append("settings") }
    if new.template != sources.template { changed.append("template") }
    if new.plan != sources.plan { changed.append("plan") }
    return changed
  }
}

/// Which record an event became.
package struct RecordedKey: Codable, Sendable, Hashable {
  package var sequence: Int
  package var digest: Digest

  package init(sequence: Int, digest: Digest) {
    self.sequence = sequence
    self.digest = digest
  }
}

/// How many records there are.
package struct RecordCount: Codable, Sendable, Hashable {
  package var records: Int

  package init(records: Int) { self.records = records }
}
