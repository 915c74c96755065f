import KubernetesModel
import ReleaseModel

/// Selector and marker say what the records leave, and nobody but tagflip moved the selector, or the records tell who did.
struct WhereUsersAre: LiveCheck {
  let name = "where-users-are"

  func inspect(_ scene: LiveScene, _ log: inout FindingLog) {
    for conclusion in scene.pending {
      log.add(
        .livePending, at: scene.place,
        "\(scene.serviceName) holds \(conclusion.outcome?.rawValue ?? conclusion.event.rawValue) of \(conclusion.rollout), decided at \(conclusion.decidedAt)"
      )
    }
    if let open = scene.exposed {
      log.add(
        .livePending, at: open.place,
        "users see \(open.to.words)\(scene.isOverlapping ? ", and what was there before," : "") of \(open.rollout), whose outcome is not decided yet"
      )
    }
    inspectSelector(scene, &log)
    inspectMarker(scene, &log)
  }

  private func inspectSelector(_ scene: LiveScene, _ log: inout FindingLog) {
    let hand = foreignHand(scene)
    guard let expected = scene.expectedSelection else {
      // The Service is not tagflip's any more: whoever has it now does with it what he likes.
      if scene.expected.isLeft, scene.service.selection == .uncolored { return }
      return log.add(
        .liveUnrecorded, .warning, at: scene.place,
        "\(scene.service.selection.words) in \(scene.serviceName), and the last records say that another hand moved it, not where to")
    }
    guard scene.service.selection == expected.selection || scene.isOverlapping else {
      let what = "\(scene.service.selection.words) in \(scene.serviceName), and the records leave users on \(expected.words)"
      guard let hand else { return log.add(.liveDiffers, at: scene.place, what) }
      return log.add(.liveBypass, at: scene.place, "\(what); \(hand.name) wrote the selector\(hand.time)")
    }
    if let hand {
      log.add(
        .liveEdited, at: scene.place,
        "\(hand.name) wrote the selector of \(scene.serviceName)\(hand.time), after the records brought users to \(expected.words)")
    } else if scene.service.selectorHand == nil, scene.record.moved != nil {
      log.add(.liveEdited, at: scene.place, "\(scene.serviceName) does not tell who wrote its selector: its managedFields were emptied")
    }
  }

  /// Who wrote the selector last, where it was not tagflip and no record tells of it. Before the first flip it was whoever made the Service.
  private func foreignHand(_ scene: LiveScene) -> FieldHand? {
    guard let hand = scene.service.selectorHand, !hand.isBot, let moved = scene.record.moved ?? scene.record.untouched(since: hand) else {
      return nil
    }
    let told = [moved.hand] + scene.pending.map { ForeignHand.manager(in: $0.actor) }
    guard told.contains(hand.manager) else { return hand }
    // The hand that is on record; what it wrote after that is not.
    guard let at = hand.at, let known = moved.at, scene.pending.isEmpty else { return nil }
    return at > known + LiveScene.tolerance ? hand : nil
  }

  private func inspectMarker(_ scene: LiveScene, _ log: inout FindingLog) {
    guard let marker = scene.marker, let expected = scene.expectedRelease,
      scene.service.selection == scene.expectedSelection?.selection || scene.isOverlapping
    else {
      return
    }
    let (rollout, version) = (expected?.rollout, expected?.version)
    guard marker.version != version || (rollout != nil && marker.rollout != rollout) || (expected == nil && marker.rollout != nil) else {
      return
    }
    log.add(
      .liveDiffers, at: scene.place,
      "the marker of \(scene.serviceName) says \(Self.words(marker.version, marker.rollout)), and the records say \(Self.words(version, rollout))"
    )
  }

  private static func words(_ version: Version?, _ rollout: RolloutID?) -> String {
    guard version != nil || rollout != nil else { return "no version" }
    return [version?.text ?? "no version", rollout?.text].compactMap(\.self).joined(separator: " of ")
  }
}

extension LiveScene {
  /// Whether users reach both colors as the records let them: in the overlap of an open rollout, or where it was given up with no way back.
  fileprivate var isOverlapping: Bool {
    service.selection == .both && (exposed?.mayOverlap ?? expected.mayReachBoth)
  }

  /// The release that users should be on; nil inside where they should be on nothing, nil outside where no record tells.
  fileprivate var expectedRelease: ServiceOnRecord.Release?? {
    if let exposed { return .some(exposed.to) }
    return switch expected.live {
    case .unknown: nil
    case .nothing: .some(nil)
    case .on(let release): .some(release)
    }
  }

  /// What the selector should say, in its own terms and for people.
  fileprivate var expectedSelection: (selection: Selection, words: String)? {
    guard let release = expectedRelease else { return nil }
    return release.map { (.color($0.color), $0.words) } ?? (.nothing, "nothing yet")
  }
}

extension ServiceOnRecord.Release {
  /// `green (1.1.0)`.
  var words: String { version.map { "\(color) (\($0))" } ?? "\(color)" }
}

extension ServiceOnRecord {
  /// Users were never moved by the records: whoever wrote the selector after the last record did it unseen.
  fileprivate func untouched(since hand: FieldHand) -> Move? {
    guard let last, let lastAt, let at = hand.at, at > lastAt + LiveScene.tolerance else { return nil }
    return Move(at: lastAt, hand: nil, place: last)
  }
}
