package import ReleaseModel

/// A warm standby goes cold: given up in the marker by a conditional PATCH first, scaled to 0 only then, so that a rollback and a retirement
/// cannot both win.
package struct Retirement: Sendable {
  let installation: Installation
  let target: ServiceTarget
  let actor: String

  package init(installation: Installation, target: ServiceTarget, actor: String) {
    self.installation = installation
    self.target = target
    self.actor = actor
  }

  private var ports: Ports { installation.ports }

  /// Retires the standby if its window has ended.
  /// - Returns: the standby that went cold just now.
  package func settle(_ seen: ActiveService) async throws(PortError) -> Marker.Standby? {
    guard let standby = seen.marker.standby else { return nil }
    // Users reach it: whoever narrows the Service decides.
    guard seen.selection != .both else { return nil }
    switch standby.temperature {
    // The sweep stops what still runs of it.
    case .cold: return nil
    case .warm, .warming:
      guard let until = standby.warmUntil, until <= (try await ports.identity.now()) else { return nil }
      return try await retire(seen, because: "its warm window has ended")
    }
  }

  /// Makes the standby cold now.
  /// - Throws: `conflict` where the Service changed meanwhile.
  package func retire(_ seen: ActiveService, because reason: String) async throws(PortError) -> Marker.Standby? {
    guard let standby = seen.marker.standby, standby.temperature != .cold else { return nil }
    var marker = seen.marker
    marker.raiseFence(moving: false)
    marker.run = installation.run
    marker.standby?.temperature = .cold
    marker.standby?.warmUntil = nil
    if let rollout = marker.rollout {
      let decidedAt = try await ports.identity.now()
      let live = (try? await JournalKeeper(of: target.service, in: ports.journals))?.journal?.live
      marker.pending.append(
        Conclusion(
          event: .retired, rollout: rollout, outcome: nil, version: standby.version, from: standby.color, actor: actor, reason: reason,
          decidedAt: decidedAt, exposed: false, quarantines: false, doubled: live?.doubled(until: decidedAt, as: rollout)))
    }
    try await apply(marker, seen)
    try await StandDown(ports: ports, target: target).stop(standby.color)
    let recorder = Recorder(installation: installation, target: target)
    let pending = try await recorder.unanswered(marker.pending)
    if try await recorder.push(pending: pending) { try await recorder.forget(pending) }
    try await IndexKeeper(ports).update { index in
      var entry = index.services[target.service] ?? ServiceIndex.Entry(target: target)
      // A tag may have waited for it, and the refs look as they did then.
      entry.attention = true
      entry.due = nil
      index.services[target.service] = entry
    }
    return standby
  }

  private func apply(_ marker: Marker, _ seen: ActiveService) async throws(PortError) {
    do throws(PortError) {
      if case .applied = try await ports.services.change(target, seen: seen, selector: nil, marker: marker) { return }
    } catch  where error.kind == .unknown {
      if try await ports.services.read(target).marker == marker { return }
    }
    throw PortError(
      .conflict, attempted: "retire the standby of \(target.service)", reason: "the Service changed meanwhile", hint: "run again")
  }
}
