import HTTPTransport
import HealthProbes
import ReleaseEngine
import ReleaseModel
import Synchronization
import TestSupport

/// Gates over the real transport, and the places that checks go to.
struct ProbeBench {
  static let client = HTTPClient(userAgent: "tests")

  var http: any HTTPSending = client
  var hosts: [String] = []
  var api: any APIServerRoute = NoRoute()
  var apiServer: String?

  var gates: HTTPGates {
    HTTPGates(http: http, policy: Policy(hosts: hosts, trustsImages: true), api: api, apiServer: apiServer, version: "9.9.9")
  }

  /// One check at a server, as at a Service that has the server's address.
  func result(_ check: HTTPCheck, _ server: LoopbackServer, role: ProbePlace.Role = .preview, within limit: Duration = .seconds(30)) async
    -> CheckResult
  {
    await result(check, at: .service(server.host, server.port, role: role), within: limit)
  }

  func result(_ check: HTTPCheck, at place: ProbePlace, within limit: Duration = .seconds(30)) async -> CheckResult {
    await gates.check([check], at: place, within: limit).first
      ?? CheckResult(name: "", verdict: .unknown, detail: "no result", latencyMs: 0, requests: 0, route: .api, answered: false)
  }

  /// One check at an address that a plan names.
  func result(at url: String, _ check: HTTPCheck = HTTPCheck()) async -> CheckResult { await result(check, at: .url(url)) }
}

extension ProbePlace {
  static func service(
    _ clusterIP: String?, _ ports: ServiceAddress.Port..., port: String? = nil, role: Role = .preview, route: ProbeRules.Route = .service
  ) -> ProbePlace {
    ProbePlace(
      role: role, service: ServiceAddress(namespace: "shop", name: "web-preview", clusterIP: clusterIP, ports: ports), port: port,
      rules: ProbeRules(route: route))
  }

  static func service(_ clusterIP: String, _ port: Int, role: Role = .preview) -> ProbePlace {
    service(clusterIP, ServiceAddress.Port(name: "http", number: port), role: role)
  }

  static func url(_ url: String) -> ProbePlace {
    ProbePlace(
      role: .active, service: ServiceAddress(namespace: "shop", name: "web", clusterIP: nil, ports: []), port: nil,
      rules: ProbeRules(route: .url, activeURL: url, previewURL: nil))
  }
}

/// No way through an API server.
struct NoRoute: APIServerRoute {
  func send(
    _ method: String, namespace: String, service: String, port: String, path: String, headers: [HTTPHeader], limits: HTTPLimits
  ) async throws(HTTPError) -> HTTPResponse {
    throw HTTPError(.cannotConnect, method: method, url: "", reason: "there is no API server")
  }
}

/// A way through an API server that notes what it is asked for.
final class NotedRoute: APIServerRoute {
  private let calls = Mutex<[String]>([])
  private let outcome: Result<Int, HTTPError>

  init(_ outcome: Result<Int, HTTPError> = .success(200)) { self.outcome = outcome }

  var asked: [String] { calls.withLock(\.self) }

  func send(
    _ method: String, namespace: String, service: String, port: String, path: String, headers: [HTTPHeader], limits: HTTPLimits
  ) async throws(HTTPError) -> HTTPResponse {
    calls.withLock { $0.append("\(method) \(namespace)/\(service):\(port)\(path)") }
    return HTTPResponse(head: HTTPHead(status: try outcome.get()), body: [])
  }
}

/// A transport that only notes requests and answers 200.
final class NotedRequests: HTTPSending {
  private let noted = Mutex<[HTTPRequest]>([])

  var all: [HTTPRequest] { noted.withLock(\.self) }

  func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    noted.withLock { $0.append(request) }
    return HTTPResponse(head: HTTPHead(status: 200), body: [])
  }
}
