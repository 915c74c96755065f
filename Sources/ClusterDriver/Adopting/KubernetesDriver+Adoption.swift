import KubernetesModel
package import ReleaseEngine
package import ReleaseModel

extension KubernetesDriver: Adopter {
  package func candidate(_ target: ServiceTarget) async throws(PortError) -> AdoptionCandidate {
    let service = try await api.get(.service, target.namespace, target.activeService)
    let seen = try ServiceReading(json: service).activeService(target)
    let query = LabelQuery(labels: seen.selector)
    let pods = seen.selector.isEmpty ? [] : try await api.list(.pod, target.namespace).filter { query.matches($0.labels) }
    let reading = AdoptionReading(
      target: target, service: service, pods: pods, replicaSets: try await api.list(.replicaSet, target.namespace),
      deployments: try await api.list(.deployment, target.namespace),
      autoscalers: try await api.list(.horizontalPodAutoscaler, target.namespace))
    return reading.candidate(seen)
  }

  /// The Deployment that stands for a color; nil where none was adopted, or it is gone.
  func adopted(_ color: Color, _ target: ServiceTarget) async throws(PortError) -> JSON? {
    guard let service = try await api.find(.service, target.namespace, target.activeService),
      let adoption = ServiceReading(json: service).adoption, adoption.color == color,
      let deployment = try await api.find(.deployment, target.namespace, adoption.deployment), deployment.uid == adoption.uid
    else { return nil }
    return deployment
  }
}
