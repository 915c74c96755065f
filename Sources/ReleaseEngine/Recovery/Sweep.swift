package import ReleaseModel

/// Brings a service that no rollout is open for to rest: pods that nobody needs stop, and what users are on is free to breathe.
///
/// A run that was overtaken or killed may have applied or pinned something late: it overwrote nothing, since a first apply only creates, and
/// what it made is told by its rollout's id and deleted. Nothing is done unless selector, marker and objects agree on what
/// users are on: where a hand has moved the Service, a person is at work.
package struct Sweep: Sendable {
  let installation: Installation
  let target: ServiceTarget
  /// Kept while something is waited for.
  let lease: LeaseKeeper?

  package init(installation: Installation, target: ServiceTarget, lease: LeaseKeeper?) {
    self.installation = installation
    self.target = target
    self.lease = lease
  }

  private var ports: Ports { installation.ports }

  /// How long after a rollout's end another look is due: longer than any request of a killed run can still be under way.
  package static let delay: Duration = .seconds(180)

  /// How long one look waits for what is handed over: what does not end is waited for by later ones too.
  static let patience: Duration = .seconds(20)

  /// - Returns: false where another look is due: something could not be done yet, or not be looked at for want of rights, since a person on call
  ///   may not see all that an environment is made of.
  /// - Parameter runners: whether something may act without the Service.
  package func settle(_ seen: ActiveService, runners: Bool) async throws(PortError) -> Bool {
    var hand = HandOver(ports: ports, target: target, lease: lease)
    let colors = StandDown(ports: ports, target: target)
    var isWhole = true
    switch seen.selection {
    case .color(let active):
      guard let rollout = seen.marker.rollout else {
        // What was adopted has no rollout; what was released over it may have brought something that acts without the Service.
        guard runners, seen.marker.adoption?.color == active else { return true }
        return try await !isLeft(&hand, seen)
      }
      guard try await ports.colors.observe(active, target: target).rollouts.contains(rollout) else {
        ports.narrator.tell(
          .remark(target.service, "users are on \(active), which is not what \(rollout) brought live: nothing is tidied up"))
        return true
      }
      isWhole = try await removeStrays(active, sparing: rollout, seen)
      if isWhole, let standby = seen.marker.standby?.rollout { isWhole = try await removeStrays(active.other, sparing: standby, seen) }
      if runners, try await isLeft(&hand, seen) { isWhole = false }
      try await colors.release(active)
      try await stop(active.other)
    case .nothing:
      guard seen.marker.rollout == nil else { return true }
      if runners, try await isLeft(&hand, seen) { isWhole = false }
      for color in Color.allCases { try await stop(color) }
    // It cannot follow users who are on no one color: the run that finds them on one again goes on with it.
    case .both, .uncolored, .foreign: isWhole = !runners || seen.marker.rollout == nil
    }
    return isWhole
  }

  /// Whether a hand-over is left to a later look, which is told.
  private func isLeft(_ hand: inout HandOver, _ seen: ActiveService) async throws(PortError) -> Bool {
    guard let reason = try await hand.followUsers(seen, within: Sweep.patience) else { return false }
    ports.narrator.tell(.remark(target.service, HandOver.leftOver(reason)))
    return true
  }

  private func removeStrays(_ color: Color, sparing rollout: RolloutID, _ seen: ActiveService) async throws(PortError) -> Bool {
    do throws(PortError) {
      try await ports.environments.discard(
        color, sparing: rollout, target: target, asOf: seen.marker.fence, within: .seconds(10))
    } catch  where error.kind == .timedOut || error.kind == .conflict {
      ports.narrator.tell(.warning(target.service, error))
    } catch  where error.kind == .forbidden || error.kind == .invalid {
      ports.narrator.tell(.remark(target.service, "what killed runs may have left is looked for by the bot's next run: \(error.reason)"))
      return false
    }
    return true
  }

  /// What tagflip did not make is left alone.
  private func stop(_ color: Color) async throws(PortError) {
    let held = try await ports.colors.observe(color, target: target)
    guard held.desiredPods > 0, !held.rollouts.isEmpty else { return }
    try await StandDown(ports: ports, target: target).stop(color)
  }
}
