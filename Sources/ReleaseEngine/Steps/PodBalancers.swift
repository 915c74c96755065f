import ReleaseModel

/// Load balancers that send to pods' own addresses. They follow the EndpointSlices when their controllers do: until then they send to pods of
/// the color that was left, which therefore has to stay. Pure.
struct PodBalancers: Sendable, Hashable {
  /// What gave them away: annotations of the Service, objects that bind it, readiness gates of pods.
  let signs: [String]

  /// How long the color that was left stays where nobody can tell whether they have followed.
  static let patience: Duration = .seconds(300)

  /// Nil where nothing speaks for one.
  /// - Parameter bindings: what else says so, as ``ColorObserver/bindings(of:)`` has it.
  init?(_ service: ActiveService, _ colors: [ColorObservation], bindings: [String]) {
    let gates = colors.reduce(into: Set<String>()) { $0.formUnion($1.targetGates) }
    signs = service.podBalancers + bindings + gates.sorted().map { "readiness gate \(PlainText.line($0, longest: 120))" }
    guard !signs.isEmpty else { return nil }
  }

  /// What they are, and by what they were told: `a load balancer sends to pods' own addresses (…)`.
  var words: String { "a load balancer sends to pods' own addresses (\(signs.joined(separator: ", ")))" }

  /// What a plan says ahead.
  func remark(leaving: Color) -> String {
    "\(words): it follows the flip when its controller does, not with the PATCH, and requests may be lost meanwhile; \(leaving)'s pods stay "
      + "until the other color's targets are known to be healthy, \(PodBalancers.patience.words) where that cannot be read"
  }
}

extension Ports {
  /// Load balancers in front of the Service that send to pods' own addresses; nil where nothing speaks for one. What may not be read does not
  /// speak.
  func podBalancers(_ service: ActiveService, _ colors: [ColorObservation], target: ServiceTarget) async throws(PortError) -> PodBalancers?
  {
    var bindings: [String] = []
    do throws(PortError) {
      bindings = try await self.colors.bindings(of: target)
    } catch  where error.kind == .forbidden {}
    return PodBalancers(service, colors, bindings: bindings)
  }
}
