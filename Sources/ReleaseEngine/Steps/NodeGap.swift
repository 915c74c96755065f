import ReleaseModel

/// The nodes whose users reach nothing once a Service with a traffic policy `Local` is pointed at another color. Pure.
struct NodeGap: Sendable, Hashable {
  /// The Service's fields that say `Local`.
  let policies: [String]
  let leaving: Color
  let arriving: Color
  /// Where the color that is left has a ready pod and the other one has none, sorted; never empty.
  let nodes: [String]

  /// The gap; nil where no policy is `Local`, or every node is covered.
  init?(_ policies: [String], from leaving: Color, _ left: Placement, to arriving: Color, _ taken: Placement) {
    let covered = Set(taken.nodes)
    nodes = left.nodes.filter { !covered.contains($0) }
    guard !policies.isEmpty, !nodes.isEmpty else { return nil }
    self.policies = policies
    self.leaving = leaving
    self.arriving = arriving
  }

  /// Which users it is about, and why: `externalTrafficPolicy: Local: …`.
  var words: String {
    "\(policies.localWords): what comes in on \(nodes.nodeWords) reaches nothing, since \(leaving) has a ready pod there and \(arriving) has none"
  }

  /// The same before the flip, with what to do.
  var refusal: String {
    "\(words); spread \(arriving)'s pods like \(leaving)'s (topologySpreadConstraints over kubernetes.io/hostname), or give it more replicas"
  }
}

extension [String] {
  /// `externalTrafficPolicy: Local`, of the names of such fields.
  var localWords: String { map { "\($0): Local" }.joined(separator: ", ") }

  /// Names of nodes, of which a few are named.
  var nodeWords: String {
    let shown = prefix(5).map { PlainText.line($0, longest: 63) }.joined(separator: ", ")
    return (count == 1 ? "node " : "nodes ") + shown + (count > 5 ? " and \(count - 5) more" : "")
  }
}

extension Ports {
  /// The gap that pointing the Service from one color at another opens, as pods are now. Asks nothing where no policy is `Local`.
  func nodeGap(_ service: ActiveService, from leaving: Color, to arriving: Color, target: ServiceTarget) async throws(PortError) -> NodeGap?
  {
    guard !service.localPolicies.isEmpty else { return nil }
    let left = try await colors.placement(of: leaving, target: target)
    return NodeGap(service.localPolicies, from: leaving, left, to: arriving, try await colors.placement(of: arriving, target: target))
  }
}
