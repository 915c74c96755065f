import KubernetesModel

/// A request that the API server passes on to a Service's endpoint.
struct ProxyOrder: Sendable {
  var endpoint: Endpoint
  var method: String
  var uri: String
  var headers: [(String, String)]
  var body: [UInt8]
}

extension APIHandler {
  /// Where a `services/…/proxy` request goes: one of the Service's ready endpoints.
  func proxyOrder(_ request: APIRequest, _ place: Place) throws(APIStatus) -> ProxyOrder {
    // [scheme:]name[:port]
    var parts = (place.name ?? "").split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    if parts.count == 3 { parts.removeFirst() }
    let name = parts[0]
    guard let service = store.get(.services, namespace: place.namespace ?? "", name: name) else { throw .notFound(place.type, name) }
    let wanted = parts.count > 1 ? parts[1] : ""
    let ports = service["spec", "ports"]?.array ?? []
    // Without a port the one that has no name is meant.
    let port = ports.first { ($0["name"]?.string ?? "") == wanted || $0["port"]?.int.map(String.init) == wanted }
    let routes = ServiceProgrammer.routes(store)
    guard let number = port?["port"]?.int,
      let endpoint = routes.first(where: { $0.name == "\(place.namespace ?? "")/\(name):\(number)" })?.endpoints.first
    else {
      throw APIStatus(503, "ServiceUnavailable", "no endpoints available for service \"\(place.name ?? "")\"")
    }
    let path = "/" + place.rest.joined(separator: "/")
    let query = request.uri.split(separator: "?", maxSplits: 1).dropFirst().first.map { "?\($0)" } ?? ""
    let kept = request.headers.filter { !["authorization", "host", "connection", "content-length"].contains($0.0.lowercased()) }
    return ProxyOrder(
      endpoint: Endpoint(address: endpoint.address, port: store.plan.listeningPort(endpoint.port)), method: request.method,
      uri: path + query,
      headers: kept, body: request.body)
  }
}
