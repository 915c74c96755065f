import KubernetesModel
import ReleaseModel

/// The Service is the object that the records saw, and selects by the same labels.
struct SameService: LiveCheck {
  let name = "same-service"

  func inspect(_ scene: LiveScene, _ log: inout FindingLog) {
    guard let seen = scene.record.seenService, let object = seen.objects.first(where: { $0.name == name(scene) }) else { return }
    if let uid = scene.service.uid, uid != object.uid {
      log.add(
        .liveBypass, at: seen.place,
        "\(scene.serviceName) was deleted and made anew since: its uid is \(uid), and the record saw \(object.uid)")
    }
    guard let (before, now) = selectors(object, scene) else { return }
    let (extra, missing) = (Set(now.keys).subtracting(before.keys), Set(before.keys).subtracting(now.keys))
    let changed = Set(before.keys).intersection(now.keys).filter { $0 != Marker.colorLabel && before[$0] != now[$0] }
    let words = [("has", extra), ("lacks", missing), ("has another value for", changed)].filter { !$0.1.isEmpty }.map {
      "\($0.0) \($0.1.sorted().prefix(3).joined(separator: ", "))"
    }
    guard !words.isEmpty else { return }
    log.add(.liveBypass, at: seen.place, "the selector of \(scene.serviceName) \(words.joined(separator: ", ")) against the last record")
  }

  /// As the record saw it and as it is; where users reached both colors in either, what both ask for without the color.
  private func selectors(_ object: ObservedObject, _ scene: LiveScene) -> (before: [String: String], now: [String: String])? {
    guard let before = object.selector else { return nil }
    let now = scene.service.selector
    let isBoth = [before, now].contains { Selection(selector: $0, adoption: nil, service: scene.target.service) == .both }
    guard isBoth else { return (before, now) }
    return (Selection.common(of: before, adoption: nil), Selection.common(of: now, adoption: nil))
  }

  private func name(_ scene: LiveScene) -> String { "\(scene.target.namespace)/\(scene.target.activeService)" }
}

/// Nobody but tagflip wrote the marker.
struct MarkerHands: LiveCheck {
  let name = "marker-hands"
  /// Pushing a record and taking it out of the marker ends within this, unless Git is away.
  static let usual: Duration = .seconds(600)

  func inspect(_ scene: LiveScene, _ log: inout FindingLog) {
    if case .failure(let error) = scene.service.marker {
      log.add(.liveEdited, at: scene.place, "\(error) in \(scene.serviceName)")
    }
    for (hand, annotations) in scene.service.markerHands {
      log.add(
        .liveEdited, at: scene.place,
        "\(hand.name) wrote \(annotations.prefix(6).joined(separator: ", ")) of \(scene.serviceName)\(hand.time)")
    }
    guard let at = scene.service.botWroteAt, let last = scene.record.lastAt, at > last + Self.usual, scene.pending.isEmpty,
      scene.record.open == nil
    else { return }
    log.add(
      .liveEdited, .notice, at: scene.record.last,
      "tagflip's name wrote \(scene.serviceName) at \(at), long after the last record: that may have waited for Git, or somebody took the name"
    )
  }
}
