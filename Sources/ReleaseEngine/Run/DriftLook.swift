import ReleaseModel

/// One look at what other hands changed. Reads only.
struct DriftLook: Sendable {
  let ports: Ports
  let target: ServiceTarget

  /// What was seen, and of which release.
  struct Sight: Sendable {
    @Indirect var marker: Marker
    @Indirect var drift: Drift
  }

  /// Nil where there is nothing to look at: nothing was released or adopted, tagflip has left, or the Service was changed by tagflip in the midst.
  ///
  /// Whatever tagflip does to a color while no rollout is open it has decided before by a PATCH of the Service, so that who reads it again
  /// after he found something knows whether that was a hand's work.
  func look() async throws(PortError) -> Sight? {
    let seen = try await ports.services.read(target)
    guard seen.marker.rollout != nil || seen.marker.adoption != nil else { return nil }
    let journal = try await JournalKeeper(of: target.service, in: ports.journals).readable()
    guard journal?.open == nil else { return nil }
    let drift = try await look(seen, live: journal?.live)
    guard !drift.findings.isEmpty else { return Sight(marker: seen.marker, drift: drift) }
    let now = try await ports.services.read(target)
    guard now.marker.fence == seen.marker.fence, now.selection == seen.selection else { return nil }
    return Sight(marker: seen.marker, drift: drift)
  }

  /// How a Service that was read compares with what its release left.
  func look(_ seen: ActiveService, live: LiveRelease?) async throws(PortError) -> Drift {
    let places = live.flatMap { Drift.places(seen, $0) } ?? []
    var colors: [ColorObservation] = []
    var held: [ColorHoldings] = []
    for color in Color.allCases {
      if let place = places.first(where: { $0.color == color }) {
        held.append(try await ports.colors.holdings(of: color, planned: place.planned, target: target))
        colors.append(held[held.count - 1].observation)
      } else {
        colors.append(try await ports.colors.observe(color, target: target))
      }
    }
    let drift = Drift(seen, colors: colors, live: live, held: held)
    guard try await askForHands(drift, &held) else { return drift }
    return Drift(seen, colors: colors, live: live, held: held)
  }

  /// Who it was is asked of just what was found; that nobody can say is no reason to find nothing.
  /// - Returns: whether there was anything to ask for.
  private func askForHands(_ drift: Drift, _ held: inout [ColorHoldings]) async throws(PortError) -> Bool {
    var isAsked = false
    for finding in drift.findings where finding.kind == .size || finding.kind == .image {
      guard let place = held.firstIndex(where: { $0.observation.color == finding.color }),
        let name = finding.object.split(separator: " ").last.map(String.init), held[place].hands[name] == nil
      else { continue }
      isAsked = true
      do throws(PortError) {
        held[place].hands[name] = try await ports.colors.hands(on: name, target: target)
      } catch  where error.kind != .cancelled {
        held[place].hands[name] = ColorHoldings.Hands()
      }
    }
    return isAsked
  }
}
