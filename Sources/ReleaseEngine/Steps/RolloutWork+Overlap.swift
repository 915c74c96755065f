import ReleaseModel

// `overlap`: users reach both colors for a while, and then the new one alone. Two PATCHes, not one flip, and on record as that. From the first
// one on the rollout is exposed: whatever leads back leads back from here as it does from the bake.
extension RolloutWork {
  /// Watches the new color while users reach both, then leaves them it alone.
  mutating func overlap(_ plan: CutoverPlan) async throws(PortError) -> Rollout.Event {
    // First: an idle autoscaler would shrink the old color below what going back needs as soon as it has half of the load.
    try await holdStandby(plan)
    if let event = try await confirmBoth(plan) { return event }
    let mark = try await begin(.cutover, "users reach both colors for \(Duration.milliseconds(plan.settings.overlapMs ?? 0).words)")
    if let event = try await watchBoth(plan, mark) { return event }
    return try await narrow(plan, mark)
  }

  /// - Returns: nil once the EndpointSlices held exactly the ready pods of both. That is found once, as after the flip.
  private mutating func confirmBoth(_ plan: CutoverPlan) async throws(PortError) -> Rollout.Event? {
    guard let from = plan.from, try open.cutover?.overlap?.convergedMs == nil else { return nil }
    switch try await awaitTraffic(to: [from, plan.to], standing: .overlapping, since: try open.cutover?.at) {
    case .changed(let standing): return .changed(standing)
    case .stuck(let detail):
      return .failed(reason: "traffic did not reach both colors within \(RolloutWork.convergence.words): \(detail)", blameless: true)
    case .followed(let report, let ms):
      try await note { open in
        open.cutover?.overlap?.convergedMs = ms
        open.cutover?.overlap?.endpoints = report.endpoints
      }
      tell(.cutover, "users reach both colors: \(report.detail)")
      return nil
    }
  }

  /// - Returns: nil once the new color was healthy for the whole time.
  private mutating func watchBoth(_ plan: CutoverPlan, _ mark: StepMark) async throws(PortError) -> Rollout.Event? {
    var gate = plan.settings.bake
    gate.durationMs = plan.settings.overlapMs ?? 0
    var watch = HealthWatch(gate: gate, watchedMs: try open.cutover?.overlap?.watchedMs ?? 0)
    let place = await placeAlone(plan)
    var last = ports.clock.elapsed
    var saved = last
    while true {
      let standing = try await persistentLook(until: deadline)
      guard case .overlapping = standing else {
        await noteWatched(watch.watchedMs)
        try await end(mark, .unknown, "the Service changed meanwhile, \(watch.summary)")
        return .changed(standing)
      }
      let round = await look(at: plan, place, control: nil, isHanded: false, since: last)
      last = ports.clock.elapsed
      switch watch.judge(round) {
      case .passed:
        await noteWatched(watch.watchedMs)
        return nil
      case .healthy, .commonCause:
        tell(
          .cutover,
          "users reach both colors: \(Duration.milliseconds(watch.watchedMs).words) of \(Duration.milliseconds(gate.durationMs).words), "
            + watch.summary)
      case .degraded(let reason): return await degraded(reason, blameless: false, round, mark)
      case .unknown(let reason): return await degraded(reason, blameless: true, round, mark)
      }
      if last - saved >= .seconds(5) {
        saved = last
        await noteWatched(watch.watchedMs)
      }
      try await awaitRound(after: last, gate, watched: watch.watchedMs)
    }
  }

  /// Waits for the next round, the last no longer than what is left to watch; a run that is told to stop first notes how much was watched.
  private mutating func awaitRound(after last: Duration, _ gate: BakeGate, watched: Int) async throws(PortError) {
    do throws(PortError) {
      try await checkpoint()
      let left = gate.durationMs - watched
      let interval = left > 0 ? min(gate.intervalMs, left) : gate.intervalMs
      try await pause(max(.zero, last + .milliseconds(interval) - ports.clock.elapsed))
    } catch {
      await noteWatched(watched)
      throw error
    }
  }

  private mutating func noteWatched(_ watched: Int) async {
    await attemptNote { $0.cutover?.overlap?.watchedMs = watched }
  }

  /// Where the new color is asked by itself: through the active Service the old one would answer half of it, and hide what the new one does or
  /// be taken for it. There is no control then: the one preview Service leads to the new color.
  private func placeAlone(_ plan: CutoverPlan) async -> ProbePlace {
    let (rules, active) = (plan.settings.probes, activePlace(plan))
    // Whoever asks by addresses alone may not reach the preview Service in any other way.
    guard !plan.settings.bake.checks.isEmpty, rules.route != .url || rules.previewURL != nil else { return active }
    do throws(PortError) {
      let address = try await ports.services.preview(target, color: plan.to, rollout: try open.id)
      return ProbePlace(role: .alone, service: address, port: plan.settings.port, rules: rules)
    } catch {
      ports.narrator.tell(.warning(service, error))
      return active
    }
  }

  /// The second PATCH: the new color alone, looked at once more as before a flip.
  private mutating func narrow(_ plan: CutoverPlan, _ mark: StepMark) async throws(PortError) -> Rollout.Event {
    let color = try await ports.colors.observe(plan.to, target: target)
    if let objection = try await objection(to: color, plan, "just before \(plan.from?.rawValue ?? "the old color") was to be let go") {
      return try await fail(mark, objection.reason, blameless: objection.blameless)
    }
    var balancers: PodBalancers?
    if let from = plan.from {
      balancers = try await ports.podBalancers(seen, [try await ports.colors.observe(from, target: target), color], target: target)
    }
    // Only now do load balancers have a reason to let the old color's pods go.
    let heldUntil = balancers == nil ? nil : try await now() + PodBalancers.patience
    let opened = flipSent
    let sent = ports.clock.elapsed
    switch try await change(.color(plan.to), { $0.standby?.heldUntil = heldUntil }) {
    case .moved(let standing):
      try await end(mark, .unknown, "the Service changed meanwhile: \(seen.selection.words)")
      return .changed(standing)
    case .applied(let patchMs):
      flipSent = sent
      let at = try await now()
      let served = opened.map { (ports.clock.elapsed - $0).milliseconds }
      try await end(mark, .passed, "\(plan.to) alone in \(patchMs) ms") { open in
        open.cutover?.narrow(at: at, patchMs: patchMs, served: served)
      }
      return .done
    }
  }

  /// Notes that the new color was found to be alone where no run of this journal knows that it was left so: one that was killed right after its
  /// PATCH, or another hand.
  mutating func noteFoundAlone() async throws(PortError) {
    guard let overlap = try open.cutover?.overlap, overlap.narrowedAt == nil else { return }
    let at = try await now()
    let hand = seen.selectorManager.flatMap { $0 == "tagflip" ? nil : PlainText.line($0, longest: 80) }
    flipSent = nil
    try await note { open in
      open.cutover?.narrow(at: at, patchMs: nil, served: nil)
      open.cutover?.overlap?.hand = hand
      guard let hand else { return }
      open.remarks.append("\(hand) left the new color alone, not tagflip: when that was is not known")
    }
  }
}

extension CutoverRecord {
  /// The new color was left alone.
  /// - Parameter served: how long both served, in milliseconds, as one run measured it; nil where only the server's times tell.
  fileprivate mutating func narrow(at instant: Timestamp, patchMs: Int?, served: Int?) {
    guard var narrowed = overlap else { return }
    // Servers' clocks may differ by a little.
    let end = max(instant, at)
    narrowed.narrowedAt = end
    narrowed.patchMs = patchMs
    narrowed.servedMs = served ?? (patchMs == nil ? nil : (end - at).milliseconds)
    overlap = narrowed
  }

  /// The record of one whose overlap a way back has ended.
  func ended(by conclusion: Conclusion) -> CutoverRecord {
    guard var overlap, overlap.narrowedAt == nil, conclusion.outcome == .rolledBack else { return self }
    overlap.servedMs = max(0, (conclusion.decidedAt - at).milliseconds)
    var ended = self
    ended.overlap = overlap
    return ended
  }
}

extension ActiveService {
  /// Why users cannot reach both colors, so that the cutover is one flip after all; nil where they can.
  /// - Parameter left: the color that they are on.
  func overlapObstacle(_ left: ColorObservation) -> String? {
    if selector[Marker.serviceLabel] != nil {
      return
        "no overlap, the cutover is one flip: the Service's own selector has the key \(Marker.serviceLabel), which only an overlap sets"
    }
    guard left.rollouts.isEmpty || !left.strangers.isEmpty else { return nil }
    return "no overlap, the cutover is one flip: \(left.color) has pods that tagflip did not make, which lack the labels that reach both"
  }
}
