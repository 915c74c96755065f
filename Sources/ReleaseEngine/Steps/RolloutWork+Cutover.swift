import ReleaseModel

// The flip: one conditional PATCH, then a look at where traffic really goes.
extension RolloutWork {
  /// How long the EndpointSlices may take to follow the selector.
  static let convergence: Duration = .seconds(30)

  mutating func flip(_ plan: CutoverPlan) async throws(PortError) -> Rollout.Event {
    let mark = try await begin(.cutover, "\(plan.from?.rawValue ?? "none") → \(plan.to)")
    let id = try open.id
    let color = try await ports.colors.observe(plan.to, target: target)
    if let objection = try await objection(to: color, plan, "just before the cutover") {
      return try await fail(mark, objection.reason, blameless: objection.blameless)
    }
    var balancers: PodBalancers?
    var selector = SelectorChange.color(plan.to)
    if let from = plan.from {
      let left = try await ports.colors.observe(from, target: target)
      balancers = try await ports.podBalancers(seen, [left, color], target: target)
      var remarks = [balancers?.remark(leaving: from)].compactMap(\.self)
      if plan.overlaps {
        if let obstacle = seen.overlapObstacle(left) { remarks.append(obstacle) } else { selector = .both(service) }
      }
      let (sizes, told, requests) = (left.sizes, remarks, left.requests)
      try await note { open in
        open.standbySizes = sizes
        open.remarks += told.filter { !open.remarks.contains($0) }
        open.doubling?.standby = requests
      }
    }
    try demandTime(plan, balancers)
    return try await patch(plan, id, mark, balancers, selector)
  }

  /// What speaks against sending users to the new color alone, and whether the version is not the cause; nil where nothing does.
  /// - Parameter moment: `just before the cutover`.
  func objection(
    to color: ColorObservation, _ plan: CutoverPlan, _ moment: String
  ) async throws(PortError) -> (reason: String, blameless: Bool)? {
    let id = try open.id
    guard color.isFullyReady, color.readyPods > 0 else { return ("not ready any more \(moment): \(color.progress)", false) }
    // Elsewhere the color had its size when it was applied; here somebody may have taken it back since.
    if plan.settings.previewReplicas != nil, !color.hasSizes(try open.sizes) {
      return ("made smaller \(moment): \(color.progress)", true)
    }
    guard color.rollouts == [id], color.strangers.isEmpty else {
      let others = (color.rollouts.subtracting([id]).map(\.text).sorted() + color.strangers).prefix(3).joined(separator: ", ")
      return ("the new selector would match what this rollout did not make: \(others)", true)
    }
    return try await nodeGap(plan).map { ($0.refusal, true) }
  }

  /// Nobody is exposed to what this run could not watch to its end.
  private func demandTime(_ plan: CutoverPlan, _ balancers: PodBalancers?) throws(PortError) {
    // Established connections are moved only once load balancers have followed.
    let patience = plan.settings.connections == .long && balancers != nil ? PodBalancers.patience : .zero
    let exposed = Duration.milliseconds(plan.settings.exposedMs) + patience
    guard deadline.left(ports.clock) > exposed + .seconds(30) else {
      throw PortError(
        .timedOut, attempted: "expose \(service) \(plan.tag.version)",
        reason: "its bake, with all that it may wait for (\(exposed.words)), would outlast this run's deadline",
        hint: "the next run goes on with it; raise run.deadline if that happens again")
    }
  }

  /// Users whom a traffic policy `Local` would leave without a pod. Where the scheduler put the pods is not the version's fault.
  private func nodeGap(_ plan: CutoverPlan) async throws(PortError) -> NodeGap? {
    guard let from = plan.from else { return nil }
    return try await ports.nodeGap(seen, from: from, to: plan.to, target: target)
  }

  private mutating func patch(
    _ plan: CutoverPlan, _ id: RolloutID, _ mark: StepMark, _ balancers: PodBalancers?, _ selector: SelectorChange
  ) async throws(PortError) -> Rollout.Event {
    let heldUntil = balancers == nil ? nil : try await now() + PodBalancers.patience
    flipSent = ports.clock.elapsed
    let result = try await change(selector) { marker in
      marker.standby = plan.from.map {
        Marker.Standby(color: $0, version: plan.fromVersion, rollout: marker.rollout, temperature: .warm, heldUntil: heldUntil)
      }
      marker.rollout = id
      marker.version = plan.tag.version
      // The color was built anew: what once stood for it is its owner's again.
      if marker.adoption?.color == plan.to { marker.adoption = nil }
    }
    switch result {
    case .moved(let standing):
      try await end(mark, .unknown, "the Service changed meanwhile: \(seen.selection.words)")
      return .changed(standing)
    case .applied(let patchMs):
      let isOpening = selector != .color(plan.to)
      let cutover = CutoverRecord(at: try await now(), patchMs: patchMs, overlap: isOpening ? OverlapRecord() : nil)
      try await note { open in
        open.cutover = cutover
        open.doubling?.turnToStandby(at: cutover.at)
      }
      if isOpening {
        try await end(mark, .passed, "users reach \(plan.from?.rawValue ?? "") and \(plan.to) in \(patchMs) ms")
        return .opened
      }
      try await end(mark, .passed, "\(plan.from?.rawValue ?? "none") → \(plan.to) in \(patchMs) ms")
      return .done
    }
  }

  /// Watches the EndpointSlices until they hold exactly the new color's pods; then keeps the standby at its size.
  ///
  /// That traffic has moved is found once. A run that goes on after a kill does not wait for it again, since pods that are lost by now would
  /// hold it up, and users with it: the bake sees them. Nor does each run get the whole limit anew: it counts from the flip.
  mutating func confirmTraffic(_ plan: CutoverPlan) async throws(PortError) -> Rollout.Event {
    try await noteFoundAlone()
    if try open.cutover?.convergedMs != nil {
      try await holdStandby(plan)
      return .done
    }
    switch try await awaitTraffic(to: [plan.to], standing: .exposed, since: try open.cutover?.aloneAt) {
    case .changed(let standing): return .changed(standing)
    case .stuck(let detail):
      return .failed(reason: "traffic did not move within \(RolloutWork.convergence.words): \(detail)", blameless: true)
    case .followed(let report, let ms):
      try await note { open in
        open.cutover?.convergedMs = ms
        open.cutover?.endpoints = report.endpoints
      }
      tell(.cutover, "traffic has moved: \(report.detail)")
      try await holdStandby(plan)
      return .done
    }
  }

  /// What came of waiting for the EndpointSlices.
  enum Following: Sendable {
    /// And how long after the PATCH that was, in milliseconds; nil where the journal does not tell when it was.
    case followed(TrafficReport, ms: Int?)
    /// They did not within the limit: what was seen instead.
    case stuck(String)
    case changed(Standing)
  }

  /// Watches the EndpointSlices until they hold exactly the ready pods of some colors.
  /// - Parameters:
  ///   - expected: where the rollout stands while that is waited for.
  ///   - since: when the selector was changed; nil where that is not known.
  mutating func awaitTraffic(
    to colors: [Color], standing expected: Standing, since: Timestamp?
  ) async throws(PortError) -> Following {
    let limit = deadline.within(try await convergenceLeft(since), ports.clock)
    var detail = "nothing could be read"
    while true {
      do throws(PortError) {
        let report = try await ports.services.traffic(target, to: colors, within: min(.seconds(5), limit.left(ports.clock)))
        detail = report.detail
        if report.converged { return .followed(report, ms: try await sinceMoved(since)) }
      } catch  where error.kind == .unreachable || error.kind == .timedOut {
        detail = error.reason
        try await pause(.milliseconds(200))
      }
      let standing = try await look()
      guard standing == expected else { return .changed(standing) }
      if limit.hasPassed(ports.clock) { return .stuck(detail) }
      try await checkpoint()
    }
  }

  /// A run that did not send the PATCH knows only when it was acknowledged.
  private func sinceMoved(_ since: Timestamp?) async throws(PortError) -> Int? {
    if let flipSent { return (ports.clock.elapsed - flipSent).milliseconds }
    guard let since else { return nil }
    return max(0, (try await now() - since).milliseconds)
  }

  /// What is left of the limit since the selector was changed; all of it where that time is not known.
  private func convergenceLeft(_ since: Timestamp?) async throws(PortError) -> Duration {
    guard let since else { return RolloutWork.convergence }
    return max(.zero, since + RolloutWork.convergence - (try await now()))
  }

  /// Pins the standby's autoscalers: an idle standby would shrink below what a rollback needs. That it fails is told, and costs nobody the
  /// release.
  func holdStandby(_ plan: CutoverPlan) async throws(PortError) {
    guard let from = plan.from else { return }
    do throws(PortError) {
      try await ports.environments.resize(from, target: target, sizes: try open.standbySizes, asOf: seen.marker.fence)
    } catch {
      ports.narrator.tell(.warning(service, error))
    }
  }
}
