import ReleaseModel

// The outcome: decided in the marker, then carried out, then written into Git.
extension RolloutWork {
  func conclusion(_ verdict: Rollout.Verdict) async throws(PortError) -> Conclusion {
    let open = try open
    return Conclusion(
      rollout: open.id, outcome: verdict.outcome, version: open.plan.tag.version, fromVersion: open.plan.fromVersion, from: open.plan.from,
      to: open.plan.to, actor: actor, reason: PlainText.line(verdict.reason, longest: 500), decidedAt: try await now(),
      exposed: verdict.exposed, quarantines: verdict.quarantines, flippedAt: open.cutover?.at)
  }

  /// Decides the outcome by a conditional PATCH of the marker.
  mutating func conclude(_ verdict: Rollout.Verdict) async throws(PortError) -> Rollout.Event {
    let warmUntil = try await now() + .milliseconds(try open.plan.settings.standby.warmMs)
    let heldUntil = verdict.outcome == .promoted ? await standbyHeldUntil() : nil
    var conclusion = try await conclusion(verdict)
    if let hand = foreignHand(verdict, try open.plan) { conclusion.actor = hand }
    let result = try await change(nil) { marker in
      if verdict.outcome == .promoted {
        marker.standby?.warmUntil = max(warmUntil, heldUntil ?? warmUntil)
        marker.standby?.heldUntil = heldUntil
      }
      // A hand that pointed the Service back left a marker that still speaks of the new color.
      if verdict.outcome == .rolledBack && marker.rollout == conclusion.rollout {
        marker.goBack(conclusion)
      } else {
        marker.pending.append(conclusion)
      }
    }
    switch result {
    case .applied:
      ports.narrator.tell(.decided(service, conclusion))
      return .concluded(conclusion)
    case .moved(let standing): return .changed(standing)
    }
  }

  /// Until when the standby's pods stay for load balancers that may still send to them; nil where these are known to have followed the flip.
  private func standbyHeldUntil() async -> Timestamp? {
    guard let held = seen.marker.standby?.heldUntil, let open = try? open, let flipped = open.cutover?.aloneAt else {
      return seen.marker.standby?.heldUntil
    }
    let healthy = try? await ports.colors.placement(of: open.plan.to, target: target).targetsHealthySince
    return healthy.map { $0 >= flipped } == true ? nil : held
  }

  /// Who moved the Service, where it is not where this rollout, or what was before it, put it.
  private func foreignHand(_ verdict: Rollout.Verdict, _ plan: CutoverPlan) -> String? {
    let expected = verdict.exposed ? plan.to : plan.from
    guard verdict.outcome == .rolledBack || verdict.outcome == .aborted, seen.selection != expected.map(Selection.color) ?? .nothing,
      let manager = seen.selectorManager, manager != "tagflip"
    else { return nil }
    return ForeignHand.actor(manager)
  }

  /// Does what the outcome asks of the colors.
  ///
  /// Nothing is stopped that the Service, read just now, selects or keeps warm: the PATCH that decided the outcome already made every
  /// flip that was still under way fail.
  mutating func tidy(_ conclusion: Conclusion, _ plan: CutoverPlan) async throws(PortError) -> Rollout.Event {
    seen = try await ports.services.read(target)
    let colors = StandDown(ports: ports, target: target, lease: lease)
    // First, since it runs in neither color until then; what does not end at once holds nothing else up.
    var leftOver: String?
    var hand = HandOver(ports: ports, target: target, lease: lease)
    if journal.journal?.mayHaveRunners(plan) == true { leftOver = try await hand.followUsers(seen, within: Sweep.patience) }
    switch conclusion.outcome {
    case .promoted:
      try await keepRelease(plan, since: conclusion.decidedAt)
      try await colors.release(plan.to)
    case .rolledBack:
      let remarks = try await colors.afterReturn(conclusion, drainMs: plan.settings.rollback.drainMs)
      if !remarks.isEmpty { await attemptNote { open in open.remarks += remarks.filter { !open.remarks.contains($0) } } }
    case .failed, .aborted, .rejected: try await colors.stop(plan.to)
    case .failedExposed:
      try await keepRelease(plan, since: conclusion.decidedAt)
      try await colors.release(plan.to)
    // Users are on it: a person who goes back by force needs to know from what.
    case .rollbackFailed: try await keepRelease(plan, since: conclusion.decidedAt)
    case nil: break
    }
    if leftOver != nil, let reason = try await hand.followUsers(seen) {
      await attemptNote { $0.remarks.append(HandOver.leftOver(reason)) }
      try await journal.note(handOverLeft: reason)
    }
    // A person may have gone back before this rollout began, or after it was promoted: whoever has the Lease does what that asks.
    let aftermath = Aftermath(installation: installation, target: target, lease: lease)
    for other in seen.marker.pending where other.rollout != conclusion.rollout {
      try await aftermath.carryOut(other, seen.marker, &journal)
    }
    return .done
  }

  /// The journal keeps what going back from the release that is live now needs.
  private mutating func keepRelease(_ plan: CutoverPlan, since decidedAt: Timestamp) async throws(PortError) {
    let open = try open
    let known = journal.journal?.live
    // A person who has gone back since is on what the journal knows already.
    guard known?.rollout != open.id, seen.marker.rollout == open.id, let start = journal.journal else { return }
    let before = known.flatMap { $0.release(seen.marker.standby?.rollout) }
    let live = LiveRelease(
      rollout: open.id, plan: plan, replicas: open.replicas, standbySizes: open.standbySizes, sizes: open.sizes,
      images: open.asked, before: before, doubling: open.doubling.map { DoublingMeter(requests: $0.requests, since: decidedAt) })
    try await journal.update(creating: start) { journal in
      journal.live = live
      journal.rollback = plan.settings.rollback
      journal.standby = plan.settings.standby
    }
  }
}

extension LiveRelease {
  /// What the journal knows of the release that a rollout brought live; nil where it knows another one.
  fileprivate func release(_ rollout: RolloutID?) -> Before? {
    if self.rollout == rollout { return Before(rollout: self.rollout, plan: plan, replicas: replicas, images: images) }
    return before.flatMap { $0.rollout == rollout ? $0 : nil }
  }
}
