package import ReleaseModel

/// What somebody changed past tagflip while no rollout was open: told, and never put right by itself. Pure.
///
/// Only what is known is compared: where the journal does not tell what the release left, nothing is said of it.
package struct Drift: Sendable, Hashable {
  /// The move first.
  package var findings: [DriftFinding]
  /// The kinds of object that could not be seen.
  package var unseen: [String]

  /// - Parameters:
  ///   - live: the release that users should be on; nil where the journal does not tell.
  ///   - held: what the color that users are on holds, and the warm standby, where these were looked at.
  package init(_ seen: ActiveService, colors: [ColorObservation], live: LiveRelease?, held: [ColorHoldings]) {
    findings = [Drift.move(seen, colors)].compactMap(\.self)
    unseen = Set(held.flatMap(\.unseen)).sorted()
    guard let live, let places = Drift.places(seen, live) else { return }
    for place in places {
      guard let held = held.first(where: { $0.observation.color == place.color }) else { continue }
      findings += place.findings(held, isAdopted: seen.marker.adoption?.color == place.color)
    }
  }

  /// Where users are and where the marker says they are, with who moved them; nil where they are where they should be, or nothing tells.
  package static func move(_ seen: ActiveService, _ colors: [ColorObservation]) -> DriftFinding? {
    guard let marked = marked(seen.marker, colors), seen.selection != .color(marked) else { return nil }
    let version = seen.marker.version.map { " (\($0))" } ?? ""
    return DriftFinding(
      .moved, color: marked, object: "Service \(seen.address.name)", left: "\(marked)\(version)", found: seen.selection.words,
      hand: seen.selectorManager)
  }

  package var move: DriftFinding? { findings.first { $0.kind == .moved } }

  /// All of it in words.
  package var lines: [String] { findings.map(\.words) }

  /// The color that the marker says users are on: it names the rollout and the standby, not the color itself. Nil where nothing that is still there tells.
  static func marked(_ marker: Marker, _ colors: [ColorObservation]) -> Color? {
    guard let rollout = marker.rollout else { return marker.adoption?.color }
    return colors.first { $0.rollouts.contains(rollout) }?.color
  }

  /// What is looked at: the color that users are on, where it is the journal's, and the warm standby. Nil where the journal is of another release.
  static func places(_ seen: ActiveService, _ live: LiveRelease) -> [Place]? {
    guard live.rollout == seen.marker.rollout, seen.selection == .color(live.plan.to) else { return nil }
    var places = [
      Place(
        color: live.plan.to, isStandby: false, planned: PlannedHoldings(rollout: live.rollout, objects: live.plan.objects),
        sizes: live.sizes ?? [:], images: live.images ?? [:])
    ]
    guard let standby = seen.marker.standby, standby.temperature == .warm, standby.color != live.plan.to else { return places }
    let before = live.before.flatMap { $0.rollout == standby.rollout ? $0 : nil }
    places.append(
      Place(
        color: standby.color, isStandby: true, planned: before.map { PlannedHoldings(rollout: $0.rollout, objects: $0.plan.objects) },
        sizes: live.standbySizes, images: before?.images ?? [:]))
    return places
  }

  /// One color, with what its release left there.
  struct Place: Sendable {
    var color: Color
    var isStandby: Bool
    var planned: PlannedHoldings?
    /// By Deployment without the color's suffix; those that are missing are not known.
    var sizes: [String: Int]
    /// By Deployment without the color's suffix, and by container.
    var images: [String: [String: String]]
  }
}

extension Drift.Place {
  func findings(_ held: ColorHoldings, isAdopted: Bool) -> [DriftFinding] {
    func finding(_ kind: DriftFinding.Kind, _ object: String) -> DriftFinding {
      DriftFinding(kind, color: color, isStandby: isStandby, object: object)
    }
    var found = held.gone.map { finding(.gone, $0) } + held.remade.map { finding(.remade, $0) }
    let deployments = held.observation.workloads + held.observation.apart
    found += deployments.flatMap { imageFindings($0, held.hands[name($0)]) }
    found += sizeFindings(held)
    // What no rollout made, an adopted Deployment and what somebody made by hand before the first release, is all stranger.
    if planned != nil, !isAdopted { found += held.strangers.map { finding(.stranger, $0) } }
    return found
  }

  private func name(_ workload: WorkloadObservation) -> String { workload.identity?.name ?? "\(workload.name)-\(color)" }

  private func imageFindings(_ workload: WorkloadObservation, _ hands: ColorHoldings.Hands?) -> [DriftFinding] {
    guard let left = images[workload.name] else { return [] }
    return Set(left.keys).union(workload.asked.keys).sorted().compactMap { container in
      let (left, found) = (left[container], workload.asked[container])
      guard left != found else { return nil }
      return DriftFinding(
        .image, color: color, isStandby: isStandby, object: "Deployment \(name(workload))", container: container, left: left, found: found,
        hand: hands?.images[container])
    }
  }

  /// What an autoscaler sizes has no size that a release left, nor has what one sized that is gone, or that nobody can see.
  private func sizeFindings(_ held: ColorHoldings) -> [DriftFinding] {
    guard let scaled = held.scaled, !held.gone.contains(where: { $0.hasPrefix("HorizontalPodAutoscaler ") }) else { return [] }
    return held.observation.workloads.compactMap { workload in
      guard !scaled.contains(name(workload)), let left = sizes[workload.name], left != workload.desired else { return nil }
      return DriftFinding(
        .size, color: color, isStandby: isStandby, object: "Deployment \(name(workload))", left: "\(left)", found: "\(workload.desired)",
        hand: held.hands[name(workload)]?.size)
    }
  }
}

extension Ports {
  /// What both colors hold, blue first.
  func bothColors(of target: ServiceTarget) async throws(PortError) -> [ColorObservation] {
    var found: [ColorObservation] = []
    for color in Color.allCases { found.append(try await colors.observe(color, target: target)) }
    return found
  }
}

extension ServiceRun {
  /// Nothing new is built beside what users are on while another hand has them elsewhere: what a plan said of From would be wrong.
  /// - Throws: `conflict` with what to do.
  func demandUnmoved(_ seen: ActiveService, to attempted: String) async throws(PortError) {
    guard seen.marker.rollout != nil || seen.marker.adoption != nil else { return }
    guard let move = Drift.move(seen, try await ports.bothColors(of: target)) else { return }
    throw PortError(
      .conflict, attempted: attempted, reason: move.words,
      hint: move.hint(target))
  }
}
