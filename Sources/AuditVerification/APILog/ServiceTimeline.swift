import AuditTrail
import ReleaseModel

/// What the records of one service say that was done in the cluster, and when: all that a log of the API server is matched with.
package struct ServiceTimeline: Sendable {
  /// Something that tagflip did, from its first write to the last that it calls for.
  struct Episode: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
      /// Announced by a plan.
      case rollout
      /// A person went back from what had been promoted.
      case goingBack
      /// A standby went cold.
      case retirement
      /// A person said where users are: adopted, left or settled.
      case move
    }

    var kind: Kind
    var rollout: RolloutID
    /// When it was announced, or decided where nothing was announced.
    var begin: Timestamp
    /// Nil while its outcome is not on record.
    var decided: Timestamp?
    var from: Color?
    var to: Color?
    var version: Version?
    var isExposed = false
    /// When users were moved to the new color; nil where they were not, or nobody knows.
    var exposedAt: Timestamp?
    /// How users reached both colors first; nil where they did not, or nobody knows.
    var overlap: Overlap?
    /// Whether the plan lets users reach both colors.
    var mayOverlap = false
    /// Whether users were moved back.
    var isReturned = false
    /// Whether somebody who is not tagflip moved the Service.
    var isForeign = false
    /// Since when he may have: what another hand did while nothing was under way is on record only once a person accepts it. Nil else.
    var handSince: Timestamp?
    /// Who decided.
    var actor: String
    var place: RecordAddress

    /// An overlap as the record of its rollout tells it.
    struct Overlap: Sendable, Hashable {
      /// When the new color was left alone; nil where users went back, or were taken elsewhere, from both.
      var endedAt: Timestamp?
      /// Whether that is when the PATCH was answered, and not when it was found.
      var isTimed: Bool
      /// Whether somebody who is not tagflip left it alone.
      var isForeign: Bool
    }

    /// Whether it tells of what another hand did then. What a person accepts begins where the last word on the Service ended, however soon.
    func tells(of instant: Timestamp) -> Bool { isForeign && handSince.map { $0 <= instant } ?? true }

    /// Whether the Service is given back.
    var isLeaving: Bool { kind == .move && to == nil }
  }

  /// A conclusion as far as it tells one from another.
  struct Decision: Sendable, Hashable {
    var event: Conclusion.Event
    var rollout: RolloutID
    var outcome: Outcome?
    var decidedAt: Timestamp

    init(_ conclusion: Conclusion) {
      (event, rollout) = (conclusion.event, conclusion.rollout)
      (outcome, decidedAt) = (conclusion.outcome, conclusion.decidedAt)
    }
  }

  /// Where the plans have it, one after another.
  private(set) var targets: Set<ServiceTarget> = []
  /// The color, or nil for what both colors share, of every object that a plan named.
  private(set) var objects: [LoggedRequest.Subject: Color?] = [:]
  /// What a plan lets follow users, by hand-over.
  private(set) var runners: Set<LoggedRequest.Subject> = []
  /// The active Services that stood for it before any plan named them: those that were adopted.
  private(set) var adoptedServices: Set<LoggedRequest.Subject> = []
  /// What was adopted, with the instant from which it is its owner's again; nil while it stands for a color.
  private(set) var adopted: [LoggedRequest.Subject: Timestamp?] = [:]
  /// In the order of the records.
  private(set) var episodes: [Episode] = []
  private(set) var decisions: Set<Decision> = []
  private(set) var rollouts: Set<RolloutID> = []
  /// Who released: whatever he does must be on record.
  private(set) var bots: Set<String> = []
  /// When the last record says it happened.
  private(set) var lastAt: Timestamp?

  mutating func take(_ record: AuditRecord, at place: RecordAddress) {
    if let at = record.at { lastAt = max(lastAt ?? at, at) }
    switch record.event {
    case .plan:
      bots.insert(record.actor)
      if let plan = record.plan, let rollout = record.rollout, let at = record.at { begin(plan, record, rollout, at, place) }
    case .adopted:
      for object in record.observed { adopt(object, as: record.conclusion?.to) }
      if let conclusion = record.conclusion { end(conclusion, isPlanned: false, place) }
    case .outcome, .retired, .left, .settled:
      if let conclusion = record.conclusion {
        end(conclusion, isPlanned: record.planDigest != nil, place, record.cutover)
        giveBack(conclusion)
      }
    case .noted, .refused, .superseded, .drift: bots.insert(record.actor)
    case .retry, .override, .deleted, .resealed: break
    }
  }

  /// No plan names what was adopted: its Deployment is sized like a color's, its Service is flipped.
  private mutating func adopt(_ object: ObservedObject, as color: Color?) {
    let parts = object.name.split(separator: "/", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { return }
    switch object.kind {
    case "apps/v1/Deployment":
      let subject = LoggedRequest.Subject(group: "apps", resource: "deployments", namespace: parts[0], name: parts[1])
      objects.updateValue(color, forKey: subject)
      adopted.updateValue(nil, forKey: subject)
    case "v1/Service":
      adoptedServices.insert(LoggedRequest.Subject(group: "", resource: "services", namespace: parts[0], name: parts[1]))
    default: break
    }
  }

  /// What was adopted stands for its color until users are on a new one of it, or the Service is left.
  private mutating func giveBack(_ conclusion: Conclusion) {
    let isRebuilt = conclusion.event == .outcome && conclusion.exposed && conclusion.flippedAt != nil
    for (subject, end) in adopted where end == nil {
      guard conclusion.event == .left || (isRebuilt && objects[subject] == conclusion.to) else { continue }
      adopted.updateValue(conclusion.flippedAt ?? conclusion.decidedAt, forKey: subject)
    }
  }

  private mutating func begin(
    _ plan: CutoverPlan, _ record: AuditRecord, _ rollout: RolloutID, _ at: Timestamp, _ place: RecordAddress
  ) {
    let namespace = plan.settings.namespace
    targets.insert(
      ServiceTarget(
        service: record.service, cluster: plan.cluster, namespace: namespace, activeService: plan.settings.activeService,
        previewService: plan.settings.previewService))
    for object in plan.objects {
      guard let (group, resource) = Self.resource(object.kind) else { continue }
      let color: Color? = Color.allCases.first { object.name.hasSuffix("-\($0)") }
      let subject = LoggedRequest.Subject(group: group, resource: resource, namespace: namespace, name: object.name)
      objects.updateValue(color, forKey: subject)
    }
    for rule in plan.settings.whenActive {
      let group = rule.kind == .deployment ? "apps" : "batch"
      let resource = rule.kind.rawValue.lowercased() + "s"
      runners.insert(LoggedRequest.Subject(group: group, resource: resource, namespace: namespace, name: "\(rule.name)-\(plan.to)"))
    }
    rollouts.insert(rollout)
    episodes.append(
      Episode(
        kind: .rollout, rollout: rollout, begin: at, from: plan.from, to: plan.to, version: plan.tag.version,
        mayOverlap: plan.overlaps, actor: record.actor, place: place))
  }

  private mutating func end(
    _ conclusion: Conclusion, isPlanned: Bool, _ place: RecordAddress, _ cutover: CutoverRecord? = nil
  ) {
    decisions.insert(Decision(conclusion))
    let recent = episodes.suffix(50).lastIndex { $0.kind == .rollout && $0.rollout == conclusion.rollout && $0.decided == nil }
    if conclusion.event == .outcome, let index = recent {
      episodes[index].end(conclusion, place)
      episodes[index].overlap = Episode.Overlap(cutover, of: episodes[index])
      return
    }
    rollouts.insert(conclusion.rollout)
    var episode = Episode(
      kind: Episode.Kind(conclusion.event), rollout: conclusion.rollout, begin: conclusion.decidedAt,
      from: conclusion.from, to: conclusion.to, version: conclusion.version, actor: conclusion.actor, place: place)
    episode.end(conclusion, place)
    if episode.kind == .goingBack, episode.isForeign { episode.handSince = episodes.last?.decided }
    episodes.append(episode)
  }

  /// Where the API serves a kind that plans name: `apps/v1/Deployment`.
  private static func resource(_ kind: String) -> (group: String, resource: String)? {
    let parts = kind.split(separator: "/").map(String.init)
    guard let name = parts.last?.lowercased(), parts.count >= 2 else { return nil }
    return (parts.count == 3 ? parts[0] : "", name.hasSuffix("y") ? name.dropLast() + "ies" : name + "s")
  }
}

extension ServiceTimeline.Episode.Overlap {
  /// Nil for a cutover that was one flip. Of one that nobody could tell of it may have been either.
  fileprivate init?(_ cutover: CutoverRecord?, of episode: ServiceTimeline.Episode) {
    guard let cutover else {
      guard episode.mayOverlap, episode.isExposed else { return nil }
      (endedAt, isTimed, isForeign) = (episode.decided, false, false)
      return
    }
    guard let overlap = cutover.overlap else { return nil }
    endedAt = overlap.narrowedAt
    isTimed = overlap.patchMs != nil
    isForeign = overlap.hand != nil
  }
}

extension ServiceTimeline.Episode.Kind {
  /// Of what no plan announced.
  fileprivate init(_ event: Conclusion.Event) {
    self =
      switch event {
      case .outcome: .goingBack
      case .retired: .retirement
      case .adopted, .left, .settled: .move
      }
  }
}

extension ServiceTimeline.Episode {
  fileprivate mutating func end(_ conclusion: Conclusion, _ place: RecordAddress) {
    decided = conclusion.decidedAt
    isExposed = conclusion.exposed && conclusion.event == .outcome && kind == .rollout
    exposedAt = conclusion.flippedAt
    isReturned = conclusion.outcome == .rolledBack
    isForeign =
      conclusion.event == .outcome
      && (ForeignHand.manager(in: conclusion.actor) != nil || (conclusion.outcome == .aborted && conclusion.tellsOfAnotherHand))
    actor = conclusion.actor
    self.place = place
  }
}
