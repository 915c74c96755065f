package import Digests

/// The installation's index, one ConfigMap: which services exist, what is open, what is due.
///
/// A run that finds all digests unchanged, nothing open and nothing due has nothing to do; it reads nothing else.
package struct ServiceIndex: Sendable, Hashable, Codable {
  /// Digest of the ref listing that the last complete run saw.
  package var refs: Digest?
  /// Where the audit branch stood when tagflip last saw it intact; nil before the first record.
  @Indirect package var audit: AuditAnchor?
  package var settings: Digest?
  package var botVersion: String?
  package var services: [ServiceName: Entry]
  package var reservations: [Reservation]

  package init() {
    refs = nil
    audit = nil
    settings = nil
    botVersion = nil
    services = [:]
    reservations = []
  }

  package struct Entry: Sendable, Hashable, Codable {
    @Indirect package var target: ServiceTarget
    /// The announced rollout whose outcome is not pushed yet.
    package var open: RolloutID?
    /// Whether the next run must look at the service: it was busy, has undecided tags, a warm standby or something not yet pushed.
    package var attention: Bool
    /// When something falls due.
    package var due: Timestamp?
    /// When one more look is due at what a killed run's requests may have left behind, so long after them that none is under way.
    package var sweepAt: Timestamp?
    /// Set where the last look could not do all that there was to do: the next run looks again.
    package var isUnswept: Bool?
    /// What the chosen tag waits for; nil where none waits.
    @Indirect package var waiting: Wait?
    /// When the next look is due at what other hands changed; nil where none is.
    package var driftAt: Timestamp?
    /// What the last such look found; nil where there was none yet, or nobody knows what it reported.
    @Indirect package var drift: DriftNote?

    package init(
      target: ServiceTarget, open: RolloutID? = nil, attention: Bool = false, due: Timestamp? = nil, sweepAt: Timestamp? = nil,
      waiting: Wait? = nil, driftAt: Timestamp? = nil, drift: DriftNote? = nil
    ) {
      self.target = target
      self.open = open
      self.attention = attention
      self.due = due
      self.sweepAt = sweepAt
      self.waiting = waiting
      self.driftAt = driftAt
      self.drift = drift
    }
  }

  /// What the last look at drift found. It saves asking Git each time: what was reported is on the audit branch too.
  package struct DriftNote: Sendable, Hashable, Codable {
    /// ``DriftReport/digest(of:)``; nil where nothing was found.
    package var digest: Digest?
    /// When it was first found.
    package var since: Timestamp
    /// Whether it is on record.
    package var isRecorded: Bool

    package init(digest: Digest?, since: Timestamp, isRecorded: Bool) {
      self.digest = digest
      self.since = since
      self.isRecorded = isRecorded
    }
  }

  /// A tag that is chosen and not announced yet. It is forgotten with the index: then the wait begins anew.
  package struct Wait: Sendable, Hashable, Codable {
    package enum Kind: String, Sendable, Hashable, Codable {
      case freeze
      case standby
      case image
      case room
    }

    package var kind: Kind
    package var tag: ReleaseTag
    /// ``CutoverPlan/attempt``: a retry waits anew.
    package var attempt: String
    /// For people.
    package var reason: String
    /// When the tag was first found waiting for this.
    package var since: Timestamp
    /// When it ends, by itself or by refusing the tag; nil where nobody can say.
    package var until: Timestamp?

    package init(kind: Kind, tag: ReleaseTag, attempt: String, reason: String, since: Timestamp, until: Timestamp?) {
      self.kind = kind
      self.tag = tag
      self.attempt = attempt
      self.reason = reason
      self.since = since
      self.until = until
    }

    /// Whether it is the same wait, seen again.
    package func goesOn(from earlier: Wait) -> Bool { kind == earlier.kind && tag == earlier.tag && attempt == earlier.attempt }
  }

  /// Room in a namespace that a rollout counts on, until it expires.
  package struct Reservation: Sendable, Hashable, Codable {
    package var service: ServiceName
    package var rollout: RolloutID
    package var cluster: String
    package var namespace: String
    package var pods: Int
    package var milliCPU: Int
    package var memoryBytes: Int
    package var expires: Timestamp

    package init(
      service: ServiceName, rollout: RolloutID, cluster: String, namespace: String, pods: Int, milliCPU: Int, memoryBytes: Int,
      expires: Timestamp
    ) {
      self.service = service
      self.rollout = rollout
      self.cluster = cluster
      self.namespace = namespace
      self.pods = pods
      self.milliCPU = milliCPU
      self.memoryBytes = memoryBytes
      self.expires = expires
    }
  }

  /// Notes where the audit branch stands. An anchor only moves forward: whoever looked earlier and writes later changes nothing.
  package mutating func anchor(_ seen: AuditAnchor) {
    if let audit, audit.records >= seen.records { return }
    audit = seen
  }

  /// What there is to do for a run that finds the world as digests say.
  package enum Agenda: Sendable, Hashable {
    case nothing
    case something
  }

  /// Whether a run may end right away.
  /// - Parameter audit: the audit branch's tip, in hexadecimal; nil where there is no such branch.
  package func agenda(refs: Digest, audit tip: String?, settings: Digest, botVersion: String, now: Timestamp) -> Agenda {
    guard self.refs == refs, audit?.commit == tip, self.settings == settings, self.botVersion == botVersion else { return .something }
    let waiting = services.values.contains { entry in
      entry.open != nil || entry.attention || entry.isUnswept == true
        || [entry.due, entry.sweepAt, entry.driftAt].contains { $0.map { $0 <= now } ?? false }
    }
    return waiting ? .something : .nothing
  }
}

/// A commit of the audit branch, kept in the cluster: a branch that does not lead back to it was rewritten, reset or deleted.
package struct AuditAnchor: Sendable, Hashable, Codable {
  /// The commit's id in hexadecimal.
  package var commit: String
  /// How many records the branch held there.
  package var records: Int

  package init(commit: String, records: Int) {
    self.commit = commit
    self.records = records
  }
}
