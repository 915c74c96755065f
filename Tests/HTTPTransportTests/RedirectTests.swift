import Glibc
import HTTPTransport
import TestSupport
import Testing

@Suite("A redirect")
struct RedirectTests {
  let client = HTTPClient(userAgent: "tests")

  /// Leads from `/n` to `/n-1`, and ends at `/0`.
  private static func staircase() throws -> LoopbackServer {
    try LoopbackServer { request, connection in
      let step = Int(request.target.split(separator: "/").last ?? "") ?? 0
      if step == 0 { connection.reply(200, [], "down") } else { connection.reply(302, ["Location: \(step - 1)"], "moved") }
    }
  }

  @Test(arguments: [301, 302, 303, 307, 308], ["GET", "HEAD"])
  func `is followed with the same method`(status: Int, method: String) async throws {
    let server = try LoopbackServer { request, connection in
      if request.target == "/new?x=1" {
        connection.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
      } else {
        connection.write("HTTP/1.1 \(status) Moved\r\nLocation: /new?x=1\r\nContent-Length: 0\r\n\r\n")
      }
    }
    #expect(try await client.send(HTTPRequest(method, "\(server.url)/old", redirects: 1)).status == 200)
    #expect(server.requests.map(\.method) == [method, method])
    #expect(server.accepted == 1)
  }

  @Test func `is handed over where none may be followed, and where a write meets it`() async throws {
    let server = try Self.staircase()
    #expect(try await client.send(HTTPRequest("GET", "\(server.url)/a/1")).status == 302)
    let answer = try await client.send(HTTPRequest("POST", "\(server.url)/a/1", body: [1], redirects: 5))
    #expect(answer.status == 302)
    #expect(answer.head["Location"] == "0")
    #expect(server.requests.count == 2)
  }

  @Test func `is one too many beyond the limit`() async throws {
    let server = try Self.staircase()
    let answer = try await client.send(HTTPRequest("GET", "\(server.url)/a/3", redirects: 3))
    #expect(answer.body == Array("down".utf8))
    #expect(server.requests.map(\.target) == ["/a/3", "/a/2", "/a/1", "/a/0"])
    #expect(try await failure(client, HTTPRequest("GET", "\(server.url)/a/4", redirects: 3)).kind == .tooManyRedirects)
  }

  @Test(arguments: ["file:///etc/passwd", "gopher://127.0.0.1:1/", "http://", "http://a b/"])
  func `to what is no http or https URL is an error`(location: String) async throws {
    let server = try LoopbackServer { _, connection in connection.reply(302, ["Location: \(location)"]) }
    #expect(try await failure(client, HTTPRequest("GET", server.url, redirects: 3)).kind == .malformed)
  }

  @Test func `keeps what is secret within the origin and leaves it behind beyond`() async throws {
    let other = try LoopbackServer(host: "127.0.0.2") { _, connection in connection.reply(200, [], "other") }
    let server = try LoopbackServer { request, connection in
      connection.reply(302, ["Location: " + (request.target == "/first" ? "/second" : other.url)])
    }
    let headers = [
      HTTPHeader("Authorization", "Bearer s3cret"), HTTPHeader("Cookie", "s3cret"), HTTPHeader("X-Api-Key", "s3cret"),
      HTTPHeader("Accept", "text/plain"),
    ]
    _ = try await client.send(HTTPRequest("GET", "\(server.url)/first", headers: headers, redirects: 3))
    #expect(server.requests.map { $0.header("authorization") } == ["Bearer s3cret", "Bearer s3cret"])
    let last = try #require(other.requests.first)
    #expect(!last.headers.contains { $0.value.contains("s3cret") })
    #expect(last.header("accept") == "text/plain")
    #expect(last.header("host") == "127.0.0.2:\(other.port)")
  }

  @Test func `keeps a password in the URL within the origin too`() async throws {
    let other = try LoopbackServer(host: "127.0.0.2") { _, connection in connection.reply(200, [], "other") }
    let server = try LoopbackServer { request, connection in
      connection.reply(302, ["Location: " + (request.target == "/first" ? "/second" : other.url)])
    }
    _ = try await client.send(HTTPRequest("GET", "http://user:pw@127.0.0.1:\(server.port)/first", redirects: 3))
    #expect(server.requests.map { $0.header("authorization") } == ["Basic dXNlcjpwdw==", "Basic dXNlcjpwdw=="])
    #expect(other.requests.map { $0.header("authorization") } == [nil])
  }

  @Test func `shares one limit with those before`() async throws {
    let server = try LoopbackServer { request, connection in
      usleep(30_000)
      connection.reply(302, ["Location: /again"])
    }
    let request = HTTPRequest("GET", server.url, limits: HTTPLimits(total: .milliseconds(250)), redirects: 1_000_000)
    let error = try await failure(client, request)
    #expect(error.kind == .timedOut)
    #expect(error.exceeded == .total)
  }

  @Test func `is followed by a stream as well`() async throws {
    let server = try Self.staircase()
    let stream = try await client.open(HTTPRequest("GET", "\(server.url)/a/2", redirects: 2))
    #expect(stream.head.status == 200)
    #expect(try await stream.rest(upTo: 100) == Array("down".utf8))
  }
}
