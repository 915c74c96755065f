package import ReleaseModel

/// `tagflip settle`: after another hand moved the Service a person says what is right: the color that the marker names, or where users are now.
package struct Settle: Sendable {
  package enum Way: String, Sendable, Hashable {
    /// Users go back to the color of the rollout that the marker names, if it is ready.
    case restore
    /// Users stay where the other hand brought them, and the marker says so from now on.
    case accept
  }

  private let installation: Installation
  private let target: ServiceTarget
  private let way: Way
  private let reason: String

  package init(_ installation: Installation, target: ServiceTarget, way: Way, reason: String) {
    self.installation = installation
    self.target = target
    self.way = way
    self.reason = reason
  }

  package struct Report: Sendable {
    package var way: Way
    /// Where users were found, in words.
    package var found: String
    package var color: Color
    package var version: Version?
    /// Who wrote the selector, where it can be told.
    package var manager: String?
    package var isRecorded: Bool
  }

  private var ports: Ports { installation.ports }
  private var attempted: String { "settle \(target.service)" }
  private var word: PersonsWord { PersonsWord(installation: installation, target: target, attempted: attempted) }

  /// - Throws: `conflict` where users are where the marker says, or the color that they are to be on is not ready.
  package func run() async throws(PortError) -> Report {
    try await word.alone { lease throws(PortError) in
      let seen = try await ports.services.read(target)
      let marked = Drift.marked(seen.marker, try await ports.bothColors(of: target))
      guard let marked else {
        throw PortError(
          .conflict, attempted: attempted, reason: "the marker names no release that is still there: nothing tells where users should be",
          hint:
            "point the Service at what is right (kubectl -n \(target.namespace) edit service \(target.activeService)), and release a new version"
        )
      }
      guard seen.selection != .color(marked) else {
        throw PortError(
          .conflict, attempted: attempted, reason: "users are on \(marked), as the marker says: there is nothing to settle",
          hint: "what else was changed is told by: tagflip status \(target.service)")
      }
      switch way {
      case .restore: return try await restore(marked, seen, lease)
      case .accept: return try await accept(marked, seen, lease)
      }
    }
  }

  private func restore(_ color: Color, _ seen: ActiveService, _ lease: LeaseKeeper) async throws(PortError) -> Report {
    let held = try await ports.colors.observe(color, target: target)
    guard held.isFullyReady, held.readyPods > 0 else {
      throw PortError(
        .conflict, attempted: attempted, reason: "\(color) is not ready: \(held.progress)",
        hint: "make it ready first, or accept what is live: tagflip settle \(target.service) --accept --reason TEXT")
    }
    let wanted = PersonsWord.Wanted(
      event: .settled, version: seen.marker.version, from: seen.selection.color, to: color, reason: reason, selector: .color(color))
    _ = try await word.decide(wanted, seen) { _ in }
    return report(seen, color, seen.marker.version, await word.record(lease))
  }

  /// Where users are becomes what the marker says. Back on the standby that is a rollback by another hand, with all that follows from one.
  private func accept(_ marked: Color, _ seen: ActiveService, _ lease: LeaseKeeper) async throws(PortError) -> Report {
    guard case .color(let live) = seen.selection else {
      throw PortError(
        .conflict, attempted: attempted, reason: "users are on \(seen.selection.words), which is no color that could be accepted",
        hint: "go back to the marker's color: tagflip settle \(target.service) --restore --reason TEXT")
    }
    let held = try await ports.colors.observe(live, target: target)
    guard held.readyPods > 0 else {
      throw PortError(
        .conflict, attempted: attempted, reason: "\(live) has no ready pod: users reach nothing",
        hint: "go back to the marker's color: tagflip settle \(target.service) --restore --reason TEXT")
    }
    if let standby = seen.marker.standby, standby.color == live { return try await acceptReturn(to: standby, from: marked, seen, lease) }
    let left = try await ports.colors.observe(marked, target: target)
    let wanted = PersonsWord.Wanted(event: .settled, version: nil, from: marked, to: live, reason: reason, selector: nil)
    let before = seen.marker
    let rules = try await JournalKeeper(of: target.service, in: ports.journals).readable()?.standby ?? StandbyRules()
    let until = try await ports.identity.now() + .milliseconds(rules.warmMs)
    let isWarm = left.readyPods > 0
    _ = try await word.decide(wanted, seen) { marker in
      marker.standby = Marker.Standby(
        color: marked, version: before.version, rollout: before.rollout, temperature: isWarm ? .warm : .cold,
        warmUntil: isWarm ? until : nil)
      marker.rollout = held.rollouts.first
      marker.version = nil
    }
    return report(seen, live, nil, await word.record(lease))
  }

  /// Any rollback quarantines what it left, and its pods stop.
  private func acceptReturn(
    to standby: Marker.Standby, from left: Color, _ seen: ActiveService, _ lease: LeaseKeeper
  ) async throws(PortError) -> Report {
    let caller = try await ports.identity.caller()
    let hand = seen.selectorManager.map { PlainText.line($0, longest: 80) } ?? "unknown"
    let conclusion = Conclusion(
      rollout: RolloutID(random: ports.random.next()), outcome: .rolledBack, version: seen.marker.version, fromVersion: standby.version,
      from: standby.color, to: left, actor: ForeignHand.actor(hand),
      reason: PlainText.line("\(hand) pointed the Service back, and \(caller) accepted it: \(reason)", longest: 500),
      decidedAt: try await ports.identity.now(), exposed: true, quarantines: true)
    _ = try await word.decide(conclusion, nil, seen) { $0.goBack(conclusion) }
    return report(seen, standby.color, standby.version, await word.record(lease))
  }

  private func report(_ seen: ActiveService, _ color: Color, _ version: Version?, _ isRecorded: Bool) -> Report {
    Report(way: way, found: seen.selection.words, color: color, version: version, manager: seen.selectorManager, isRecorded: isRecorded)
  }
}

extension Selection {
  /// Nil for what is no color.
  var color: Color? { if case .color(let color) = self { color } else { nil } }
}
