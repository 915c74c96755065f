import ReleaseModel

extension ActiveService {
  /// What users leave by going back to the standby; nil where they are on it already, or on nothing that could be left.
  fileprivate func left(by standby: Color) -> Color? {
    switch selection {
    case .color(let active): active == standby ? nil : active
    // An overlap that nobody could go back from, or whose journal is lost.
    case .both: standby.other
    case .nothing, .uncolored, .foreign: nil
    }
  }
}

// Going back from a release that was promoted: a rollout of its own, with an id and a record.
extension Rollback {
  /// - Parameter open: the rollout that this ends, where one is open and no journal tells of it.
  func leavePromoted(_ known: Journal, _ seen: ActiveService, ending open: RolloutID? = nil) async throws(PortError) -> Report {
    guard let standby = seen.marker.standby, let active = seen.left(by: standby.color) else {
      throw PortError(
        .notFound, attempted: "roll back \(service)", reason: "there is no standby to go back to",
        hint: "bring an older version live through all gates: tagflip retry \(service) VERSION")
    }
    var seen = seen
    switch standby.temperature {
    case .warm: try await demandReady(standby.color, known.target)
    case .warming, .cold: seen = try await warmUp(standby, known, seen)
    }
    let actor = try await ports.identity.caller()
    let conclusion = Conclusion(
      rollout: open ?? RolloutID(random: ports.random.next()), outcome: .rolledBack, version: seen.marker.version,
      fromVersion: standby.version,
      from: standby.color, to: active, actor: actor, reason: PlainText.line(reason, longest: 500),
      decidedAt: try await ports.identity.now(),
      exposed: true, quarantines: true)
    let patchMs = try await flip(standby, known.target, seen, conclusion)
    ports.narrator.tell(.decided(service, conclusion))
    return await finish(known.target, conclusion, .wentBack(to: standby.color, patchMs: patchMs))
  }

  private func flip(
    _ standby: Marker.Standby, _ target: ServiceTarget, _ seen: ActiveService, _ conclusion: Conclusion
  ) async throws(PortError) -> Int {
    var marker = seen.marker
    marker.raiseFence(moving: true)
    marker.run = installation.run
    marker.goBack(conclusion)
    let sent = ports.clock.elapsed
    let now: ActiveService
    do throws(PortError) {
      switch try await ports.services.change(target, seen: seen, selector: .color(standby.color), marker: marker) {
      case .applied(_, let patchMs): return patchMs
      case .refused(let current): now = current
      }
    } catch  where error.kind == .unknown {
      now = try await ports.services.read(target)
    }
    if now.marker == marker { return (ports.clock.elapsed - sent).milliseconds }
    throw PortError(
      .conflict, attempted: "roll back \(service)", reason: "the Service changed meanwhile: \(now.selection.words)",
      hint: "look and try again: tagflip status \(service)")
  }

  /// Starts a cold standby's pods: marked as warming first, so that no new rollout takes the color; then ready, then smoke-tested.
  private func warmUp(_ standby: Marker.Standby, _ known: Journal, _ seen: ActiveService) async throws(PortError) -> ActiveService {
    guard let live = known.live else {
      throw PortError(.notFound, attempted: "roll back \(service)", reason: "the journal does not say how large \(standby.color) was")
    }
    let rules = live.plan.settings
    let limit = deadline.within(.milliseconds(rules.deploy.readyWithinMs), ports.clock)
    ports.narrator.tell(.stepStarted(service, .rollback, detail: "\(standby.color) is cold: its pods are started first"))
    let target = known.target
    try await askForAttention(target)
    let warming = try await mark(standby, .warming, seen, target, until: try await ports.identity.now() + limit.left(ports.clock))
    try await ports.environments.resize(standby.color, target: target, sizes: live.standbySizes, asOf: warming.marker.fence)
    while true {
      let color = try await ports.colors.observe(standby.color, target: target)
      if color.isFullyReady && color.readyPods > 0 { break }
      guard !limit.hasPassed(ports.clock) else {
        throw PortError(
          .timedOut, attempted: "roll back \(service)", reason: "\(standby.color) did not get ready: \(color.progress)",
          hint:
            "users stay where they are; look at its pods: kubectl -n \(target.namespace) get pods -l \(Marker.colorLabel)=\(standby.color)")
      }
      ports.narrator.tell(.progress(service, .rollback, detail: color.progress))
      do {
        try await ports.clock.sleep(for: .milliseconds(250))
      } catch {
        throw PortError(
          .cancelled, attempted: "roll back \(service)", reason: "told to stop while \(standby.color) is being started",
          hint: "users stay where they are; the next run lets it go cold again when its time is over")
      }
    }
    try await smoke(standby.color, live.before?.plan ?? live.plan, target, until: limit)
    return warming
  }

  private func smoke(_ color: Color, _ plan: CutoverPlan, _ target: ServiceTarget, until limit: Deadline) async throws(PortError) {
    guard !force, !plan.settings.smoke.checks.isEmpty else { return }
    let id = RolloutID(random: ports.random.next())
    let address = try await ports.services.preview(target, color: color, rollout: id)
    var preview = target
    preview.activeService = target.previewService
    _ = try await ports.services.traffic(preview, to: [color], within: limit.left(ports.clock))
    let place = ProbePlace(role: .preview, service: address, port: plan.settings.port, rules: plan.settings.probes)
    let results = await ports.gates.check(plan.settings.smoke.checks, at: place, within: .milliseconds(plan.settings.smoke.withinMs))
    if let complaint = results.complaint {
      throw PortError(
        .conflict, attempted: "roll back \(service)", reason: "\(color) fails its smoke checks: \(complaint)",
        hint: "users stay where they are; to go back all the same: --force")
    }
  }

  private func mark(
    _ standby: Marker.Standby, _ temperature: Marker.Standby.Temperature, _ seen: ActiveService, _ target: ServiceTarget, until: Timestamp
  ) async throws(PortError) -> ActiveService {
    var marker = seen.marker
    marker.raiseFence(moving: false)
    marker.run = installation.run
    marker.standby?.temperature = temperature
    marker.standby?.warmUntil = until
    let now: ActiveService
    do throws(PortError) {
      switch try await ports.services.change(target, seen: seen, selector: nil, marker: marker) {
      case .applied(let after, _): return after
      case .refused(let current): now = current
      }
    } catch  where error.kind == .unknown {
      now = try await ports.services.read(target)
    }
    guard now.marker == marker else {
      throw PortError(.conflict, attempted: "roll back \(service)", reason: "the Service changed meanwhile", hint: "try again")
    }
    return now
  }
}
