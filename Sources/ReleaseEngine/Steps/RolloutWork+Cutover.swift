import ReleaseModel

// The flip: one conditional PATCH, then a look at where traffic really goes.
extension RolloutWork {
  /// How long the EndpointSlices may take to follow the selector.
  static let convergence: Duration = .seconds(30)

  mutating func flip(_ plan: CutoverPlan) async throws(PortError) -> Rollout.Event {
    let mark = try await begin(.cutover, "\(plan.from?.rawValue ?? "none") → \(plan.to)")
    let id = try open.id
    let color = try await ports.colors.observe(plan.to, target: target)
    guard color.isFullyReady, color.readyPods > 0 else {
      return try await fail(mark, "not ready any more just before the cutover: \(color.progress)")
    }
    // Elsewhere the color had its size when it was applied; here somebody may have taken it back since.
    if plan.settings.previewReplicas != nil, !color.hasSizes(try open.sizes) {
      return try await fail(mark, "made smaller just before the cutover: \(color.progress)", blameless: true)
    }
    guard color.rollouts == [id], color.strangers.isEmpty else {
      let others = (color.rollouts.subtracting([id]).map(\.text).sorted() + color.strangers).prefix(3).joined(separator: ", ")
      return try await fail(mark, "the new selector would match what this rollout did not make: \(others)", blameless: true)
    }
    if let gap = try await nodeGap(plan) { return try await fail(mark, gap.refusal, blameless: true) }
    var balancers: PodBalancers?
    if let from = plan.from {
      let left = try await ports.colors.observe(from, target: target)
      balancers = try await ports.podBalancers(seen, [left, color], target: target)
      let (sizes, remark, requests) = (left.sizes, balancers?.remark(leaving: from), left.requests)
      try await note { open in
        open.standbySizes = sizes
        if let remark, !open.remarks.contains(remark) { open.remarks.append(remark) }
        open.doubling?.standby = requests
      }
    }
    try demandTime(plan, balancers)
    return try await patch(plan, id, mark, balancers)
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
    _ plan: CutoverPlan, _ id: RolloutID, _ mark: StepMark, _ balancers: PodBalancers?
  ) async throws(PortError) -> Rollout.Event {
    let heldUntil = balancers == nil ? nil : try await now() + PodBalancers.patience
    flipSent = ports.clock.elapsed
    let result = try await change(.color(plan.to)) { marker in
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
      let cutover = CutoverRecord(at: try await now(), patchMs: patchMs)
      try await note { open in
        open.cutover = cutover
        open.doubling?.turnToStandby(at: cutover.at)
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
    if try open.cutover?.convergedMs != nil {
      try await holdStandby(plan)
      return .done
    }
    let limit = deadline.within(try await convergenceLeft, ports.clock)
    var detail = "nothing could be read"
    while true {
      do throws(PortError) {
        let report = try await ports.services.traffic(target, to: plan.to, within: min(.seconds(5), limit.left(ports.clock)))
        detail = report.detail
        if report.converged {
          let ms = flipSent.map { (ports.clock.elapsed - $0).milliseconds }
          let seenAt = try await now()
          try await note { open in
            guard var cutover = open.cutover else { return }
            // A run that did not send the flip knows only when it was.
            cutover.convergedMs = ms ?? max(0, (seenAt - cutover.at).milliseconds)
            cutover.endpoints = report.endpoints
            open.cutover = cutover
          }
          tell(.cutover, "traffic has moved: \(report.detail)")
          try await holdStandby(plan)
          return .done
        }
      } catch  where error.kind == .unreachable || error.kind == .timedOut {
        detail = error.reason
        try await pause(.milliseconds(200))
      }
      let standing = try await look()
      guard case .exposed = standing else { return .changed(standing) }
      if limit.hasPassed(ports.clock) {
        return .failed(reason: "traffic did not move within \(RolloutWork.convergence.words): \(detail)", blameless: true)
      }
      try await checkpoint()
    }
  }

  /// What is left of the limit since the flip; all of it where the flip's time is not known.
  private var convergenceLeft: Duration {
    get async throws(PortError) {
      guard let cutover = try open.cutover else { return RolloutWork.convergence }
      return max(.zero, cutover.at + RolloutWork.convergence - (try await now()))
    }
  }

  /// Pins the standby's autoscalers: an idle standby would shrink below what a rollback needs. That it fails is told, and costs nobody the
  /// release.
  private func holdStandby(_ plan: CutoverPlan) async throws(PortError) {
    guard let from = plan.from else { return }
    do throws(PortError) {
      try await ports.environments.resize(from, target: target, sizes: try open.standbySizes, asOf: seen.marker.fence)
    } catch {
      ports.narrator.tell(.warning(service, error))
    }
  }
}
