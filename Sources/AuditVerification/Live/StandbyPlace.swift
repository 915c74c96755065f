import ReleaseModel

/// The marker names the standby that the records leave, warm or cold as they say.
struct StandbyPlace: LiveCheck {
  let name = "standby"

  func inspect(_ scene: LiveScene, _ log: inout FindingLog) {
    guard let marker = scene.marker, scene.release != nil || scene.exposed != nil else { return }
    let expected = expected(scene)
    if case .unknown = expected { return }
    if agrees(marker.standby, expected, mayBeGone: scene.record.standbyMayBeGone && scene.exposed == nil) { return }
    log.add(
      .liveDiffers, at: scene.place,
      "the marker of \(scene.serviceName) names \(Self.words(marker.standby)), and the records leave \(Self.words(expected))")
  }

  private func expected(_ scene: LiveScene) -> ServiceOnRecord.Standby {
    guard scene.exposed != nil else { return scene.expected.standby }
    return switch scene.record.live {
    case .unknown: .unknown
    case .nothing: .nothing
    case .on(let release): .warm(release)
    }
  }

  private func agrees(_ found: Marker.Standby?, _ expected: ServiceOnRecord.Standby, mayBeGone: Bool) -> Bool {
    guard let found else { return expected.release == nil || mayBeGone }
    guard let release = expected.release, found.color == release.color, found.version == release.version,
      release.rollout == nil || found.rollout == release.rollout
    else { return false }
    switch (expected, found.temperature) {
    // Somebody goes back to a cold one just now: its record follows when users are there.
    case (.cold, .cold), (.cold, .warming), (.warm, .warm): return true
    case (.unknown, _), (.nothing, _), (.cold, .warm), (.warm, _): return false
    }
  }

  private static func words(_ standby: Marker.Standby?) -> String {
    guard let standby else { return "no standby" }
    return
      "\(ServiceOnRecord.Release(color: standby.color, version: standby.version).words), \(standby.temperature.rawValue), as the standby"
  }

  private static func words(_ standby: ServiceOnRecord.Standby) -> String {
    switch standby {
    case .unknown, .nothing: "no standby"
    case .warm(let release): "\(release.words), warm, as the standby"
    case .cold(let release): "\(release.words), cold, as the standby"
    }
  }
}
