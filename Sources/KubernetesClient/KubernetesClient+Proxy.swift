package import HTTPTransport
import KubernetesModel

// Through the API server to a Service: the only way in from outside the cluster, and no evidence about the data plane.
extension KubernetesClient {
  /// Sends a request to a Service through the API server and answers whatever the Service answers.
  /// - Parameters:
  ///   - port: the Service port's name or number.
  ///   - path: path and query, beginning with `/`, and no way up: the server would take `/..` as a way into the rest of its API, under the
  ///     bot's own rights.
  ///   - scheme: `https` where the Service speaks TLS.
  /// - Throws: `HTTPError`; an answer of the API server itself (403, 503 without endpoints) comes back as an answer.
  package func proxy(
    _ method: String, namespace: String, service: String, port: String, path: String, headers: [HTTPHeader], limits: HTTPLimits,
    scheme: String? = nil
  ) async throws(HTTPError) -> HTTPResponse {
    var request: HTTPRequest
    do throws(KubernetesError) {
      let target = [scheme, service, port].compactMap(\.self).joined(separator: ":")
      var call = try Call(method, "proxy", .service, namespace: namespace, name: target, subresource: "proxy")
      guard KubernetesClient.staysBelow(path) else {
        throw KubernetesError(.badRequest, attempted: call.attempted, message: "the path leads out of the Service")
      }
      call.path += path
      let shown = try await credentials(for: call.attempted, within: limits.total)
      request = self.request(call, shown, limits: limits)
      request.headers = shown.headers + headers.filter { !KubernetesClient.saysWhoAsks($0) }
    } catch {
      throw HTTPError(.malformed, method: method, url: access.server, reason: "\(error.attempted): \(error.message)")
    }
    return try await http.send(request)
  }

  /// Whether a header tells the API server who asks, or as whom: that is for the access alone to say. Gateways before it read the others.
  private static func saysWhoAsks(_ header: HTTPHeader) -> Bool {
    let name = header.name.lowercased()
    return name == "authorization" || name == "proxy-authorization" || name.hasPrefix("impersonate-") || name.hasPrefix("x-remote-")
  }

  /// Whether a path, however it is escaped, has no segment that leads up.
  static func staysBelow(_ path: String) -> Bool {
    guard path.hasPrefix("/"), !path.contains("#") else { return false }
    var plain = path.prefix { $0 != "?" }.lowercased()
    // Twice, for what is escaped twice.
    for _ in 0..<2 {
      for (code, character) in [("%25", "%"), ("%2e", "."), ("%2f", "/"), ("%5c", "\\")] { plain = plain.replacing(code, with: character) }
    }
    return !plain.split(whereSeparator: { $0 == "/" || $0 == "\\" }).contains { $0 == ".." || $0 == "." }
  }
}
