package import ReleaseModel

/// Brings a service that no rollout is open for to rest: pods that nobody needs stop, and what users are on is free to breathe.
///
/// A run that was overtaken or killed may have applied or pinned something late: it overwrote nothing, since a first apply only creates, and
/// what it made is told by its rollout's id and deleted. Nothing is done unless selector, marker and objects agree on what
/// users are on: where a hand has moved the Service, a person is at work.
package struct Sweep: Sendable {
  let installation: Installation
  let target: ServiceTarget

  package init(installation: Installation, target: ServiceTarget) {
    self.installation = installation
    self.target = target
  }

  private var ports: Ports { installation.ports }

  /// How long after a rollout's end another look is due: longer than any request of a killed run can still be under way.
  package static let delay: Duration = .seconds(180)

  /// - Returns: false where something was not looked at for want of rights: a person on call may not see all that an environment is made of.
  /// - Parameter runners: whether something may act without the Service.
  package func settle(_ seen: ActiveService, runners: Bool) async throws(PortError) -> Bool {
    let hand = HandOver(ports: ports, target: target)
    let colors = StandDown(ports: ports, target: target)
    var isWhole = true
    switch seen.selection {
    case .color(let active):
      guard let rollout = seen.marker.rollout else { return true }
      guard try await ports.colors.observe(active, target: target).rollouts.contains(rollout) else {
        ports.narrator.tell(
          .remark(target.service, "users are on \(active), which is not what \(rollout) brought live: nothing is tidied up"))
        return true
      }
      isWhole = try await removeStrays(active, sparing: rollout, seen)
      if isWhole, let standby = seen.marker.standby?.rollout { isWhole = try await removeStrays(active.other, sparing: standby, seen) }
      if runners { try await hand.settleOrLeave(on: active, seen) }
      try await colors.release(active)
      try await stop(active.other)
    case .nothing:
      guard seen.marker.rollout == nil else { return true }
      if runners { try await hand.settleOrLeave(on: nil, seen) }
      for color in Color.allCases { try await stop(color) }
    case .uncolored, .foreign: break
    }
    return isWhole
  }

  private func removeStrays(_ color: Color, sparing rollout: RolloutID, _ seen: ActiveService) async throws(PortError) -> Bool {
    do throws(PortError) {
      try await ports.environments.discard(
        color, sparing: rollout, target: target, asOf: seen.marker.fence, within: .seconds(10))
    } catch  where error.kind == .timedOut || error.kind == .conflict {
      ports.narrator.tell(.warning(target.service, error))
    } catch  where error.kind == .forbidden {
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
