import KubernetesClient
import KubernetesModel
package import ReleaseEngine
package import ReleaseModel

extension ClusterDriver: ColorObserver {
  package func observe(_ color: Color, target: ServiceTarget) async throws(PortError) -> ColorObservation {
    try await asPort { () throws(KubernetesError) in
      let deployments = try await client.list(.deployment, namespace: target.namespace, labels: target.selector(color)).items
      // All pods of the color, not only this service's: a stranger that the new selector would match must be seen.
      let pods = try await client.list(.pod, namespace: target.namespace, labels: "\(Label.color)=\(color)").items
      var reading = ColorReading(color: color, service: target.service, deployments: deployments, pods: pods)
      if deployments.isEmpty && reading.ownPods.isEmpty { reading.others = try await leftovers(color, target) }
      reading.selector = try await client.find(.service, namespace: target.namespace, name: target.activeService)?["spec", "selector"]?
        .strings
      return reading.observation
    }
  }

  /// Objects of the color that are neither Deployments nor pods.
  func leftovers(_ color: Color, _ target: ServiceTarget) async throws(KubernetesError) -> [JSON] {
    var items: [JSON] = []
    for kind in ClusterDriver.kinds where kind != .deployment {
      items += try await client.list(kind, namespace: target.namespace, labels: target.selector(color)).items
    }
    return items
  }

  /// The kinds that a color can hold, in the order in which they are applied; ServiceAccounts are shared and none of a color's.
  static let kinds: [ResourceKind] = [.configMap, .secret, .service, .deployment, .podDisruptionBudget, .horizontalPodAutoscaler]
}
