package import GitStore
import ReleaseModel

/// How far a trail was verified, so that the next verification can begin there.
///
/// It says what its maker found: whoever continues from it trusts that maker for all that lies before. A ``CheckpointSeal`` shows who that was.
package struct Checkpoint: Sendable, Hashable, Codable {
  package static let schema = "https://tagflip.dev/schemas/checkpoint-v1.json"

  package var schema: String
  /// The commit up to which the trail was verified, in hexadecimal.
  package var head: String
  /// How many records there were.
  package var records: Int
  /// Whether somebody judged the signatures of all commits up to here.
  package var isJudged: Bool
  package var state: TrailState
  /// By code, how many findings of weight there were up to here: a checkpoint does not make them go away.
  package var findings: [String: Int]
  /// The signature over the canonical JSON of all other fields; nil for one that nobody vouches for.
  package var seal: String?

  package init(head: ObjectID, state: TrailState, findings: [String: Int], isJudged: Bool) {
    schema = Checkpoint.schema
    self.head = head.hex
    records = state.records
    self.isJudged = isJudged
    self.state = state
    self.findings = findings
  }

  /// What a seal covers.
  package var sealedBytes: [UInt8] {
    get throws {
      var bare = self
      bare.seal = nil
      return try CanonicalJSON.bytes(of: bare)
    }
  }

  /// The checkpoint that bytes spell, or nil where they are none that this version can go on from.
  package init?(parsing bytes: [UInt8]) {
    guard let found = try? CanonicalJSON.value(Checkpoint.self, from: bytes), found.schema == Checkpoint.schema,
      ObjectID(hex: found.head) != nil
    else { return nil }
    self = found
  }
}

/// Vouches for checkpoints.
package protocol CheckpointSeal: Sendable {
  /// The seal over a checkpoint's bytes.
  func seal(_ bytes: [UInt8]) throws -> String
  /// Whether a seal is one that the auditor trusts.
  func verdict(on bytes: [UInt8], seal: String) -> CommitVerdict
}
