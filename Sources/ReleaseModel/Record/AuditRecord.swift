package import Digests

/// One event of one service as the audit branch keeps it: canonical JSON, schema `config/schemas/record-v1.json`.
///
/// ``sequence`` and ``previous`` are given when it is appended, since a lost race gives others.
package struct AuditRecord: Sendable, Hashable, Codable {
  package enum Event: String, Sendable, Hashable, Codable, CaseIterable {
    /// What exists when a service is seen for the first time; nothing of it is released.
    case noted
    /// A cutover plan, before the first change.
    case plan
    case outcome
    /// A tag that gets no rollout.
    case refused
    /// A tag that gets no rollout because a higher one was chosen.
    case superseded
    /// A standby went cold.
    case retired
    /// A quarantine was lifted, or an older version brought back.
    case retry
    /// A person accepted the branch as it is after somebody rewrote it.
    case resealed
  }

  package static let schema = "https://tagflip.dev/schemas/record-v1.json"

  package var schema: String
  package var event: Event
  package var service: ServiceName
  package var installation: String
  /// From 1, without gaps.
  package var sequence: Int
  /// The digest of the service's record before; nil for the first.
  package var previous: Digest?
  /// When it happened, by the API server's clock; null where no API server was reached.
  package var at: Timestamp?
  /// What the API server says the caller is.
  package var actor: String
  package var botVersion: String
  package var version: Version?
  @Indirect package var tag: TagFacts?
  package var rollout: RolloutID?
  @Indirect package var plan: CutoverPlan?
  package var planDigest: Digest?
  package var outcome: Outcome?
  package var reason: String?
  /// For `refused`: the digest of the retry's record that this answers; nil where no retry asked.
  package var attempt: String?
  @Indirect package var conclusion: Conclusion?
  package var steps: [StepRecord]
  @Indirect package var cutover: CutoverRecord?
  /// What the new color's pods really ran when all of them were ready, for `outcome`.
  package var images: [RunningImage]
  package var interruptions: [Interruption]
  @Indirect package var sources: SourceDigests?
  /// For `resealed`: what was lost and what was found.
  @Indirect package var reseal: AcceptedRewrite?
  /// Which of settings, template and plan differ from those of the record before that names them.
  package var changed: [String]
  /// The tags that were there, for `noted`.
  package var tags: [ReleaseTag]
  /// Observations that a reader must not miss: what could not be known, what an operator should look at.
  package var remarks: [String]

  package init(
    event: Event, service: ServiceName, installation: String, at: Timestamp?, actor: String, botVersion: String, version: Version? = nil,
    tag: TagFacts? = nil, rollout: RolloutID? = nil, plan: CutoverPlan? = nil, planDigest: Digest? = nil, reason: String? = nil,
    conclusion: Conclusion? = nil, steps: [StepRecord] = [], cutover: CutoverRecord? = nil, images: [RunningImage] = [],
    interruptions: [Interruption] = [],
    sources: SourceDigests? = nil, reseal: AcceptedRewrite? = nil, tags: [ReleaseTag] = [], remarks: [String] = []
  ) {
    self.schema = AuditRecord.schema
    self.event = event
    self.service = service
    self.installation = installation
    self.sequence = 0
    self.previous = nil
    self.at = at
    self.actor = actor
    self.botVersion = botVersion
    self.version = version
    self.tag = tag
    self.rollout = rollout
    self.plan = plan
    self.planDigest = planDigest
    self.outcome = conclusion?.outcome
    self.reason = reason ?? conclusion?.reason
    self.attempt = nil
    self.conclusion = conclusion
    self.steps = steps
    self.cutover = cutover
    self.images = images
    self.interruptions = interruptions
    self.sources = sources
    self.reseal = reseal
    self.changed = []
    self.tags = tags
    self.remarks = remarks
  }

  /// What makes two appends the same event, so that none is recorded twice.
  package var key: RecordKey {
    switch event {
    case .noted: RecordKey(text: "noted/\(service)")
    case .plan: .plan(of: rollout)
    case .outcome: .outcome(of: rollout)
    case .retired: RecordKey(text: "retired/\(rollout?.text ?? "")/\(version?.text ?? "")")
    case .refused, .superseded:
      // The same tag can be refused once more where somebody asked for a retry.
      RecordKey(text: [event.rawValue, tag?.tag.name ?? "", tag?.tag.object ?? "", attempt].compactMap(\.self).joined(separator: "/"))
    case .retry: RecordKey(text: "retry/\(version?.text ?? "")/\(at?.description ?? "")")
    case .resealed: RecordKey(text: "resealed/\(reseal?.lost.commit ?? "")")
    }
  }
}

/// A rewritten audit branch that a person accepted.
package struct AcceptedRewrite: Sendable, Hashable, Codable {
  /// Where the cluster says that the branch stood.
  package var lost: AuditAnchor
  /// What was there instead; nil where the branch was gone.
  package var found: AuditAnchor?

  package init(lost: AuditAnchor, found: AuditAnchor?) {
    self.lost = lost
    self.found = found
  }
}

/// The identity of an event in the audit trail.
package struct RecordKey: Sendable, Hashable {
  package let text: String

  package init(text: String) { self.text = text }

  /// The key of a rollout's plan.
  package static func plan(of rollout: RolloutID?) -> RecordKey { RecordKey(text: "plan/\(rollout?.text ?? "")") }

  /// The key of a rollout's outcome.
  package static func outcome(of rollout: RolloutID?) -> RecordKey { RecordKey(text: "outcome/\(rollout?.text ?? "")") }
}
