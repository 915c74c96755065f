import HTTPTransport
import KubernetesClient
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
