package import ReleaseModel

/// `tagflip leave`: the Service selects again what it selected before it was adopted.
package struct Leave: Sendable {
  private let installation: Installation
  private let target: ServiceTarget
  private let reason: String

  package init(_ installation: Installation, target: ServiceTarget, reason: String) {
    self.installation = installation
    self.target = target
    self.reason = reason
  }

  package struct Report: Sendable {
    package var adoption: Adoption
    package var isRecorded: Bool
  }

  private var ports: Ports { installation.ports }
  private var word: PersonsWord { PersonsWord(installation: installation, target: target, attempted: "leave \(target.service)") }

  /// - Throws: `conflict` where users are on something else than what was adopted, or the other color has pods that users would reach.
  package func run() async throws(PortError) -> Report {
    try await word.alone { lease throws(PortError) in
      let seen = try await ports.services.read(target)
      let adoption = try demandAdopted(seen)
      let other = try await ports.colors.observe(adoption.color.other, target: target)
      guard other.desiredPods == 0, other.readyPods == 0 else {
        let isStandby = seen.marker.standby?.color == other.color
        throw PortError(
          .conflict, attempted: "leave \(target.service)",
          reason: "\(adoption.color.other) has \(other.desiredPods) pods, which the selector from before would match too",
          hint: isStandby ? "let it go cold: tagflip retire \(target.service)" : "the next run stops what nobody needs: tagflip run")
      }
      _ = try await word.decide(Self.wanted(adoption, seen, reason: reason), seen, Self.forget)
      return Report(adoption: adoption, isRecorded: await word.record(lease))
    }
  }

  private func demandAdopted(_ seen: ActiveService) throws(PortError) -> Adoption {
    guard let adoption = seen.marker.adoption else {
      throw PortError(
        .conflict, attempted: "leave \(target.service)", reason: "it was not adopted, or what was adopted has been replaced since",
        hint: "without tagflip its Services go on working as they are: remove it from tagflip.yaml")
    }
    guard seen.selection == .color(adoption.color) else {
      throw PortError(
        .conflict, attempted: "leave \(target.service)", reason: "users are on \(seen.selection.words), not on what was adopted",
        hint: "go back to it first: tagflip rollback \(target.service)")
    }
    return adoption
  }

  static func wanted(_ adoption: Adoption, _ seen: ActiveService, reason: String) -> PersonsWord.Wanted {
    PersonsWord.Wanted(
      event: .left, version: seen.marker.version, from: adoption.color, reason: reason, selector: .whole(adoption.selector))
  }

  /// The fence stays, so that what is still in flight fails.
  static func forget(_ marker: inout Marker) { (marker.adoption, marker.version, marker.standby, marker.rollout) = (nil, nil, nil, nil) }
}
