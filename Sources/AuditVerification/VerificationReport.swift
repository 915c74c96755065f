package import GitStore
import ReleaseModel

/// What a verification found, and what it did not look at.
package struct VerificationReport: Sendable {
  /// Whether anybody judged the commits' signatures.
  package enum Signatures: Sendable, Hashable {
    /// There was no judge: who wrote the trail is not known.
    case notChecked
    /// By principal, how many commits each vouches for.
    case checked([String: Int])
  }

  /// What is taken on trust for the records before a checkpoint.
  package struct Continued: Sendable, Hashable {
    package var head: String
    package var records: Int
    package var seal: CommitVerdict

    package init(head: String, records: Int, seal: CommitVerdict) {
      self.head = head
      self.records = records
      self.seal = seal
    }
  }

  /// The ref that was read; nil where the branch is missing.
  package var ref: String?
  package var tip: ObjectID?
  /// How many commits were verified.
  package var commits = 0
  /// How many records the trail holds.
  package var records = 0
  package var services: [String: ServiceState] = [:]
  package var installation: String?
  package var signatures = Signatures.notChecked
  /// How far the auditor's own keys vouch for who released and who asked; nil where he brought none.
  package var vouching: Vouching?
  /// Whether keys of their own were brought for who may release and ask, which count for no commit.
  package var tellsReleasersApart = false
  /// Whether what the settings on record ask was asked again.
  package var repeatsPolicy = false
  /// How many tags of the release repository the records were compared with; nil where none was named.
  package var releaseTags: Int?
  /// The head that the auditor named; nil where he named none.
  package var knownHead: ObjectID?
  package var continued: Continued?
  /// What was asked of a cluster, and of logs of the API server; nil where nobody asked.
  package var live: LiveReport?
  package var apiLog: APILogReport?
  /// Checks that were taken out.
  package var without: [String] = []
  /// The findings, of very many the first.
  package var findings: [Finding] = []
  /// All of them, by code.
  package var counts: [FindingCode: Int] = [:]
  /// All of them, by how much they matter.
  package var weights: [Finding.Severity: Int] = [:]
  /// From where the next verification can go on; nil where there is nothing to go on from.
  package var checkpoint: Checkpoint?

  /// Whether nothing was found but what a reader should merely know.
  package var isClean: Bool { weights.keys.allSatisfy { $0 == .notice } }

  package init() {}

  /// Adds what was found elsewhere than in the trail.
  mutating func take(_ log: FindingLog) {
    findings += log.kept.prefix(max(0, FindingLog.limit - findings.count))
    counts.merge(log.counts, uniquingKeysWith: +)
    weights.merge(log.weights, uniquingKeysWith: +)
  }
}
