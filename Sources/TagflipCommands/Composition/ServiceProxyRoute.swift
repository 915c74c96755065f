import HTTPTransport
import HealthProbes
import KubernetesClient

/// The probes' way through the API server, over the client's own access.
struct ServiceProxyRoute: APIServerRoute {
  let client: KubernetesClient

  func send(
    _ method: String, namespace: String, service: String, port: String, path: String, headers: [HTTPHeader], limits: HTTPLimits
  ) async throws(HTTPError) -> HTTPResponse {
    try await client.proxy(method, namespace: namespace, service: service, port: port, path: path, headers: headers, limits: limits)
  }
}
