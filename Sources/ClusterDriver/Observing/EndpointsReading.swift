import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// Whether all slices of a Service together hold exactly a color's ready pods. Pure.
struct EndpointsReading {
  let report: TrafficReport

  init(slices: [JSON], pods: [JSON], color: Color) {
    let wanted = Set(pods.filter { PodReading($0).isReady }.map(\.name))
    var found: Set<String> = []
    for slice in slices {
      for endpoint in slice["endpoints"]?.array ?? [] where EndpointsReading.takesTraffic(endpoint) {
        found.insert(endpoint["targetRef", "name"]?.string ?? endpoint["addresses"]?[0]?.string ?? "?")
      }
    }
    let strangers = found.subtracting(wanted)
    let missing = wanted.subtracting(found)
    let converged = !wanted.isEmpty && strangers.isEmpty && missing.isEmpty && !slices.isEmpty
    let detail =
      converged
      ? "\(found.count) endpoints, all \(color)"
      : "\(found.count) endpoints in \(slices.count) slices; \(missing.count) pods of \(color) missing, \(strangers.count) others still there"
    report = TrafficReport(converged: converged, endpoints: found.count, detail: detail)
  }

  /// A missing `ready` is to be taken as true (discovery.k8s.io/v1, EndpointConditions).
  private static func takesTraffic(_ endpoint: JSON) -> Bool { endpoint["conditions", "ready"]?.bool ?? true }
}
