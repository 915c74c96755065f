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
  /// - Throws: `HTTPError`; of kind `proxy` where the API server did not let the request through: it does not know the caller (401, after the
  ///   credentials were renewed once where a plugin has others) or forbids the way (403). What else it says itself (404, 503 without
  ///   endpoints) is about the Service and comes back as an answer.
  package func proxy(
    _ method: String, namespace: String, service: String, port: String, path: String, headers: [HTTPHeader], limits: HTTPLimits,
    scheme: String? = nil
  ) async throws(HTTPError) -> HTTPResponse {
    let target = [scheme, service, port].compactMap(\.self).joined(separator: ":")
    do throws(KubernetesError) {
      var call = try Call(method, "proxy", .service, namespace: namespace, name: target, subresource: "proxy")
      guard KubernetesClient.staysBelow(path) else {
        throw KubernetesError(.badRequest, attempted: call.attempted, message: "the path leads out of the Service")
      }
      call.path += path
      let response = try await pass(call, headers.filter { !KubernetesClient.saysWhoAsks($0) }, limits)
      if let refusal = KubernetesClient.refusal(response, of: call) { throw refusal }
      return response
    } catch {
      if let transport = error.transport { throw transport }
      throw HTTPError(
        KubernetesClient.kind(error.kind), method: method, url: access.server, reason: "\(error.attempted): \(error.message)",
        mayHaveActed: false, exceeded: error.kind == .unreachable ? .total : nil)
    }
  }

  /// Sends it under the caller's name, and once more under a renewed one where the API server itself did not know the caller.
  private func pass(_ call: Call, _ headers: [HTTPHeader], _ limits: HTTPLimits) async throws(KubernetesError) -> HTTPResponse {
    try await showing(call.attempted, by: .now + limits.total) { shown, left throws(KubernetesError) in
      var limits = limits
      limits.total = left
      var request = request(call, shown, limits: limits)
      request.headers = shown.headers + headers
      do throws(HTTPError) {
        let response = try await http.send(request)
        // A 401 of the Service's own is an answer like any other, and says nothing about the caller's credentials.
        return (response, KubernetesClient.refusal(response, of: call) == nil ? 200 : response.status)
      } catch {
        throw KubernetesError(error, attempted: call.attempted, isWrite: false)
      }
    }
  }

  /// What the API server itself says of a request that it did not let through; nil for what it passed on, and for what it says of the Service.
  ///
  /// It answers with a `Status` of the answer's own code, which what runs behind a Service has no reason to write.
  private static func refusal(_ response: HTTPResponse, of call: Call) -> KubernetesError? {
    guard let reason = [401: "Unauthorized", 403: "Forbidden"][response.status],
      let status = try? JSON(parsing: response.body), status["kind"] == "Status", status["apiVersion"] == "v1",
      status["status"] == "Failure", status["code"]?.int == response.status, status["reason"] == .string(reason)
    else { return nil }
    var refusal = KubernetesError(response.head, response.body, attempted: call.attempted)
    refusal.message = "the API server did not let the request through to the Service: \(response.status) \(refusal.message)"
    return refusal
  }

  /// What keeps a request from the Service, in the transport's terms.
  private static func kind(_ kind: KubernetesError.Kind) -> HTTPError.Kind {
    switch kind {
    case .cancelled: .cancelled
    case .badRequest: .malformed
    // Nothing but a plugin that was waited for until the limit says so here.
    case .unreachable: .timedOut
    case .unauthorized, .forbidden, .notFound, .methodNotAllowed, .alreadyExists, .conflict, .gone, .invalid, .tooManyRequests,
      .serverError,
      .lostAnswer, .malformedAnswer:
      .proxy
    }
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
