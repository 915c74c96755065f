package import ReleaseModel

/// What the records of one service say that the cluster holds, replayed record by record.
///
/// Its size does not grow with history, but for the ids of the rollouts.
package struct ServiceOnRecord: Sendable, Hashable {
  /// What users are on, or may go back to.
  package struct Release: Sendable, Hashable {
    package var color: Color
    package var version: Version?
    /// The rollout that brought it live; nil where somebody made it by hand, or no record tells.
    package var rollout: RolloutID?
  }

  /// Where users are.
  package enum Live: Sendable, Hashable {
    case unknown
    case nothing
    case on(Release)
  }

  /// What stands by.
  package enum Standby: Sendable, Hashable {
    case unknown
    case nothing
    case warm(Release)
    case cold(Release)
  }

  /// A color as the rollout left it that brought it live.
  struct Made: Sendable, Hashable {
    var release: Release
    /// What its containers were to run by the plan; empty where the plan is not known.
    var planned: [String]
    /// What its pods reported to run.
    var images: [RunningImage]
    var place: RecordAddress
  }

  /// Objects as a record saw them.
  struct Sighting: Sendable, Hashable {
    var objects: [ObservedObject]
    var place: RecordAddress
  }

  /// How users came to where they are.
  struct Move: Sendable, Hashable {
    var at: Timestamp?
    /// The hand that moved them, where it was not tagflip's.
    var hand: String?
    var place: RecordAddress
  }

  /// A rollout without an outcome on record.
  struct Open: Sendable, Hashable {
    var rollout: RolloutID
    var to: Release
    var images: [String]
    /// Whether its plan lets users reach both colors.
    var mayOverlap: Bool
    var place: RecordAddress
  }

  package private(set) var target: ServiceTarget?
  package private(set) var live = Live.nothing
  package private(set) var standby = Standby.nothing
  /// Whether the Service was given back to what it was before it was adopted.
  private(set) var isLeft = false
  /// Whether a rollout has taken the standby's color since, which no record tells as such.
  private(set) var standbyMayBeGone = false
  /// Whether users may still reach both colors: a rollout was given up in its overlap with no way back.
  private(set) var mayReachBoth = false
  private(set) var made: [Color: Made] = [:]
  private(set) var seenService: Sighting?
  private(set) var seenColors: [Color: Sighting] = [:]
  private(set) var moved: Move?
  private(set) var open: Open?
  /// Every rollout on record, and whether its outcome is.
  private(set) var rollouts: [RolloutID: Bool] = [:]
  private(set) var last: RecordAddress?
  /// When the last record says it happened, requests of people left out.
  private(set) var lastAt: Timestamp?

  package init() {}

  mutating func take(_ record: AuditRecord, at place: RecordAddress) {
    last = place
    if record.event != .retry, record.event != .override, let at = record.at { lastAt = max(lastAt ?? at, at) }
    switch record.event {
    case .plan:
      isLeft = false
      record.plan.map { begin($0, record, place) }
    case .outcome:
      if let conclusion = record.conclusion { end(conclusion, record, place) }
    case .retired: if let conclusion = record.conclusion { retire(conclusion) }
    case .adopted, .left, .settled: if let conclusion = record.conclusion { move(conclusion, record, place) }
    // What was lost is not known.
    case .resealed: (live, standby, open) = (.unknown, .unknown, nil)
    case .noted, .refused, .superseded, .retry, .override, .deleted, .drift: break
    }
  }

  private mutating func begin(_ plan: CutoverPlan, _ record: AuditRecord, _ place: RecordAddress) {
    let settings = plan.settings
    target = ServiceTarget(
      service: record.service, cluster: plan.cluster, namespace: settings.namespace, activeService: settings.activeService,
      previewService: settings.previewService)
    // What was there before the first plan was made by hand; what another hand did since is believed.
    if live == .unknown || target == nil || rollouts.isEmpty { live = plan.from.map { .on(release($0, plan.fromVersion)) } ?? .nothing }
    if standby.release?.color == plan.to { standbyMayBeGone = true }
    guard let rollout = record.rollout else { return }
    rollouts[rollout] = rollouts[rollout] ?? false
    open = Open(
      rollout: rollout, to: Release(color: plan.to, version: plan.tag.version, rollout: rollout), images: plan.images,
      mayOverlap: plan.overlaps, place: place)
  }

  private mutating func end(_ conclusion: Conclusion, _ record: AuditRecord, _ place: RecordAddress) {
    rollouts[conclusion.rollout] = true
    let isAlone = record.cutover.map { $0.overlap == nil || $0.overlap?.narrowedAt != nil } ?? false
    if conclusion.bringsLive, let to = conclusion.to {
      let release = Release(color: to, version: conclusion.version, rollout: conclusion.rollout)
      let planned = open.flatMap { $0.rollout == conclusion.rollout ? $0.images : nil } ?? []
      made[to] = Made(release: release, planned: planned, images: record.images, place: place)
      seenColors[to] = nil
    }
    follow(conclusion, place)
    if isAlone { mayReachBoth = false }
    see(record.observed, place)
  }

  /// Moves users as a conclusion says, whether it is on record or still in the marker.
  mutating func follow(_ conclusion: Conclusion, _ place: RecordAddress?) {
    mayReachBoth = conclusion.outcome == .rollbackFailed && open?.rollout == conclusion.rollout && open?.mayOverlap == true
    if open?.rollout == conclusion.rollout { open = nil }
    switch conclusion.outcome {
    case .promoted, .rollbackFailed, .failedExposed:
      live = conclusion.to.map { .on(Release(color: $0, version: conclusion.version, rollout: conclusion.rollout)) } ?? .unknown
      standby = conclusion.from.map { .warm(release($0, conclusion.fromVersion)) } ?? .nothing
      standbyMayBeGone = false
      note(conclusion, at: conclusion.flippedAt, place)
    case .rolledBack:
      live = conclusion.from.map { .on(release($0, conclusion.fromVersion)) } ?? .nothing
      standby = .nothing
      standbyMayBeGone = false
      note(conclusion, at: conclusion.decidedAt, place)
    // Where users are after another hand is told by the next plan.
    case .aborted: if conclusion.tellsOfAnotherHand { (live, standby) = (.unknown, .unknown) }
    case .failed, .rejected, nil: break
    }
  }

  /// A standby went cold, or gave its place to a rollout.
  mutating func retire(_ conclusion: Conclusion) {
    guard case .on(let release) = live, release.rollout == conclusion.rollout else {
      standby = .nothing
      return
    }
    if case .warm(let release) = standby { standby = .cold(release) }
  }

  /// Where users are by a person's word.
  mutating func settle(_ conclusion: Conclusion) {
    live = conclusion.to.map { .on(release($0, conclusion.version)) } ?? .unknown
    standby = .unknown
    isLeft = conclusion.event == .left
    mayReachBoth = false
  }

  private mutating func move(_ conclusion: Conclusion, _ record: AuditRecord, _ place: RecordAddress) {
    settle(conclusion)
    moved = Move(at: conclusion.decidedAt, hand: nil, place: place)
    see(record.observed, place)
  }

  private mutating func note(_ conclusion: Conclusion, at instant: Timestamp?, _ place: RecordAddress?) {
    guard let place else { return }
    moved = Move(at: instant, hand: ForeignHand.manager(in: conclusion.actor), place: place)
  }

  private mutating func see(_ objects: [ObservedObject], _ place: RecordAddress) {
    let services = objects.filter { $0.kind == "v1/Service" }
    if !services.isEmpty { seenService = Sighting(objects: services, place: place) }
    guard case .on(let release) = live else { return }
    let deployments = objects.filter { $0.kind == "apps/v1/Deployment" && $0.name.hasSuffix("-\(release.color)") }
    if !deployments.isEmpty { seenColors[release.color] = Sighting(objects: deployments, place: place) }
  }

  /// What was brought live last in a color, where it is of that version.
  private func release(_ color: Color, _ version: Version?) -> Release {
    let known = made[color]?.release
    return known?.version == version ? known ?? Release(color: color, version: version) : Release(color: color, version: version)
  }
}

extension ServiceOnRecord.Standby {
  var release: ServiceOnRecord.Release? {
    switch self {
    case .unknown, .nothing: nil
    case .warm(let release), .cold(let release): release
    }
  }
}

extension Conclusion {
  /// Whether users stay on what was attempted.
  var bringsLive: Bool {
    switch outcome {
    case .promoted, .rollbackFailed, .failedExposed: true
    case .rolledBack, .failed, .rejected, .aborted, nil: false
    }
  }
}
