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
    /// A Deployment that was live before tagflip came stands for a color now.
    case adopted
    /// The Service is as it was before it was adopted.
    case left
    /// A person said what is right after another hand moved the Service.
    case settled
    /// A quarantine was lifted, or an older version brought back.
    case retry
    /// A version may be released although a freeze holds.
    case override
    /// Tags that are on record are gone from the release repo.
    case deleted
    /// A person accepted the branch as it is after somebody rewrote it.
    case resealed
    /// What another hand changed while no rollout was open, or that it is gone.
    case drift
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
  /// For `plan`: the digest of the record of the override that let it begin although a freeze held; nil where none was needed.
  package var override: String?
  /// Who approved it; ``notRequired`` where no policy asks for an approval. Nil for events that nobody approves.
  package var approval: String?
  /// Who signed what was asked for, as judged by the settings when it was recorded.
  package var operators: [TagSignature]
  @Indirect package var conclusion: Conclusion?
  package var steps: [StepRecord]
  @Indirect package var cutover: CutoverRecord?
  /// What the new color's pods really ran when all of them were ready, for `outcome`.
  package var images: [RunningImage]
  /// The active Service and the Deployments behind it as they were when the outcome was recorded.
  package var observed: [ObservedObject]
  /// Steps that a journal tells which does not bear the installation's seal: nobody vouches for them, and no gate opened by them.
  package var claimed: [StepRecord]
  package var interruptions: [Interruption]
  /// What two colors cost: forecast, for `plan` and `outcome`, and actual, for `outcome` and `retired`; nil where neither is known.
  @Indirect package var doubling: Doubling?
  @Indirect package var sources: SourceDigests?
  /// For `resealed`: what was lost and what was found.
  @Indirect package var reseal: AcceptedRewrite?
  /// For `drift`: what was found.
  @Indirect package var drift: DriftReport?
  /// Which of settings, template and plan differ from those of the record before that names them.
  package var changed: [String]
  /// The tags that were there, for `noted`, or are gone, for `deleted`.
  package var tags: [ReleaseTag]
  /// Observations that a reader must not miss: what could not be known, what an operator should look at.
  package var remarks: [String]
  /// What it rests on, byte for byte.
  package var exhibits: [Exhibit]

  /// What ``approval`` says where no policy asks for one.
  package static let notRequired = "not required by policy"

  package init(
    event: Event, service: ServiceName, installation: String, at: Timestamp?, actor: String, botVersion: String, version: Version? = nil,
    tag: TagFacts? = nil, rollout: RolloutID? = nil, plan: CutoverPlan? = nil, planDigest: Digest? = nil, reason: String? = nil,
    conclusion: Conclusion? = nil, steps: [StepRecord] = [], cutover: CutoverRecord? = nil, images: [RunningImage] = [],
    observed: [ObservedObject] = [], claimed: [StepRecord] = [], interruptions: [Interruption] = [],
    sources: SourceDigests? = nil, reseal: AcceptedRewrite? = nil, drift: DriftReport? = nil, tags: [ReleaseTag] = [],
    remarks: [String] = [],
    exhibits: [Exhibit] = []
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
    self.override = nil
    self.approval = event == .plan || event == .outcome ? AuditRecord.notRequired : nil
    self.operators = []
    self.conclusion = conclusion
    self.steps = steps
    self.cutover = cutover
    self.images = images
    self.observed = observed
    self.claimed = claimed
    self.interruptions = interruptions
    self.doubling = conclusion?.doubled.flatMap { Doubling(actual: $0) }
    self.sources = sources
    self.reseal = reseal
    self.drift = drift
    self.changed = []
    self.tags = tags
    self.remarks = remarks
    self.exhibits = exhibits
  }

  /// What makes two appends the same event, so that none is recorded twice.
  package var key: RecordKey {
    switch event {
    case .noted: RecordKey(text: "noted/\(service)")
    case .plan: .plan(of: rollout)
    case .outcome: .outcome(of: rollout)
    case .retired: RecordKey(text: "retired/\(rollout?.text ?? "")/\(version?.text ?? "")")
    case .adopted, .left, .settled: RecordKey(text: "\(event.rawValue)/\(rollout?.text ?? "")")
    case .refused, .superseded:
      // The same tag can be refused once more where somebody asked for a retry.
      RecordKey(text: [event.rawValue, tag?.tag.name ?? "", tag?.tag.object ?? "", attempt].compactMap(\.self).joined(separator: "/"))
    case .retry, .override:
      RecordKey(text: "\(event.rawValue)/\(version?.text ?? "")/\(requestID ?? at?.description ?? "")")
    case .deleted: RecordKey(text: "deleted/\(tags.first?.name ?? "")/\(at?.description ?? "")")
    case .resealed: RecordKey(text: "resealed/\(reseal?.lost.commit ?? "")")
    // What was gone for a while and is there again is told again.
    case .drift: RecordKey(text: "drift/\(drift?.digest(of: rollout)?.description ?? "none")/\(drift?.since.description ?? "")")
    }
  }
}

extension AuditRecord.Event {
  /// What a conclusion is on record as.
  package init(_ event: Conclusion.Event) {
    self =
      switch event {
      case .outcome: .outcome
      case .retired: .retired
      case .adopted: .adopted
      case .left: .left
      case .settled: .settled
      }
  }
}

extension AuditRecord {
  /// Where what an operator signed lies; nil where nobody signed.
  package var requestDigest: Digest? { exhibits.first { $0.kind == .request }?.digest }

  /// What tells a request from all others, and may be used once: the digest of what was signed, whoever signed it and in whatever order. Nil
  /// where nobody signed.
  package var requestID: String? { exhibits.first { $0.kind == .request }?.name }
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
