package import ReleaseModel

/// What somebody changed past tagflip while no rollout was open: told, and never put right by itself. Pure.
package struct Drift: Sendable, Hashable {
  /// Where users are and where the marker says they are, with who moved them; nil where they are where they should be, or nothing tells.
  package var move: String?
  /// What else is not as the live release left it.
  package var others: [String]

  /// - Parameters:
  ///   - colors: both, as they are now.
  ///   - live: the release that users should be on; nil where the journal does not tell.
  package init(_ seen: ActiveService, colors: [ColorObservation], live: LiveRelease?) {
    let marked = Drift.marked(seen.marker, colors)
    if let marked, seen.selection != .color(marked) {
      let version = seen.marker.version.map { " (\($0))" } ?? ""
      let hand = seen.selectorManager.map { "\(PlainText.line($0, longest: 60)) wrote the selector" } ?? "who moved them cannot be told"
      move = "\(seen.selection.words), and the marker says \(marked)\(version): \(hand)"
    }
    others = []
    guard let color = colors.first(where: { seen.selection == .color($0.color) }), let live, live.rollout == seen.marker.rollout,
      live.plan.to == color.color
    else { return }
    let there = Set((color.workloads + color.apart).map { "\($0.name)-\(color.color)" })
    for object in live.plan.objects where object.kind == "apps/v1/Deployment" && !there.contains(object.name) {
      others.append("Deployment \(object.name), which users were on, is gone")
    }
    let strangers = color.strangers.prefix(5).joined(separator: ", ")
    if !strangers.isEmpty { others.append("\(color.color) holds what no rollout made: \(PlainText.line(strangers, longest: 200))") }
  }

  /// All of it, the move first.
  package var lines: [String] { [move].compactMap(\.self) + others }

  /// The color that the marker says users are on: it names the rollout and the standby, not the color itself. Nil where nothing that is still there tells.
  static func marked(_ marker: Marker, _ colors: [ColorObservation]) -> Color? {
    guard let rollout = marker.rollout else { return marker.adoption?.color }
    return colors.first { $0.rollouts.contains(rollout) }?.color
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
    let colors = try await ports.bothColors(of: target)
    guard let move = Drift(seen, colors: colors, live: nil).move else { return }
    throw PortError(
      .conflict, attempted: attempted, reason: move,
      hint: "say what is right: tagflip settle \(service) --restore (or --accept) --reason TEXT")
  }
}
