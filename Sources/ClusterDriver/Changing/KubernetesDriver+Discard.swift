import KubernetesModel
package import ReleaseEngine
package import ReleaseModel

// The rest of `Environments`: what a color held is deleted.
extension KubernetesDriver {
  /// Deletes what carries the color's and the service's labels; the preview Service and ServiceAccounts carry no color, and stay.
  package func discard(
    _ color: Color, sparing rollout: RolloutID?, target: ServiceTarget, asOf fence: UInt64?, within limit: Duration
  ) async throws(PortError) {
    let what = rollout.map { "what other rollouts than \($0) left in" } ?? "what"
    let attempted = "delete \(what) \(color) of \(target.service)\(rollout == nil ? " holds" : "")"
    let start = clock.elapsed
    while true {
      let found = try await holdings(color, sparing: rollout, target)
      try await demand(rollout == nil ? color : nil, target, asOf: fence, attempted)
      try await delete(found, target)
      var left = found.map { "\($0.kind.resource.kind) \($0.object.name)" } + (try await pods(color, sparing: rollout, target))
      if rollout == nil { left += try await emptyAdopted(color, target) }
      if left.isEmpty { return }
      guard clock.elapsed - start < limit else {
        let more = left.count > 5 ? " and \(left.count - 5) more" : ""
        throw PortError(
          .timedOut, attempted: attempted,
          reason: "after \(limit.words) there still are \(left.prefix(5).joined(separator: ", "))\(more)")
      }
      try await pause(.milliseconds(clock.elapsed - start < .seconds(2) ? 100 : 500), attempted)
    }
  }

  /// Stops what was adopted, and leaves it to whoever made it.
  /// - Returns: its pods that are still there.
  private func emptyAdopted(_ color: Color, _ target: ServiceTarget) async throws(PortError) -> [String] {
    guard let deployment = try await adopted(color, target),
      let selector = try await selector(of: target.activeService, target, color: color)
    else { return [] }
    try await scale(deployment, target) { _ in 0 }
    let query = LabelQuery(labels: selector)
    return try await api.list(.pod, target.namespace).filter { query.matches($0.labels) }.map { "Pod \($0.name)" }
  }

  /// What must hold before anything is taken away, looked at after it was listed: what others make from then on is another object, or another
  /// version of one, and the preconditions of each write keep it.
  /// - Parameter unused: the color that the Service must not select, alone or with the other one.
  func demand(_ unused: Color?, _ target: ServiceTarget, asOf fence: UInt64?, _ attempted: String) async throws(PortError) {
    let service = try await api.find(.service, target.namespace, target.activeService)
    if let unused, let service, case let selection = ServiceReading(json: service).selection, selection.mayReach(unused) {
      let with = selection == .color(unused) ? "" : ", with the other color"
      throw PortError(.conflict, attempted: attempted, reason: "the Service \(target.activeService) selects it\(with)")
    }
    let present = service.flatMap { try? Marker(annotations: $0.annotations) }?.fence ?? 0
    if let fence, present != fence {
      throw PortError(
        .conflict, attempted: attempted,
        reason: "somebody has changed the Service \(target.activeService) since (fence \(present), not \(fence))")
    }
  }

  private typealias Holding = (kind: EnvironmentKind, object: JSON)

  /// The color's objects, pods and ReplicaSets apart, in the order in which they are deleted.
  private func holdings(_ color: Color, sparing rollout: RolloutID?, _ target: ServiceTarget) async throws(PortError) -> [Holding] {
    var found: [Holding] = []
    for kind in EnvironmentKind.allCases.reversed() {
      for object in try await api.list(kind.resource, target.namespace, labels: query(color, sparing: rollout, target)) {
        found.append((kind, object))
      }
    }
    return found
  }

  private func pods(_ color: Color, sparing rollout: RolloutID?, _ target: ServiceTarget) async throws(PortError) -> [String] {
    try await api.list(.pod, target.namespace, labels: query(color, sparing: rollout, target)).map { "Pod \($0.name)" }
  }

  /// What no rollout made has no label of one, and is nobody's to delete where only other rollouts' leftovers are meant.
  private func query(_ color: Color, sparing rollout: RolloutID?, _ target: ServiceTarget) -> String {
    let holdings = Label.holdings(color, of: target.service)
    return rollout.map { "\(holdings),\(Label.rollout),\(Label.rollout)!=\($0)" } ?? holdings
  }

  /// Asks for each object's deletion once.
  private func delete(_ found: [Holding], _ target: ServiceTarget) async throws(PortError) {
    for (kind, object) in found where !object.isTerminating {
      do throws(PortError) {
        try await api.delete(kind.resource, object)
      } catch  where error.kind == .conflict || error.kind == .unknown {
        // Changed since it was listed, or nobody answered: the next round lists again.
      }
    }
  }
}
