package import Digests
package import ReleaseModel

/// What a promoted rollout attests, as an in-toto statement (https://in-toto.io/Statement/v1): the images that its pods reported to run are
/// the subject, and the predicate says how they came before users.
package struct ReleaseStatement: Sendable {
  package static let payloadType = "application/vnd.in-toto+json"
  static let predicateType = "https://tagflip.dev/attestations/release/v1"

  private let statement: Statement

  /// - Parameters:
  ///   - digest: the record's.
  ///   - path: where the record lies in the audit branch's tree.
  package init(_ record: AuditRecord, digest: Digest, path: String) {
    var seen: Set<String> = []
    let subject = record.images.compactMap { image -> Subject? in
      guard let sha256 = image.sha256, seen.insert(image.id).inserted else { return nil }
      return Subject(name: ReleaseStatement.name(of: image), digest: ["sha256": sha256])
    }
    let predicate = Predicate(
      installation: record.installation, service: record.service, version: record.version, tag: record.tag?.tag.name,
      tagObject: record.tag?.tag.object, commit: record.tag?.commit, rollout: record.rollout, planDigest: record.planDigest,
      outcome: record.outcome, promotedAt: record.at, color: record.conclusion?.to, actor: record.actor, botVersion: record.botVersion,
      gates: record.steps.map { Gate(step: $0.step, result: $0.result) },
      record: RecordReference(path: path, sequence: record.sequence, sha256: digest.hex))
    statement = Statement(subject: subject, predicate: predicate)
  }

  /// `registry.example/web`: without the digest, and without the scheme that some container runtimes write before it.
  private static func name(of image: RunningImage) -> String {
    let id = image.id.firstRange(of: "://").map { image.id[$0.upperBound...] } ?? image.id[...]
    return id.split(separator: "@").first.map(String.init) ?? String(id)
  }

  /// Canonical JSON.
  package var bytes: [UInt8] {
    get throws { try CanonicalJSON.bytes(of: statement) }
  }

  private struct Statement: Encodable, Sendable {
    var type = "https://in-toto.io/Statement/v1"
    var subject: [Subject]
    var predicateType = ReleaseStatement.predicateType
    var predicate: Predicate

    enum CodingKeys: String, CodingKey {
      case type = "_type"
      case subject, predicateType, predicate
    }
  }

  private struct Subject: Encodable, Sendable {
    var name: String
    var digest: [String: String]
  }

  private struct Predicate: Encodable, Sendable {
    var installation: String
    var service: ServiceName
    var version: Version?
    var tag: String?
    var tagObject: String?
    var commit: String?
    var rollout: RolloutID?
    var planDigest: Digest?
    var outcome: Outcome?
    var promotedAt: Timestamp?
    var color: Color?
    var actor: String
    var botVersion: String
    var gates: [Gate]
    var record: RecordReference
  }

  private struct Gate: Encodable, Sendable {
    var step: Step
    var result: StepRecord.Result
  }

  private struct RecordReference: Encodable, Sendable {
    var path: String
    var sequence: Int
    var sha256: String
  }
}
