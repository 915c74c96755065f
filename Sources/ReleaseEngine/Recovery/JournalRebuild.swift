import ReleaseModel

/// Builds a journal anew that was lost or damaged, from what the Service, the colors and Git say.
///
/// Git tells what was planned, the Service what users are on and what was decided, the colors how large they are. What none of them can tell
/// is left empty, and the record says so.
struct JournalRebuild: Sendable {
  let installation: Installation
  let target: ServiceTarget

  private var ports: Ports { installation.ports }
  private var service: ServiceName { target.service }

  /// The journal as far as it can be known; nil where nothing was ever announced.
  ///
  /// - Parameters:
  ///   - announced: what the index says is open.
  ///   - claimed: what the journal said that does not bear the installation's seal.
  /// - Throws: what keeps Service, colors or Git from being read. Users stay where they are, and `rollback` goes by the marker alone.
  func journal(announced: RolloutID?, claimed: Journal?) async throws(PortError) -> Journal? {
    let seen = try await ports.services.read(target)
    let ledger = try await ports.audit.ledger(of: service, tags: [])
    var open: AuditRecord?
    for candidate in [announced, ledger.lastPlanHasOutcome ? nil : ledger.lastPlan] where open == nil {
      open = try await openPlan(candidate)
    }
    let live = try await liveRelease(seen, open)
    guard open != nil || live != nil else { return nil }
    let rules = (live?.plan ?? open?.plan)?.settings
    var journal = Journal(target: target, rollback: rules?.rollback ?? RollbackRules(), standby: rules?.standby ?? StandbyRules())
    journal.live = live
    if let open { journal.open = try await openRollout(open, claimed: claimed?.open) }
    return journal
  }

  /// The plan of a rollout that has no outcome on record.
  private func openPlan(_ rollout: RolloutID?) async throws(PortError) -> AuditRecord? {
    guard let rollout, try await ports.audit.record(.outcome(of: rollout), of: service) == nil else { return nil }
    return try await ports.audit.record(.plan(of: rollout), of: service)
  }

  private func openRollout(_ record: AuditRecord, claimed: OpenRollout?) async throws(PortError) -> OpenRollout? {
    guard let id = record.rollout, let plan = record.plan, let digest = record.planDigest, let facts = record.tag, let at = record.at else {
      throw PortError(
        .corrupt, attempted: "build the journal of \(service) anew", reason: "the record of its plan lacks what the plan consists of",
        hint: "look at it: git log \(installation.settings.audit.branch)")
    }
    var open = OpenRollout(
      id: id, plan: plan, planDigest: digest, announcedAt: at, facts: facts, sequence: record.sequence, superseded: [])
    // Where the commit is does not matter; that there is one does.
    open.planCommit = "on record"
    open.steps = record.steps
    open.replicas = nil
    if let from = plan.from { open.standbySizes = try await ports.colors.observe(from, target: target).sizes }
    let built = try await ports.colors.observe(plan.to, target: target).sizes
    open.sizes = built.isEmpty ? open.standbySizes : built
    open.touchedAt = try await ports.identity.now()
    open.remarks = [
      "the journal was lost or damaged and was built anew from the Service, the Deployments and Git: what happened between the plan and "
        + "\(open.touchedAt), when the cutover was and how long the bake had been watched are unknown"
    ]
    if let claimed, claimed.id == id {
      open.remarks.append(
        "the journal did not bear the installation's seal: what it said of steps is on record as claimed, and opened no gate")
      open.claimed = claimed.steps.filter { !record.steps.contains($0) }.prefix(20).map(\.bounded)
    }
    return open
  }

  /// What users are on, or were on before the open rollout exposed its color.
  private func liveRelease(_ seen: ActiveService, _ open: AuditRecord?) async throws(PortError) -> LiveRelease? {
    guard var rollout = seen.marker.rollout else { return nil }
    if rollout == open?.rollout {
      guard let from = open?.plan?.from, let before = try await onlyRollout(in: from) else { return nil }
      rollout = before
    }
    guard let plan = try await ports.audit.record(.plan(of: rollout), of: service)?.plan else { return nil }
    var live = LiveRelease(rollout: rollout, plan: plan, replicas: nil, standbySizes: [:], before: nil)
    guard let standby = seen.marker.standby, standby.color != plan.to else { return live }
    let held = try await ports.colors.observe(standby.color, target: target)
    // A cold standby's size is forgotten: the color that users are on is the measure of what it must carry.
    live.standbySizes =
      held.desiredPods > 0 ? held.sizes : try await ports.colors.observe(standby.color.other, target: target).sizes
    if let before = held.rollouts.count == 1 ? held.rollouts.first : nil,
      let plan = try await ports.audit.record(.plan(of: before), of: service)?.plan
    {
      live.before = LiveRelease.Before(rollout: before, plan: plan, replicas: nil)
    }
    return live
  }

  /// The rollout that made a color; nil where none did, or several.
  private func onlyRollout(in color: Color) async throws(PortError) -> RolloutID? {
    let rollouts = try await ports.colors.observe(color, target: target).rollouts
    return rollouts.count == 1 ? rollouts.first : nil
  }
}

extension StepRecord {
  /// As much of it as may be shown of what nobody vouches for.
  fileprivate var bounded: StepRecord {
    StepRecord(step: step, startedAt: startedAt, ms: ms, result: result, detail: PlainText.line(detail, longest: 200))
  }
}
