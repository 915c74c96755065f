import KubernetesModel
package import ReleaseEngine
package import ReleaseModel

// The rest of `Environments`: what a color held is deleted.
extension KubernetesDriver {
  /// Deletes what carries the color's and the service's labels; the preview Service and ServiceAccounts carry no color, and stay.
  package func discard(_ color: Color, target: ServiceTarget, within limit: Duration) async throws(PortError) {
    try await demandUnused(color, target, "delete what \(color) of \(target.service) holds")
    let start = clock.elapsed
    let attempted = "delete what \(color) of \(target.service) holds"
    while true {
      let left = try await discardOnce(color, target)
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

  /// The engine asks only for colors that nobody is on; that is looked at once more, since nothing brings deleted pods back.
  func demandUnused(_ color: Color, _ target: ServiceTarget, _ attempted: String) async throws(PortError) {
    let service = try await api.find(.service, target.namespace, target.activeService)
    guard service?["spec", "selector", Label.color]?.string == color.rawValue else { return }
    throw PortError(.conflict, attempted: attempted, reason: "the Service \(target.activeService) selects it")
  }

  /// Asks for each object's deletion once.
  /// - Returns: what is still there, pods that are ending included.
  private func discardOnce(_ color: Color, _ target: ServiceTarget) async throws(PortError) -> [String] {
    let holdings = Label.holdings(color, of: target.service)
    var left: [String] = []
    for kind in EnvironmentKind.colored.reversed() {
      for object in try await api.list(kind.resource, target.namespace, labels: holdings) {
        left.append("\(kind.resource.kind) \(object.name)")
        guard !object.isTerminating else { continue }
        do throws(PortError) {
          try await api.delete(kind.resource, object)
        } catch  where error.kind == .conflict || error.kind == .unknown {
          // Changed since it was listed, or nobody answered: the next round lists again.
        }
      }
    }
    return left + (try await api.list(.pod, target.namespace, labels: holdings)).map { "Pod \($0.name)" }
  }
}
