package import ReleaseModel

/// `tagflip adopt`: what serves users now stands for a color, without a restart and without a lost request. The first release is then built beside it, and can
/// go back to it.
///
/// One conditional PATCH narrows the Service to the pods that it selects anyway. If its endpoints do not say so afterwards, the same PATCH is undone.
package struct Adopt: Sendable {
  private let installation: Installation
  private let target: ServiceTarget
  private let version: Version?
  private let reason: String

  /// - Parameter version: what runs there; nil where nobody knows, so that any tag is above it.
  package init(_ installation: Installation, target: ServiceTarget, version: Version?, reason: String) {
    self.installation = installation
    self.target = target
    self.version = version
    self.reason = reason
  }

  /// How long the endpoints may take to show that nothing has changed.
  static let convergence: Duration = .seconds(30)

  private var ports: Ports { installation.ports }
  private var word: PersonsWord { PersonsWord(installation: installation, target: target, attempted: "adopt \(target.service)") }

  package struct Report: Sendable {
    package var candidate: AdoptionCandidate
    /// Where new connections go now; nil where nothing was changed.
    package var traffic: TrafficReport?
    package var isRecorded = false
  }

  /// What would be done, and what speaks against it. Changes nothing.
  package func rehearse() async throws(PortError) -> Report { Report(candidate: try await ports.adopter.candidate(target)) }

  /// - Throws: `refused`-like `configuration` where something speaks against it, with all of it; `conflict` where the Service changed meanwhile, or
  ///   the endpoints were not the same afterwards: then it is as it was before.
  package func run() async throws(PortError) -> Report {
    try await word.alone { () throws(PortError) in
      let candidate = try await ports.adopter.candidate(target)
      guard candidate.objections.isEmpty, let adoption = candidate.adoption else {
        throw PortError(
          .configuration, attempted: "adopt \(target.service)", reason: candidate.objections.joined(separator: "; "),
          hint: "see what is there: tagflip adopt \(target.service) --dry-run")
      }
      let wanted = PersonsWord.Wanted(
        event: .adopted, version: version, to: adoption.color, reason: reason, selector: .color(adoption.color))
      let (after, _, isRecorded) = try await word.decide(wanted, candidate.seen) { marker in
        marker.adoption = adoption
        marker.version = version
        marker.standby = nil
        marker.rollout = nil
      }
      let traffic = try await ports.services.traffic(target, to: adoption.color, within: Self.convergence)
      guard traffic.converged else { throw try await undo(adoption, after, traffic) }
      return Report(candidate: candidate, traffic: traffic, isRecorded: isRecorded)
    }
  }

  /// Users must reach what they reached before.
  private func undo(_ adoption: Adoption, _ after: ActiveService, _ traffic: TrafficReport) async throws(PortError) -> PortError {
    let now = try await ports.services.read(target)
    _ = try await word.decide(Leave.wanted(adoption, now, reason: "after it was adopted \(traffic.detail)"), now, Leave.forget)
    return PortError(
      .conflict, attempted: "adopt \(target.service)", reason: "its endpoints did not settle on the same pods: \(traffic.detail)",
      hint: "it is as it was before; see what its pods are doing, and try again")
  }
}
