import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// Where a Service's new connections go, by all of its EndpointSlices together. Pure.
struct EndpointsReading: Sendable {
  /// Slices by name.
  var slices: [String: JSON]

  init(slices: [JSON]) {
    self.slices = Dictionary(slices.map { ($0.name, $0) }) { _, last in last }
  }

  /// What takes new connections: pods by name, what is no pod by address.
  var endpoints: Set<String> {
    var found: Set<String> = []
    for endpoint in slices.values.flatMap({ $0["endpoints"]?.array ?? [] }) where EndpointsReading.takesTraffic(endpoint) {
      found.insert(endpoint["targetRef", "name"]?.string ?? endpoint["addresses"]?[0]?.string ?? "?")
    }
    return found
  }

  /// A missing `ready` is to be taken as true (discovery.k8s.io/v1, EndpointConditions).
  private static func takesTraffic(_ endpoint: JSON) -> Bool { endpoint["conditions", "ready"]?.bool ?? true }

  /// How the endpoints compare with the pods that there should be.
  /// - Parameter ready: the names of the color's ready pods that the selector matches.
  func report(ready: Set<String>, color: Color) -> TrafficReport {
    let found = endpoints
    let missing = ready.subtracting(found)
    let others = found.subtracting(ready)
    let converged = !ready.isEmpty && missing.isEmpty && others.isEmpty
    let detail: String
    if converged {
      detail = found.count == 1 ? "1 endpoint, of \(color)" : "\(found.count) endpoints, all of \(color)"
    } else if ready.isEmpty {
      detail = "\(color) has no ready pod"
    } else {
      let names = others.sorted().prefix(3).joined(separator: ", ")
      detail =
        "of \(ready.count) ready pods of \(color) \(missing.count) take no traffic yet, \(others.count) others do"
        + (names.isEmpty ? "" : " (\(names))")
    }
    return TrafficReport(converged: converged, endpoints: found.count, detail: PlainText.line(detail, longest: 300))
  }
}
