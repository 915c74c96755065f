import Digests
import ReleaseModel

// From the announcement to an empty place for the new color.
extension RolloutWork {
  /// Commits and pushes the cutover plan, with what it supersedes.
  mutating func pushPlan() async throws(PortError) -> Rollout.Event {
    let mark = try await begin(.plan)
    for _ in 0..<5 {
      do throws(PortError) {
        let commit = try await appendPlan(expecting: try open.sequence)
        try await end(mark, .passed, "plan \(try open.planDigest.prefix12) committed as \(commit.prefix(10))")
        return .done
      } catch  where error.kind == .conflict {
        // Somebody recorded something since. Only a decision on this very tag ends the attempt.
        let ledger = try await ports.audit.ledger(of: service, tags: [try open.plan.tag])
        guard ledger.isUndecided(try open.plan) else { return try await decidedMeanwhile(mark) }
        try await note { $0.sequence = ledger.sequence }
      }
    }
    throw PortError(
      .conflict, attempted: "record the plan of \(service)", reason: "others keep recording first", hint: "the next run goes on with it")
  }

  private mutating func decidedMeanwhile(_ mark: StepMark) async throws(PortError) -> Rollout.Event {
    let reason = "the tag was decided on by another run meanwhile"
    try await note { $0.superseded = [] }
    try await end(mark, .failed, reason)
    return .changed(.departed(reason, exposed: false))
  }

  /// Appends the plan's record and those of the tags it supersedes, and notes the commit.
  mutating func appendPlan(expecting sequence: Int?) async throws(PortError) -> String {
    let open = try open
    var plan = AuditRecord(
      event: .plan, service: service, installation: installation.settings.installation, at: open.announcedAt, actor: actor,
      botVersion: installation.botVersion, version: open.plan.tag.version, tag: open.facts, rollout: open.id, plan: open.plan,
      planDigest: open.planDigest, steps: open.steps, sources: open.plan.sources)
    plan.override = open.override
    plan.remarks = await ports.dataPlaneRemarks(
      seen, open.plan, pods: open.sizes.values.reduce(0, +), target: target)
    plan.doubling = Doubling(forecast: open.doubling?.forecast)
    // A run that takes this up after a kill renders it anew; that it cannot be rendered now is no reason not to record the plan.
    if let environment = try? await renderedEnvironment(open) { plan.exhibits.append(environment.exhibit) }
    var records = [plan]
    for tag in open.superseded {
      records.append(
        AuditRecord(
          event: .superseded, service: service, installation: installation.settings.installation, at: open.announcedAt, actor: actor,
          botVersion: installation.botVersion, version: tag.version, tag: await ports.facts(of: tag),
          reason: "\(open.plan.tag.version) is higher and was chosen"))
    }
    let result = try await AuditKeeper(ports).append(records, expecting: sequence)
    for (record, entry) in zip(records, result.entries) where !entry.wasThere {
      ports.narrator.tell(.recorded(record, commit: entry.commit))
    }
    let commit = result.entries.first?.commit ?? result.head
    try await note { $0.planCommit = commit }
    return commit
  }

  /// Raises the fence before the first change, and gives up a standby whose color is needed.
  mutating func takeOver(_ plan: CutoverPlan) async throws(PortError) -> Rollout.Event {
    let rollout = try open.id
    let at = try await now()
    let actor = actor
    let live = journal.journal?.live
    let result = try await change(nil) { marker in
      guard let standby = marker.standby, standby.color == plan.to else { return }
      marker.standby = nil
      guard standby.temperature != .cold else { return }
      marker.pending.append(
        Conclusion(
          event: .retired, rollout: rollout, outcome: nil, version: standby.version, from: standby.color, actor: actor,
          reason: "\(plan.tag.service) \(plan.tag.version) takes its place", decidedAt: at, exposed: false, quarantines: false,
          doubled: live?.doubled(until: at, as: marker.rollout)))
    }
    switch result {
    case .applied: return .done
    case .moved(let standing): return .changed(standing)
    }
  }

  /// Deletes what the new color still holds of other rollouts and waits until it is gone. What this rollout made before stays.
  mutating func clear(_ plan: CutoverPlan) async throws(PortError) -> Rollout.Event {
    let id = try open.id
    let limit = deadline.within(.seconds(180), ports.clock)
    while true {
      let held = try await ports.colors.observe(plan.to, target: target)
      if held.isEmpty || (held.rollouts == [id] && held.strangers.isEmpty) { return .done }
      guard !limit.hasPassed(ports.clock) else {
        let mark = try await begin(.deploy)
        return try await fail(mark, "what \(plan.to) still held is not gone after 3 min: \(held.remains)", blameless: true)
      }
      tell(.deploy, "deleting what \(plan.to) still holds: \(held.remains)")
      do throws(PortError) {
        try await ports.environments.discard(plan.to, sparing: nil, target: target, asOf: seen.marker.fence, within: .seconds(5))
      } catch  where error.kind == .timedOut || error.kind == .conflict {
        try await pause(.milliseconds(200))
      }
      try await checkpoint()
      let standing = try await look()
      guard case .before = standing else { return .changed(standing) }
    }
  }
}

extension ServiceLedger {
  /// Whether nobody has decided on the plan's tag yet, or on the retry that it follows.
  fileprivate func isUndecided(_ plan: CutoverPlan) -> Bool {
    guard plan.attempt == CutoverPlan.firstAttempt else { return retries.contains { $0.record.description == plan.attempt } }
    return decisions[plan.tag.name] == nil
  }
}

extension ColorObservation {
  /// What is there, for people.
  var remains: String {
    let names = workloads.map { "\($0.name)-\(color)" }.sorted().prefix(5).joined(separator: ", ")
    return "\(objects) objects" + (names.isEmpty ? "" : " (\(names))")
  }
}
