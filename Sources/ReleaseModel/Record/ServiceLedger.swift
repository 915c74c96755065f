package import Digests

/// What the audit branch says about one service, as far as a run needs it.
package struct ServiceLedger: Sendable, Hashable {
  /// The last record's sequence; 0 where there is none.
  package var sequence: Int
  /// Whether it is on record which tags existed when the service was first seen. Until then none of them may be released.
  package var isNoted: Bool
  package var last: Digest?
  /// What was decided, by tag name. Tags that were never seen are missing.
  package var decisions: [String: TagDecision]
  /// Versions that stay out until a retry, and why.
  package var quarantine: [Version: String]
  /// Retries that no rollout has followed yet, oldest first.
  package var retries: [Retry]
  /// Versions that may be released although a freeze holds, and were not yet.
  package var overrides: [Retry]
  /// The rollout announced last and whether its outcome is recorded.
  package var lastPlan: RolloutID?
  package var lastPlanHasOutcome: Bool
  /// The drift that was reported and not called gone since; nil where there is none.
  package var drift: DriftReport.Standing?

  package init(
    sequence: Int = 0, isNoted: Bool = false, last: Digest? = nil, decisions: [String: TagDecision] = [:],
    quarantine: [Version: String] = [:],
    retries: [Retry] = [], overrides: [Retry] = [], lastPlan: RolloutID? = nil, lastPlanHasOutcome: Bool = true,
    drift: DriftReport.Standing? = nil
  ) {
    self.sequence = sequence
    self.isNoted = isNoted
    self.last = last
    self.decisions = decisions
    self.quarantine = quarantine
    self.retries = retries
    self.overrides = overrides
    self.lastPlan = lastPlan
    self.lastPlanHasOutcome = lastPlanHasOutcome
    self.drift = drift
  }

  /// A committed wish: to release a version again, or although a freeze holds.
  package struct Retry: Sendable, Hashable, Codable {
    package var version: Version
    package var tag: ReleaseTag
    /// The digest of the wish's record: the attempt's name.
    package var record: Digest
    /// The digest of what an operator signed; nil where nobody did.
    package var request: Digest?

    package init(version: Version, tag: ReleaseTag, record: Digest, request: Digest? = nil) {
      self.version = version
      self.tag = tag
      self.record = record
      self.request = request
    }
  }
}

/// What was decided on a tag, once and for all.
package struct TagDecision: Sendable, Hashable, Codable {
  package enum Kind: String, Sendable, Hashable, Codable {
    case noted
    case planned
    case refused
    case superseded
  }

  package var kind: Kind
  /// The object the tag pointed to when it was decided on.
  package var object: String
  /// Objects that it was moved to since, each refused once.
  package var moved: [String]
  package var firstSeen: Timestamp?
  /// The sequence of the record that decided it.
  package var sequence: Int
  /// When it was found to be gone from the release repo; nil while it is there.
  package var gone: Timestamp?

  package init(kind: Kind, object: String, moved: [String] = [], firstSeen: Timestamp?, sequence: Int, gone: Timestamp? = nil) {
    self.kind = kind
    self.object = object
    self.moved = moved
    self.firstSeen = firstSeen
    self.sequence = sequence
    self.gone = gone
  }

  /// Whether nothing is left to decide on a tag that names this object now. One that was deleted and is there again is refused, once.
  package func isSettled(naming object: String) -> Bool {
    self.object == object ? gone == nil || kind == .refused : moved.contains(object)
  }
}
