package import ReleaseModel

/// `tagflip adopt`: what serves users now stands for a color, without a restart and without a lost request. The first release is then built beside it, and can
/// go back to it.
///
/// One conditional PATCH narrows the Service to the pods that it selects anyway. If its endpoints do not say so afterwards, or nobody can say, it is undone.
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

  /// How long the endpoints may take to show that nothing has changed: well within the Lease, which nobody renews meanwhile.
  static let convergence: Duration = .seconds(15)

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

  /// - Throws: `configuration` where something speaks against it, with all of it; `conflict` where the Service changed meanwhile, or
  ///   the endpoints were not the same afterwards: then it is as it was before.
  package func run() async throws(PortError) -> Report {
    try await word.alone { lease throws(PortError) in
      let candidate = try await ports.adopter.candidate(target)
      guard candidate.objections.isEmpty, let adoption = candidate.adoption else {
        throw PortError(
          .configuration, attempted: "adopt \(target.service)", reason: candidate.objections.joined(separator: "; "),
          hint: "see what is there: tagflip adopt \(target.service) --dry-run")
      }
      let wanted = PersonsWord.Wanted(
        event: .adopted, version: version, to: adoption.color, reason: reason, selector: .color(adoption.color))
      let after = try await word.decide(wanted, candidate.seen) { marker in
        marker.adoption = adoption
        marker.version = version
        marker.standby = nil
        marker.rollout = nil
      }
      // The record after the look: an adoption that is undone is told together with its end.
      let traffic = try await look(adoption.color)
      guard traffic.converged, traffic.endpoints >= candidate.readyPods else {
        throw await undo(adoption, fence: after.marker.fence, traffic.detail, lease)
      }
      return Report(candidate: candidate, traffic: traffic, isRecorded: await word.record(lease))
    }
  }

  /// Where new connections go. That nobody can say is no yes.
  private func look(_ color: Color) async throws(PortError) -> TrafficReport {
    do throws(PortError) {
      return try await ports.services.traffic(target, to: [color], within: Self.convergence)
    } catch {
      return TrafficReport(converged: false, endpoints: 0, detail: "its endpoints could not be seen: \(error.reason)")
    }
  }

  /// Users must reach what they reached before. Somebody who has changed the Service since knows better.
  private func undo(_ adoption: Adoption, fence: UInt64, _ detail: String, _ lease: LeaseKeeper) async -> PortError {
    var error = PortError(
      .conflict, attempted: "adopt \(target.service)", reason: "its endpoints did not settle on the same pods: \(detail)",
      hint: "it is as it was before; see what its pods are doing, and try again")
    do throws(PortError) {
      let now = try await ports.services.read(target)
      guard now.marker.fence == fence, now.selection == .color(adoption.color) else {
        error.hint = "somebody has changed it since, and it is left like that: tagflip status \(target.service)"
        return error
      }
      _ = try await word.decide(Leave.wanted(adoption, now, reason: "after it was adopted: \(detail)"), now, Leave.forget)
      if await !word.record(lease) { error.hint = "it is as it was before; the next run writes that down: tagflip run" }
    } catch let failure {
      error.reason += "; undoing it failed: \(failure.reason)"
      error.hint = "see what it selects (tagflip status \(target.service)), and undo it: tagflip leave \(target.service)"
    }
    return error
  }
}
