import ReleaseModel

// Health is watched while users are on the new color and the old one stands by.
extension RolloutWork {
  mutating func bake(_ plan: CutoverPlan) async throws(PortError) -> Rollout.Event {
    let gate = plan.settings.bake
    let mark = try await begin(.bake, "\(Duration.milliseconds(gate.durationMs).words) watched time")
    var watch = HealthWatch(gate: gate, watchedMs: try open.bakedMs)
    let control = await controlPlace(plan)
    var shift = try connectionShift(plan)
    if shift == nil { await noteUnmovedConnections(plan) }
    var handing = try await beginHandOver(plan)
    // What came over last is watched as long as it takes to notice a failure, also by a run that finds it all there.
    let patience = gate.consecutiveFailures * gate.intervalMs
    let hasConsumers = await advance(&handing, plan)
    var watchedAtLeast = hasConsumers || shift != nil ? watch.watchedMs + patience : 0
    var last = ports.clock.elapsed
    var saved = last
    while true {
      let standing = try await persistentLook(until: deadline)
      guard case .exposed = standing else {
        try await noteBake(watch, mark, .unknown, "the Service changed meanwhile")
        return .changed(standing)
      }
      if let failure = handing?.failure {
        return await degraded(
          failure.reason, blameless: failure.blameless, HealthWatch.Round(active: [], control: [], pods: nil, ms: 0), mark)
      }
      let isHanding = handing != nil
      let isShifting = shift != nil
      if isShifting { await moveConnections(&shift, plan) }
      // While its pods are replaced the standby may fail for a reason of its own, which says nothing about a common cause.
      let round = await look(at: plan, activePlace(plan), control: isShifting ? nil : control, isHanded: !isHanding, since: last)
      last = ports.clock.elapsed
      let verdict = watch.judge(round)
      if isShifting || isHanding { watchedAtLeast = watch.watchedMs + patience }
      switch verdict {
      case .passed where shift == nil && !isHanding && watch.watchedMs >= watchedAtLeast:
        try await noteBake(watch, mark, .passed, watch.summary)
        return .done
      case .passed:
        let waits = isHanding ? "what runs only when active is being handed over" : "connections are still being moved"
        tell(.bake, "healthy for \(Duration.milliseconds(watch.watchedMs).words); \(waits)")
      case .healthy:
        tell(.bake, "\(Duration.milliseconds(watch.watchedMs).words) of \(Duration.milliseconds(gate.durationMs).words), \(watch.summary)")
      case .degraded(let reason): return await degraded(reason, blameless: false, round, mark)
      case .unknown(let reason): return await degraded(reason, blameless: true, round, mark)
      case .commonCause(let reason):
        if gate.commonCause == .flip { return await degraded(reason, blameless: true, round, mark) }
        tell(.bake, reason)
      }
      if last - saved >= .seconds(5) {
        saved = last
        let watched = watch.watchedMs
        await attemptNote { $0.bakedMs = watched }
      }
      try await nextRound(after: last, gate, watched: watch.watchedMs, &handing, plan)
    }
  }

  /// Waits for the next round; a run that is told to stop first notes how much of the bake was watched.
  private mutating func nextRound(
    after last: Duration, _ gate: BakeGate, watched: Int, _ handing: inout BakeHandOver?, _ plan: CutoverPlan
  ) async throws(PortError) {
    do throws(PortError) {
      try await checkpoint()
      await advance(&handing, plan)
      // The last one is no longer than what is left to watch.
      let interval = watched < gate.durationMs ? min(gate.intervalMs, gate.durationMs - watched) : gate.intervalMs
      let end = last + .milliseconds(interval)
      // A consumer that stands still is looked at more often than health is.
      while handing != nil, handing?.failure == nil, end - ports.clock.elapsed > HandOver.interval {
        try await pause(HandOver.interval)
        await advance(&handing, plan)
      }
      guard handing?.failure == nil else { return }
      try await pause(max(.zero, end - ports.clock.elapsed))
    } catch {
      await attemptNote { $0.bakedMs = watched }
      throw error
    }
  }

  /// Where the standby is probed as a control: the preview Service, pointed at it. Without it a common cause cannot be told, nothing else.
  private func controlPlace(_ plan: CutoverPlan) async -> ProbePlace? {
    guard let from = plan.from, !plan.settings.bake.checks.isEmpty else { return nil }
    do throws(PortError) {
      let address = try await ports.services.preview(target, color: from, rollout: try open.id)
      return ProbePlace(role: .control, service: address, port: plan.settings.port, rules: plan.settings.probes)
    } catch {
      ports.narrator.tell(.warning(service, error))
      return nil
    }
  }

  func activePlace(_ plan: CutoverPlan) -> ProbePlace {
    ProbePlace(role: .active, service: seen.address, port: plan.settings.port, rules: plan.settings.probes)
  }

  /// One round of looking at the new color.
  /// - Parameters:
  ///   - place: where it is reached.
  ///   - isHanded: whether what runs only when active is there, and judged with the rest.
  func look(
    at plan: CutoverPlan, _ place: ProbePlace, control: ProbePlace?, isHanded: Bool, since last: Duration
  ) async -> HealthWatch.Round {
    let gate = plan.settings.bake
    let limit = Duration.milliseconds(max(gate.intervalMs * 5, 5000))
    async let active = ports.gates.check(gate.checks, at: place, within: limit)
    async let standby = controlResults(plan, control, limit)
    let color = try? await ports.colors.observe(plan.to, target: target)
    if let color, let open = try? open, !color.rollouts.subtracting([open.id]).isEmpty { await removeStrays(plan.to, sparing: open.id) }
    let pods = color.map { color in
      let consumers = isHanded ? color.apart : []
      let all = color.workloads + consumers
      return HealthWatch.Pods(
        desired: all.reduce(0) { $0 + $1.desired }, ready: all.reduce(0) { $0 + $1.ready },
        restarts: color.workloads.reduce(0) { $0 + $1.restarts },
        consumerRestarts: isHanded ? consumers.reduce(0) { $0 + $1.restarts } : nil)
    }
    let round = await HealthWatch.Round(active: active, control: standby, pods: pods, ms: 0)
    // Only watched time counts: a round that took long, on a machine that stood still, says nothing about the time in between.
    return HealthWatch.Round(
      active: round.active, control: round.control, pods: pods, ms: min((ports.clock.elapsed - last).milliseconds, gate.intervalMs * 2))
  }

  /// Takes away what an apply of a killed run made late in the color that users are on: its pods would be selected too.
  private func removeStrays(_ color: Color, sparing rollout: RolloutID) async {
    tell(.bake, "removing from \(color) what another rollout's late apply left")
    do throws(PortError) {
      try await ports.environments.discard(color, sparing: rollout, target: target, asOf: seen.marker.fence, within: .seconds(1))
    } catch {
      ports.narrator.tell(.warning(service, error))
    }
  }

  /// The checks on the standby. One without a ready pod fails for a reason of its own, which says nothing about a common cause.
  private func controlResults(_ plan: CutoverPlan, _ place: ProbePlace?, _ limit: Duration) async -> [CheckResult] {
    guard let place, let from = plan.from, let standby = try? await ports.colors.observe(from, target: target), standby.readyPods > 0
    else { return [] }
    return await ports.gates.check(plan.settings.bake.checks, at: place, within: limit)
  }

  /// Ends the watch over users on the new color on the way back: the journal is written if it can be, the way back does not wait for it.
  mutating func degraded(
    _ reason: String, blameless: Bool, _ round: HealthWatch.Round, _ mark: StepMark
  ) async -> Rollout.Event {
    let ms = (ports.clock.elapsed - mark.start).milliseconds
    let record = StepRecord(
      step: mark.step, startedAt: mark.startedAt, ms: ms, result: blameless ? .unknown : .failed, detail: reason, checks: round.active)
    ports.narrator.tell(.stepEnded(service, record))
    await attemptNote { $0.steps.append(record) }
    return .failed(reason: reason, blameless: blameless)
  }

  private mutating func noteBake(
    _ watch: HealthWatch, _ mark: StepMark, _ result: StepRecord.Result, _ detail: String
  ) async throws(PortError) {
    let watched = watch.watchedMs
    await attemptNote { $0.bakedMs = watched }
    try await end(mark, result, detail)
  }

  /// Writes the journal if it can be written.
  mutating func attemptNote(_ change: @escaping (inout OpenRollout) -> Void) async {
    do throws(PortError) {
      try await note(change)
    } catch {
      ports.narrator.tell(.warning(service, error))
    }
  }
}
