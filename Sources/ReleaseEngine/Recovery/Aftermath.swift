package import ReleaseModel

/// What remains to be done of conclusions that no open rollout answers for: a rollback of what had been promoted, a standby given up.
///
/// The marker holds them until they are in Git, so that whichever run comes next does what a killed one left. Every part can be repeated.
package struct Aftermath: Sendable {
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

  /// Stops what users left, brings the journal in line, pushes the records and takes them out of the marker.
  /// - Returns: false where Git cannot take them now: they stay in the marker.
  @discardableResult
  package func settle(_ journal: inout JournalKeeper) async throws(PortError) -> Bool {
    let seen = try await ports.services.read(target)
    let recorder = Recorder(installation: installation, target: target)
    let pending = try await recorder.unanswered(seen.marker.pending)
    var remarks: [RolloutID: [String]] = [:]
    for conclusion in pending { remarks[conclusion.rollout, default: []] += try await carryOut(conclusion, seen.marker, &journal) }
    guard try await recorder.push(pending: pending, remarks: remarks) else { return false }
    try await recorder.forget(pending)
    return true
  }

  /// Does what a conclusion asks of colors and journal.
  /// - Returns: what its record must tell besides.
  @discardableResult
  package func carryOut(_ conclusion: Conclusion, _ marker: Marker, _ journal: inout JournalKeeper) async throws(PortError) -> [String] {
    let colors = StandDown(ports: ports, target: target, lease: lease)
    switch conclusion.event {
    case .outcome:
      guard conclusion.outcome == .rolledBack else { return [] }
      var leftOver = try await handBack(marker, &journal)
      let drainMs = journal.journal?.rollback.drainMs ?? RollbackRules().drainMs
      let remarks = try await colors.afterReturn(conclusion, drainMs: drainMs)
      if !leftOver.isEmpty { leftOver = try await handBack(marker, &journal, within: HandOver.standard) }
      try await align(&journal, with: marker, isAsLeft: ForeignHand.manager(in: conclusion.actor) == nil)
      return remarks + leftOver
    // Whoever gave the standby up may have been killed before its pods were stopped.
    case .retired: if let standby = conclusion.from { try await colors.stop(standby) }
    case .settled:
      // Nothing else waits for it: users are where they were.
      let leftOver = try await handBack(marker, &journal, within: HandOver.standard)
      try await align(&journal, with: marker, isAsLeft: false)
      return leftOver
    case .adopted, .left: break
    }
    return []
  }

  /// What acts without the Service follows users, if it still is as the marker says that was read.
  /// - Returns: what the record says where that is left to a later run.
  private func handBack(
    _ marker: Marker, _ journal: inout JournalKeeper, within limit: Duration = Sweep.patience
  ) async throws(PortError) -> [String] {
    guard journal.journal?.mayHaveRunners() ?? true else { return [] }
    let seen = try await ports.services.read(target)
    guard seen.marker.fence == marker.fence else { return [] }
    var hand = HandOver(ports: ports, target: target, lease: lease)
    let left = try await hand.followUsers(seen, within: limit)
    try await journal.note(handOverLeft: left)
    return left.map { [HandOver.leftOver($0)] } ?? []
  }

  /// The journal's live release is the one that users are back on.
  /// - Parameter isAsLeft: whether tagflip brought them there: then the color has the size with which it was left.
  private func align(_ journal: inout JournalKeeper, with marker: Marker, isAsLeft: Bool) async throws(PortError) {
    guard let known = journal.journal, let live = known.live, live.rollout != marker.rollout else { return }
    let before = live.before.flatMap { $0.rollout == marker.rollout ? $0 : nil }
    try await journal.update(creating: known) { journal in
      journal.live = before.map {
        LiveRelease(
          rollout: $0.rollout, plan: $0.plan, replicas: $0.replicas, standbySizes: [:],
          sizes: isAsLeft && !live.standbySizes.isEmpty ? live.standbySizes : nil, images: $0.images, before: nil)
      }
    }
  }
}
