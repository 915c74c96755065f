package import ReleaseModel

/// Looks at what users are on before tagflip released anything.
package protocol Adopter: Sendable {
  /// What the active Service sends users to, and whether it can stand for a color as it is. Changes nothing.
  func candidate(_ target: ServiceTarget) async throws(PortError) -> AdoptionCandidate
}

/// What is live and was not released by tagflip.
package struct AdoptionCandidate: Sendable, Hashable {
  package var seen: ActiveService
  /// What would stand for which color; nil where something speaks against it.
  package var adoption: Adoption?
  /// How many pods the Service selects, and how many of them are ready.
  package var pods = 0
  package var readyPods = 0
  /// Why it cannot be adopted, for people; empty where it can.
  package var objections: [String] = []
  /// What whoever adopts should know.
  package var remarks: [String] = []

  package init(seen: ActiveService) { self.seen = seen }
}

/// Where there is nothing that anybody could have made by hand.
package struct NothingToAdopt: Adopter {
  package init() {}

  package func candidate(_ target: ServiceTarget) async throws(PortError) -> AdoptionCandidate {
    throw PortError(.notFound, attempted: "adopt \(target.service)", reason: "nobody here can look at what is live")
  }
}
