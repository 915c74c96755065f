package import GitStore
import ReleaseModel

/// Verifies an audit trail in a clone: offline, from its oldest commit to its newest, one at a time.
///
/// Memory holds the ids of the commits (24 bytes each), the ``TrailState`` and the trees of two commits, whatever the trail's length.
package struct Verifier: Sendable {
  /// What the auditor asks, and what he knows from elsewhere.
  package struct Question: Sendable {
    package var branch = "tagflip/audit"
    /// A commit that the branch was seen at.
    package var head: ObjectID?
    /// How many records there were then.
    package var count: Int?
    package var installation: String?
    package var cluster: String?
    package var checkpoint: Checkpoint?

    package init() {}
  }

  package var question: Question
  /// The version of tagflip that renders messages anew.
  package var version: String
  /// Who wrote the trail: whose signatures on commits count, and on attestations.
  package var judge: (any CommitJudge)?
  /// Who may release, and who may ask; nil to take ``judge`` for that too. Keys that are told apart here cannot stand in for each other: whoever may only
  /// release cannot write records.
  package var releasers: (any CommitJudge)?
  package var seal: (any CheckpointSeal)?
  /// Who hears the records besides.
  package var witnesses: [any TrailWitness] = []
  /// Reads the settings on record; without it what they ask is not asked again.
  package var policy: (any PolicyReader)?
  /// Checks of other modules.
  package var more: [any TrailCheck] = []
  package var moreEndings: [any TrailEnding] = []
  /// Names of checks to leave out, to show what each of them is for.
  package var without: Set<String> = []

  package init(
    _ question: Question, version: String, judge: (any CommitJudge)? = nil, seal: (any CheckpointSeal)? = nil,
    policy: (any PolicyReader)? = nil
  ) {
    self.question = question
    self.version = version
    self.judge = judge
    self.seal = seal
    self.policy = policy
  }

  /// Where nothing is said by a check: damage, and the walk itself.
  static let reading = "reading"

  /// All checks of this module and the others, in the order in which they are asked.
  func checks(_ tags: ReleaseTags?) -> [any TrailCheck] {
    let own: [any TrailCheck] = [
      LinearHistory(), OneRecord(), AppendOnly(), RecordSpelling(), RecordPlace(), SequenceOrder(), PreviousRecord(), RecordConsistency(),
      SameInstallation(installation: question.installation, cluster: question.cluster), PlanDigest(), PlanThenOutcome(), Continuity(),
      Quarantine(), DecidedOnce(), ChangedSources(), TimeOrder(), HeadFile(), CountFile(), EventKeys(), TagDecisions(),
      CommitWords(version: version), CommitAuthorship(), CommitSignature(), Resealing(), Attestation(keys: judge?.keys), ClaimedSteps(),
      DeletedTags(),
    ]
    let repeated: [any TrailCheck] = [
      ExhibitsKept(policy: policy), TagObjects(), EnvironmentObjects(), SettingsOnRecord(policy: policy, version: version),
      TagPolicy(policy: policy), FreezePolicy(policy: policy), PlanPolicy(policy: policy), OperatorRequests(policy: policy),
      WishesCounted(policy: policy),
    ]
    return (own + repeated + (tags.map { [$0] } ?? []) + more).filter { !without.contains($0.name) }
  }

  func endings(_ tags: ReleaseTags?) -> [any TrailEnding] {
    let own: [any TrailEnding] = [
      KnownHead(head: question.head, count: question.count), OpenRollouts(), PolicyVersions(), KnownSigners(), PlainGit(),
    ]
    return (own + (tags.map { [$0] } ?? []) + moreEndings).filter { !without.contains($0.name) }
  }

  /// Verifies the branch of a clone.
  ///
  /// - Parameters:
  ///   - releases: a clone of the release repository, whose tags are compared; nil to compare none.
  ///   - tell: hears each finding as it is made, on the thread that reads.
  ///   - progress: hears how many of how many commits are done, now and then.
  /// - Throws: what keeps the repository from being read at all: there is none, it has no such branch (and no head was named that it should lead to), it is
  ///   another user's, the task was cancelled. What is wrong inside it is a finding.
  package func run(
    on trail: GitClone, releases: GitClone? = nil, tell: @escaping @Sendable (Finding) -> Void = { _ in },
    progress: @escaping @Sendable (_ done: Int, _ of: Int) -> Void = { _, _ in }
  ) async throws(GitError) -> VerificationReport {
    var tags: ReleaseTags?
    if let releases {
      tags = ReleaseTags(try await releases.read { (objects) throws(GitError) in try objects.refs(prefixes: ["refs/tags/"]) })
    }
    let known = tags
    return try await trail.read { (objects) throws(GitError) in
      var walk = VerificationWalk(self, objects: objects, tags: known, tell: tell, progress: progress)
      return try walk.run()
    }
  }
}
