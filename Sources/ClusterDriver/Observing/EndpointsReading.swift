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

  /// Ready pods by name, with the families of their addresses.
  typealias Pods = [String: Set<String>]

  /// What takes new connections, by the family of the slices' addresses: pods by name, what is no pod by address.
  private var endpoints: [String: Set<String>] {
    var found: [String: Set<String>] = [:]
    for slice in slices.values {
      let family = slice["addressType"]?.string ?? "IPv4"
      found[family, default: []].formUnion(
        (slice["endpoints"]?.array ?? []).filter(EndpointsReading.takesTraffic).map { endpoint in
          endpoint["targetRef", "name"]?.string ?? endpoint["addresses"]?[0]?.string ?? "?"
        })
    }
    return found
  }

  /// A missing `ready` is to be taken as true (discovery.k8s.io/v1, EndpointConditions).
  private static func takesTraffic(_ endpoint: JSON) -> Bool { endpoint["conditions", "ready"]?.bool ?? true }

  /// How the endpoints compare with the pods that there should be.
  ///
  /// A dual-stack Service has slices of each family, at least an empty one, and users of each: it has moved when both hold every pod that has
  /// such an address.
  /// - Parameter ready: the colors' ready pods that the selector matches.
  func report(ready: Pods, colors: [Color]) -> TrafficReport {
    let color = colors.map(\.rawValue).joined(separator: " and ")
    let endpoints = endpoints
    let found = endpoints.values.reduce(into: Set<String>()) { $0.formUnion($1) }
    let missing = ready.filter { name, families in
      !found.contains(name) || families.contains { endpoints[$0].map { !$0.contains(name) } ?? false }
    }
    let others = found.subtracting(ready.keys)
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
