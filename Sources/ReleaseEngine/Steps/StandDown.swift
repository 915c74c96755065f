import ReleaseModel

/// What is done to a color that nobody needs: nothing before the Service, read just then, says so.
struct StandDown: Sendable {
  let ports: Ports
  let target: ServiceTarget

  /// Scales a color to 0 that is neither active nor a warm standby. Its objects stay, as evidence, until the color is needed.
  ///
  /// A Service whose selector lacks the color reaches the pods of both: nothing is stopped then.
  func stop(_ color: Color) async throws(PortError) {
    let held = try await ports.colors.observe(color, target: target)
    guard held.desiredPods > 0 else { return }
    guard try await !isNeeded(color) else { return leave(color) }
    do throws(PortError) {
      try await ports.environments.resize(color, target: target, sizes: held.sizes.mapValues { _ in 0 })
    } catch  where error.kind == .conflict {
      guard try await isNeeded(color) else { throw error }
      return leave(color)
    }
    // A rollback to the cold color may have come in between, however fast it would have had to be.
    guard try await isNeeded(color) else { return }
    ports.narrator.tell(.remark(target.service, "\(color) is scaled up again: the Service names it now"))
    try await ports.environments.resize(color, target: target, sizes: held.sizes)
  }

  private func leave(_ color: Color) {
    ports.narrator.tell(.remark(target.service, "\(color) is left as it is: the Service names it"))
  }

  private func isNeeded(_ color: Color) async throws(PortError) -> Bool {
    let seen = try await ports.services.read(target)
    let isStandby = seen.marker.standby.map { $0.color == color && $0.temperature != .cold } ?? false
    return seen.selection == .color(color) || seen.selection == .uncolored || isStandby
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
  func afterReturn(_ conclusion: Conclusion, drainMs: Int) async throws(PortError) {
    guard let bad = conclusion.to else { return }
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
    try await stop(bad)
  }
}
