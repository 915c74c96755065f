import ReleaseModel

/// What is done to a color that nobody needs: nothing before the Service, read just then, says so.
struct StandDown: Sendable {
  let ports: Ports
  let target: ServiceTarget
  /// Kept while something is waited for; nil where nobody has it.
  var lease: LeaseKeeper?

  /// Scales a color to 0 that is neither active nor a warm standby. Its objects stay, as evidence, until the color is needed.
  ///
  /// A Service that reaches both colors, or may since its selector lacks the color, needs both: nothing is stopped then.
  func stop(_ color: Color) async throws(PortError) {
    for attempt in 1... {
      let held = try await ports.colors.observe(color, target: target)
      guard held.desiredPods > 0 else { return }
      let seen = try await ports.services.read(target)
      guard !seen.needs(color) else { return }
      guard try await !isBeingBuilt(color, seen) else { return }
      do throws(PortError) {
        let nothing = held.sizes.mapValues { _ in 0 }
        try await ports.environments.resize(color, target: target, sizes: nothing, asOf: seen.marker.fence)
        return try await giveBack(color, held.sizes)
      } catch  where error.kind == .conflict && attempt < 5 {}
    }
  }

  /// Whether an open rollout has the color for itself, which the marker does not say.
  ///
  /// The journal is read after the Service: what is announced later raises the fence before it touches the color, and the resize is
  /// conditional on the fence. A journal that cannot be read tells nothing, and nothing is stopped on it.
  private func isBeingBuilt(_ color: Color, _ seen: ActiveService) async throws(PortError) -> Bool {
    guard let open = try await JournalKeeper(of: target.service, in: ports.journals).readable()?.open else { return false }
    let isDecided = seen.marker.pending.contains { $0.event == .outcome && $0.rollout == open.id }
    return open.plan.to == color && !isDecided
  }

  /// A rollback to the cold color may have come in between, however fast it would have had to be.
  private func giveBack(_ color: Color, _ sizes: [String: Int]) async throws(PortError) {
    let seen = try await ports.services.read(target)
    guard seen.needs(color) else { return }
    ports.narrator.tell(.remark(target.service, "\(color) is scaled up again: the Service names it now"))
    try await ports.environments.resize(color, target: target, sizes: sizes, asOf: seen.marker.fence)
  }

  /// Gives a color's autoscalers their minima back. That it is refused is told and holds nothing up.
  func release(_ color: Color) async throws(PortError) {
    do throws(PortError) {
      try await ports.environments.unpin(color, target: target)
    } catch  where error.isVerdictOnRelease {
      ports.narrator.tell(.warning(target.service, error))
    }
  }

  /// After users went back: established connections get what is left of their time, then the bad color's pods stop.
  /// - Returns: what the record must tell besides.
  func afterReturn(_ conclusion: Conclusion, drainMs: Int) async throws(PortError) -> [String] {
    guard let bad = conclusion.to else { return [] }
    var remarks = await uncovered(bad, conclusion.from)
    if let good = conclusion.from { try await release(good) }
    let left = conclusion.decidedAt + .milliseconds(drainMs) - (try await ports.identity.now())
    if left > .zero {
      ports.narrator.tell(.progress(target.service, .rollback, detail: "\(bad) drains for \(left.words)"))
      do {
        try await ports.clock.sleep(for: left)
      } catch {
        throw PortError(.cancelled, attempted: "drain \(bad)", reason: "told to stop", hint: "the next run stops its pods")
      }
    }
    if let good = conclusion.from { remarks += try await awaitTargets(of: good, leaving: bad, since: conclusion.decidedAt) }
    try await stop(bad)
    return remarks
  }

  /// Behind load balancers that send to pods' own addresses what users left goes on serving until they are known to send to the other color.
  ///
  /// Known is what a readiness gate said after users went back: one that was open before says nothing of where the balancer sends now.
  /// - Returns: what the record must tell of it.
  private func awaitTargets(of good: Color, leaving bad: Color, since: Timestamp) async throws(PortError) -> [String] {
    let service = try await ports.services.read(target)
    let held = [try await ports.colors.observe(good, target: target), try await ports.colors.observe(bad, target: target)]
    guard service.selection == .color(good), held[1].desiredPods > 0,
      let balancers = try await ports.podBalancers(service, held, target: target)
    else { return [] }
    var lease = lease
    var isTold = false
    while true {
      let waited = try await ports.identity.now() - since
      if let healthy = try? await ports.colors.placement(of: good, target: target).targetsHealthySince, healthy >= since {
        return ["\(balancers.words): \(bad)'s pods stayed for \(waited.words), until \(good)'s targets were known to be healthy"]
      }
      guard waited < PodBalancers.patience else {
        return ["\(balancers.words): \(bad)'s pods stayed for \(waited.words); whether it sends to \(good) by now could not be read"]
      }
      if !isTold {
        let left = (PodBalancers.patience - waited).words
        ports.narrator.tell(
          .progress(target.service, .rollback, detail: "\(balancers.words): users are back, and \(bad)'s pods stay for up to \(left)"))
      }
      isTold = true
      try await lease?.keep()
      do {
        try await ports.clock.sleep(for: min(.seconds(5), PodBalancers.patience - waited))
      } catch {
        throw PortError(.cancelled, attempted: "wait for load balancers", reason: "told to stop", hint: "the next run stops \(bad)'s pods")
      }
    }
  }

  /// The way back asks nothing but the standby: that a traffic policy `Local` leaves some without a pod is told after it.
  private func uncovered(_ left: Color, _ taken: Color?) async -> [String] {
    guard let taken, let service = try? await ports.services.read(target), service.selection == .color(taken),
      let gap = try? await ports.nodeGap(service, from: left, to: taken, target: target)
    else { return [] }
    ports.narrator.tell(.remark(target.service, gap.words))
    return [gap.words]
  }
}

extension ActiveService {
  /// Whether users are on a color, or may have to go back to it.
  fileprivate func needs(_ color: Color) -> Bool {
    let isStandby = marker.standby.map { $0.color == color && $0.temperature != .cold } ?? false
    return selection.mayReach(color) || isStandby
  }
}
