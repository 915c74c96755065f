/// How an announced rollout ended; each has exactly one.
package enum Outcome: String, Sendable, Hashable, Codable, CaseIterable {
  case promoted
  /// Exposed, then back on the old color: by the bot, a person or a foreign hand.
  case rolledBack = "rolled-back"
  /// Never exposed.
  case failed
  /// A first release went bad and there was nothing to go back to.
  case failedExposed = "failed-exposed"
  /// Went bad and the standby could not serve either.
  case rollbackFailed = "rollback-failed"
  /// A person, or an approval's expiry, said no.
  case rejected
  /// An operator before exposure, or the world changed under it at any time.
  case aborted
}

extension Outcome: CustomStringConvertible {
  package var description: String { rawValue }
}

extension Outcome {
  /// Whether the version must stay out until a retry is committed. A common cause sets the reason apart (see ``Conclusion/quarantines``).
  package var quarantinesByDefault: Bool {
    switch self {
    case .rolledBack, .failed, .failedExposed, .rollbackFailed, .rejected: true
    case .promoted, .aborted: false
    }
  }
}

/// What ended a rollout, or what happened to a standby, as decided by one conditional PATCH of the marker. Commits only report it.
package struct Conclusion: Sendable, Hashable, Codable {
  package enum Event: String, Sendable, Hashable, Codable {
    case outcome
    /// A standby went cold.
    case retired
    /// A Deployment that was live before tagflip came stands for a color now.
    case adopted
    /// The Service is as it was before it was adopted.
    case left
    /// A person said what is right after another hand moved the Service.
    case settled
  }

  package var event: Event
  package var rollout: RolloutID
  /// Set for `outcome` only: the rest are events, not outcomes.
  package var outcome: Outcome?
  /// The version that was attempted, for `retired` the one that went cold, else the one that users are on.
  package var version: Version?
  package var fromVersion: Version?
  package var from: Color?
  package var to: Color?
  /// Who decided: what the API server says the caller is, or `foreign:MANAGER`.
  package var actor: String
  /// Why, for people; one line, bounded by the marker.
  package var reason: String
  package var decidedAt: Timestamp
  /// Whether users had seen the attempted color.
  package var exposed: Bool
  /// Whether the version stays out until a retry.
  package var quarantines: Bool
  /// When the new color was exposed, where it was.
  package var flippedAt: Timestamp?
  /// For `retired`: what the standby cost since the outcome; nil where that is unknown.
  @Indirect package var doubled: DoublingCost?

  package init(
    event: Event = .outcome, rollout: RolloutID, outcome: Outcome?, version: Version?, fromVersion: Version? = nil, from: Color? = nil,
    to: Color? = nil, actor: String, reason: String, decidedAt: Timestamp, exposed: Bool, quarantines: Bool, flippedAt: Timestamp? = nil,
    doubled: DoublingCost? = nil
  ) {
    self.event = event
    self.rollout = rollout
    self.outcome = outcome
    self.version = version
    self.fromVersion = fromVersion
    self.from = from
    self.to = to
    self.actor = actor
    self.reason = reason
    self.decidedAt = decidedAt
    self.exposed = exposed
    self.quarantines = quarantines
    self.flippedAt = flippedAt
    self.doubled = doubled
  }
}
