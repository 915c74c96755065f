import ReleaseModel

// The flip: one conditional PATCH, then a look at where traffic really goes.
extension RolloutWork {
  /// How long the EndpointSlices may take to follow the selector.
  static let convergence: Duration = .seconds(30)

  mutating func flip(_ plan: CutoverPlan) async throws(PortError) -> Rollout.Event {
    let mark = try await begin(.cutover, "\(plan.from?.rawValue ?? "none") → \(plan.to)")
    let id = try open.id
    guard deadline.left(ports.clock) > .milliseconds(plan.settings.bake.durationMs) + .seconds(30) else {
      throw PortError(
        .timedOut, attempted: "expose \(service) \(plan.tag.version)",
        reason: "the bake of \(Duration.milliseconds(plan.settings.bake.durationMs).words) would outlast this run's deadline",
        hint: "the next run goes on with it; raise run.deadline if that happens again")
    }
    let color = try await ports.colors.observe(plan.to, target: target)
    guard color.isFullyReady, color.readyPods > 0 else {
      return try await fail(mark, "not ready any more just before the cutover: \(color.progress)")
    }
    guard color.rollouts == [id], color.strangers.isEmpty else {
      let others = (color.rollouts.subtracting([id]).map(\.text).sorted() + color.strangers).prefix(3).joined(separator: ", ")
      return try await fail(mark, "the new selector would match what this rollout did not make: \(others)", blameless: true)
    }
    if let from = plan.from {
      let sizes = try await ports.colors.observe(from, target: target).sizes
      try await note { $0.standbySizes = sizes }
    }
    return try await patch(plan, id, mark)
  }

  private mutating func patch(_ plan: CutoverPlan, _ id: RolloutID, _ mark: StepMark) async throws(PortError) -> Rollout.Event {
    flipSent = ports.clock.elapsed
    let result = try await change(.color(plan.to)) { marker in
      marker.rollout = id
      marker.version = plan.tag.version
      marker.standby = plan.from.map { Marker.Standby(color: $0, version: plan.fromVersion, temperature: .warm) }
    }
    switch result {
    case .moved(let standing):
      try await end(mark, .unknown, "the Service changed meanwhile: \(seen.selection.words)")
      return .changed(standing)
    case .applied(let patchMs):
      let cutover = CutoverRecord(at: try await now(), patchMs: patchMs)
      try await note { $0.cutover = cutover }
      try await end(mark, .passed, "\(plan.from?.rawValue ?? "none") → \(plan.to) in \(patchMs) ms")
      return .done
    }
  }

  /// Watches the EndpointSlices until they hold exactly the new color's pods; then keeps the standby at its size.
  mutating func confirmTraffic(_ plan: CutoverPlan) async throws(PortError) -> Rollout.Event {
    let limit = deadline.within(RolloutWork.convergence, ports.clock)
    var detail = "nothing could be read"
    while true {
      do throws(PortError) {
        let report = try await ports.services.traffic(target, to: plan.to, within: min(.seconds(5), limit.left(ports.clock)))
        detail = report.detail
        if report.converged {
          let ms = flipSent.map { (ports.clock.elapsed - $0).milliseconds }
          try await note { open in
            guard var cutover = open.cutover else { return }
            cutover.convergedMs = cutover.convergedMs ?? ms
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

  /// Pins the standby's autoscalers: an idle standby would shrink below what a rollback needs. That it fails is told, and costs nobody the
  /// release.
  private func holdStandby(_ plan: CutoverPlan) async throws(PortError) {
    guard let from = plan.from else { return }
    do throws(PortError) {
      try await ports.environments.resize(from, target: target, sizes: try open.standbySizes)
    } catch {
      ports.narrator.tell(.warning(service, error))
    }
  }
}
