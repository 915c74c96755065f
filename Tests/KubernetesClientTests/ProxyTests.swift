import HTTPTransport
import KubernetesClient
import KubernetesModel
import TestSupport
import Testing

@Suite("The way through the API server to a Service")
struct ProxyTests {
  @Test func `carries the request as it is, under the bot's own name`() async throws {
    let fixture = try Fixture(["HTTP/1.1 418 Teapot\r\nX-One: 1\r\nContent-Length: 2\r\n\r\nhi"], credentials: .token("t0ken"))
    let answer = try await fixture.client.proxy(
      "GET", namespace: "shop", service: "web", port: "http", path: "/a/b?c=../d",
      headers: [HTTPHeader("X-Two", "2"), HTTPHeader("authorization", "other")],
      limits: HTTPLimits())
    #expect(answer.status == 418)
    #expect(answer.head["x-one"] == "1")
    let request = try #require(fixture.server.requests.first)
    #expect(request.target == "/api/v1/namespaces/shop/services/web%3Ahttp/proxy/a/b?c=../d")
    #expect(request.header("x-two") == "2")
    #expect(request.headers.filter { $0.name.lowercased() == "authorization" }.map(\.value) == ["Bearer t0ken"])
    #expect(request.header("accept") != "application/json")
  }

  @Test func `names the scheme where the Service speaks TLS`() async throws {
    let fixture = try Fixture(["HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"])
    _ = try await fixture.client.proxy(
      "GET", namespace: "shop", service: "web", port: "443", path: "/", headers: [], limits: HTTPLimits(), scheme: "https")
    #expect(fixture.targets == ["GET /api/v1/namespaces/shop/services/https%3Aweb%3A443/proxy/"])
  }

  @Test func `hands over what the API server itself says`() async throws {
    let fixture = try Fixture([try Recording("211-service-proxy-no-endpoints-503").answer])
    let answer = try await fixture.client.proxy(
      "GET", namespace: "rec2", service: "web", port: "http", path: "/healthz", headers: [], limits: HTTPLimits())
    #expect(answer.status == 503)
    #expect(fixture.server.requests.count == 1)
  }

  // What the API server says of the caller is no answer of the Service.

  private static func get(_ client: KubernetesClient) async throws(HTTPError) -> HTTPResponse {
    try await client.proxy("GET", namespace: "shop", service: "web", port: "http", path: "/healthz", headers: [], limits: HTTPLimits())
  }

  private static func failure(_ client: KubernetesClient) async -> HTTPError? {
    do throws(HTTPError) {
      _ = try await get(client)
      return nil
    } catch {
      return error
    }
  }

  @Test func `renews the credentials once where the API server does not know the caller`() async throws {
    let plugin = try Plugin(Plugin.token)
    let fixture = try Fixture(
      [try Recording("379-unauthorized-401").answer, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"],
      credentials: try plugin.access().credentials)
    #expect(try await Self.get(fixture.client).status == 200)
    #expect(fixture.server.requests.map { $0.header("authorization") } == ["Bearer token-1", "Bearer token-2"])
    let closed = try Fixture([try Recording("379-unauthorized-401").answer], credentials: try plugin.access().credentials)
    #expect(await Self.failure(closed.client)?.kind == .proxy)
    #expect(closed.server.requests.count == 2)
  }

  @Test(arguments: ["379-unauthorized-401", "367-rbac-forbidden-patch-service-403"])
  func `that the API server does not open is closed, and the Service has said nothing`(name: String) async throws {
    let fixture = try Fixture([try Recording(name).answer], credentials: .token("t0ken"))
    let error = try #require(await Self.failure(fixture.client))
    #expect(error.kind == .proxy && !error.mayHaveActed)
    #expect(error.reason.hasPrefix("proxy services/proxy shop/web:http: the API server did not let the request through to the Service: 40"))
    #expect(fixture.server.requests.count == 1)
  }

  @Test func `says why its plugin gives no other credentials`() async throws {
    let plugin = try Plugin("[ $N -ne 2 ] || { echo 'your session is over' >&2; exit 1; }; \(Plugin.token)")
    let fixture = try Fixture([try Recording("379-unauthorized-401").answer], credentials: try plugin.access().credentials)
    let error = try #require(await Self.failure(fixture.client))
    #expect(error.kind == .proxy && error.reason.hasSuffix("it said: your session is over"))
  }

  static let status: JSON = ["kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "Unauthorized", "code": 401]

  @Test(arguments: [
    (401, JSON.object([:])), (401, "log in first"), (401, status.merging(["code": 403])), (401, status.merging(["reason": "Forbidden"])),
    (401, status.merging(["kind": "Problem"])), (403, status), (404, status), (200, status),
  ])
  func `hands over what the Service itself says of its callers`(code: Int, body: JSON) async throws {
    let plugin = try Plugin(Plugin.token)
    let fixture = try Fixture([KubernetesClientTests.answer(code, "", body)], credentials: try plugin.access().credentials)
    #expect(try await Self.get(fixture.client).status == code)
    #expect(fixture.server.requests.count == 1 && plugin.runs == 1)
  }

  // A path comes from who writes plans, and the request goes under the bot's rights.
  @Test(arguments: [
    "", "a", "?a", "/..", "/../", "/a/../../b", "/%2e%2e/", "/%2E./x", "/.%2e", "/%252e%252e/", "/a/%2e%2e%2fb", "/..%5cx", "/a\\..\\b",
    "/./", "/a#b",
  ])
  func `leads nowhere else`(path: String) async throws {
    let fixture = try Fixture([""])
    await #expect(throws: HTTPError.self) {
      _ = try await fixture.client.proxy(
        "GET", namespace: "shop", service: "web", port: "http", path: path, headers: [], limits: HTTPLimits())
    }
    #expect(fixture.server.accepted == 0)
  }

  @Test(arguments: [("../x", "web", "http"), ("shop", "a/../../x", "http"), ("shop", "web", "http/../x"), ("shop", "", "")])
  func `leads to no other name`(namespace: String, service: String, port: String) async throws {
    let fixture = try Fixture(["HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"])
    _ = try? await fixture.client.proxy(
      "GET", namespace: namespace, service: service, port: port, path: "/", headers: [], limits: HTTPLimits())
    #expect(fixture.targets.allSatisfy { $0 == "GET /api/v1/namespaces/shop/services/%3A/proxy/" })
  }

  @Test(arguments: ["/", "/a/b", "/..a", "/a..b/...", "/a?b=/../c", "/a%20b", "/a//b", "/%41"])
  func `leads to any other path`(path: String) async throws {
    let fixture = try Fixture(["HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"])
    _ = try await fixture.client.proxy(
      "GET", namespace: "shop", service: "web", port: "http", path: path, headers: [], limits: HTTPLimits())
    #expect(fixture.targets == ["GET /api/v1/namespaces/shop/services/web%3Ahttp/proxy\(path)"])
  }
}

extension JSON {
  fileprivate func merging(_ members: [String: JSON]) -> JSON { .object((object ?? [:]).merging(members) { _, new in new }) }
}
