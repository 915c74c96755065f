package import KubernetesModel
import ReleaseModel

/// What was read of one service in the cluster, as it stood at one instant.
package struct LiveView: Sendable {
  /// Nil where there is no such Service.
  package var service: JSON?
  /// The Deployments behind the active color, with their managedFields.
  package var deployments: Result<[JSON], LiveFailure>
  /// The pods that the Service's selector matches: what users reach.
  package var pods: Result<[JSON], LiveFailure>
}

/// Reads what users are on, in the order in which it can be judged.
struct LiveReader: Sendable {
  let cluster: any LiveCluster
  /// How often it is begun anew where somebody writes the Service meanwhile.
  private static let attempts = 3

  init(_ cluster: any LiveCluster) { self.cluster = cluster }

  func view(of target: ServiceTarget) async throws(LiveFailure) -> LiveView {
    for _ in 0..<Self.attempts {
      guard let service = try await service(target) else { return LiveView(service: nil, deployments: .success([]), pods: .success([])) }
      let selector = service["spec", "selector"]?.strings ?? [:]
      let view = LiveView(
        service: service, deployments: await deployments(target, selector), pods: await pods(target, selector))
      // Neither list belongs to a Service that was flipped in between.
      if try await self.service(target)?.resourceVersion == service.resourceVersion { return view }
    }
    throw LiveFailure("Service \(target.namespace)/\(target.activeService) changed each time it was read", isOutage: false)
  }

  private func service(_ target: ServiceTarget) async throws(LiveFailure) -> JSON? {
    try await cluster.find(.service, namespace: target.namespace, name: target.activeService)
  }

  private func pods(_ target: ServiceTarget, _ selector: [String: String]) async -> Result<[JSON], LiveFailure> {
    guard selector[Marker.colorLabel].flatMap({ Color(rawValue: $0) }) != nil else { return .success([]) }
    return await result { () throws(LiveFailure) in try await cluster.list(.pod, namespace: target.namespace, labels: selector) }
  }

  /// A list comes without managedFields: each Deployment that matters is read once more.
  private func deployments(_ target: ServiceTarget, _ selector: [String: String]) async -> Result<[JSON], LiveFailure> {
    guard let color = selector[Marker.colorLabel].flatMap({ Color(rawValue: $0) }) else { return .success([]) }
    return await result { () throws(LiveFailure) in
      var found: [JSON] = []
      for item in try await cluster.list(.deployment, namespace: target.namespace, labels: [:]) {
        let labels = item.labels
        let isOwn = labels[LiveScene.serviceLabel] == target.service.text && labels[Marker.colorLabel] == color.rawValue
        let podLabels = item["spec", "template", "metadata", "labels"]?.strings ?? [:]
        guard isOwn || selector.allSatisfy({ podLabels[$0.key] == $0.value }) else { continue }
        if let whole = try await cluster.find(.deployment, namespace: target.namespace, name: item.name) { found.append(whole) }
      }
      return found
    }
  }

  private func result<Value>(_ body: () async throws(LiveFailure) -> Value) async -> Result<Value, LiveFailure> {
    do throws(LiveFailure) {
      return .success(try await body())
    } catch {
      return .failure(error)
    }
  }
}
