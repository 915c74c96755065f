package import HTTPTransport
import KubernetesModel

// Through the API server to a Service: the only way in from outside the cluster, and no evidence about the data plane.
extension KubernetesClient {
  /// Sends a request to a Service through the API server and answers whatever the Service answers.
  /// - Parameters:
  ///   - port: the Service port's name or number.
  ///   - path: path and query, beginning with `/`.
  /// - Throws: `HTTPError`; an answer of the API server itself (403, 503 without endpoints) comes back as an answer.
  package func proxy(
    _ method: String, namespace: String, service: String, port: String, path: String, headers: [HTTPHeader], limits: HTTPLimits
  ) async throws(HTTPError) -> HTTPResponse {
    let base = ResourceKind.service.path(namespace: namespace, name: "\(service):\(port)", subresource: "proxy")
    let call = Call(method: method, path: base + path, attempted: "proxy services \(namespace)/\(service)")
    var request: HTTPRequest
    do throws(KubernetesError) {
      request = try self.request(call, limits: limits)
    } catch {
      throw HTTPError(.malformed, method: method, url: access.server, reason: error.message)
    }
    request.headers = request.headers.filter { $0.name == "Authorization" } + headers
    return try await http.send(request)
  }
}
