import HTTPTransport
import TestSupport
import Testing

@Suite("An exchange")
struct ExchangeTests {
  @Test func `dumped shows no header's value, no body, no key and no query`() {
    let tls = TLSSettings(clientCertificate: Array("s3cret".utf8), clientKey: Array("s3cret".utf8))
    var request = HTTPRequest(
      "POST", "https://ada:s3cret@h/?s3cret", headers: [HTTPHeader("Authorization", "s3cret")], body: Array("s3cret".utf8), tls: tls)
    request.proxy = "http://ada:s3cret@p"
    for value in [request, request.headers, request.tls] as [Any] {
      var dumped = ""
      dump(value, to: &dumped)
      #expect(!dumped.contains("s3cret") && !dumped.contains("115"), "\(dumped)")
    }
  }

  let client = HTTPClient(userAgent: "tests/1")

  @Test func `carries method, target, headers and body as they are`() async throws {
    let server = try LoopbackServer { _, connection in connection.reply() }
    _ = try await client.send(
      HTTPRequest(
        "PATCH", "\(server.url)/a%2Fb/../c?d=e", headers: [HTTPHeader("X-One", "1"), HTTPHeader("X-Empty", "")], body: [1, 0, 2]))
    let request = try #require(server.requests.first)
    #expect(request.method == "PATCH")
    #expect(request.target == "/a%2Fb/../c?d=e")
    #expect(request.header("x-one") == "1")
    #expect(request.header("x-empty") == "")
    #expect(request.header("user-agent") == "tests/1")
    #expect(request.body == [1, 0, 2])
    // libcurl adds these by itself.
    #expect(request.header("expect") == nil)
    #expect(request.header("content-type") == nil)
  }

  @Test(arguments: ["POST", "PUT", "PATCH", "DELETE", "GET"])
  func `sends an empty body as one, and a large one whole`(method: String) async throws {
    let server = try LoopbackServer { _, connection in connection.reply() }
    _ = try await client.send(HTTPRequest(method, server.url))
    let large = [UInt8](repeating: 7, count: 3 << 20)
    _ = try await client.send(HTTPRequest(method, server.url, headers: [HTTPHeader("Content-Type", "application/json")], body: large))
    #expect(server.requests.map(\.method) == [method, method])
    #expect(server.requests.map(\.body.count) == [0, large.count])
    #expect(server.requests[1].header("content-type") == "application/json")
  }

  struct Answer: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var text: String
    var status: Int
    var body: String
    var method = "GET"
  }

  @Test(arguments: [
    Answer(testDescription: "with a length", text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", status: 200, body: "hello"),
    Answer(
      testDescription: "chunked, with a trailer",
      text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\nX-Late: 1\r\n\r\n", status: 200,
      body: "hello"),
    Answer(testDescription: "without a body", text: "HTTP/1.1 204 No Content\r\n\r\n", status: 204, body: ""),
    Answer(testDescription: "an error", text: "HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy", status: 503, body: "busy"),
    Answer(
      testDescription: "after interim answers",
      text:
        "HTTP/1.1 100 Continue\r\nX-One: interim\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
      status: 200, body: "ok"),
    Answer(testDescription: "to HEAD", text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", status: 200, body: "", method: "HEAD"),
  ])
  func `reads each form of answer`(answer: Answer) async throws {
    let server = try LoopbackServer { _, connection in connection.write(answer.text) }
    for _ in 0..<2 {  // the second shows that nothing of the first was left on the connection
      let response = try await client.send(HTTPRequest(answer.method, server.url))
      #expect(response.status == answer.status)
      #expect(String(decoding: response.body, as: UTF8.self) == answer.body)
      #expect(response.head["X-One"] == nil)
    }
    #expect(server.accepted == 1)
  }

  @Test func `reads to the connection's end where no length is given`() async throws {
    let server = try LoopbackServer { _, connection in
      connection.write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end")
      connection.close()
    }
    #expect(try await client.send(HTTPRequest("GET", server.url)).body == Array("to the end".utf8))
  }

  @Test func `finds a header whatever its case and says who answered`() async throws {
    let server = try LoopbackServer { _, connection in connection.reply(200, ["x-THING: first", "X-Thing: second"]) }
    let response = try await client.send(HTTPRequest("GET", server.url))
    #expect(response.head["X-Thing"] == "first")
    #expect(response.head["absent"] == nil)
    #expect(response.remoteAddress == "127.0.0.1")
    #expect(response.timing.total >= response.timing.firstByte)
    #expect(response.timing.firstByte > .zero)
    #expect(response.timing.connect > .zero)
  }

  @Test func `keeps 64 requests under way at once`() async throws {
    let server = try LoopbackServer { request, connection in connection.reply(200, [], request.target) }
    let bodies = try await withThrowingTaskGroup(of: (Int, String).self) { group in
      for number in 0..<256 {
        if number >= 64 { _ = try await group.next() }
        group.addTask { [client, url = server.url] in
          (number, String(decoding: try await client.send(HTTPRequest("GET", "\(url)/\(number)")).body, as: UTF8.self))
        }
      }
      return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    #expect(bodies.allSatisfy { $0.value == "/\($0.key)" })
    #expect(server.requests.count == 256)
  }

  // Names and spelling

  @Test(arguments: [
    HTTPRequest("GET", "ftp://127.0.0.1/"), HTTPRequest("GET", "127.0.0.1"), HTTPRequest("GET", "file:///etc/passwd"),
    HTTPRequest("GET", "http://127.0.0.1/a b"), HTTPRequest("GET", "http://127.0.0.1/\r\nX: y"), HTTPRequest("GET", "http://"),
    HTTPRequest("GET", ""),
    HTTPRequest("GET", "http://127.0.0.1:99999/"), HTTPRequest("GE T", "http://127.0.0.1/"),
    HTTPRequest("GET\r\nX: y", "http://127.0.0.1/"),
    HTTPRequest("", "http://127.0.0.1/"), HTTPRequest("GET", "http://127.0.0.1/", headers: [HTTPHeader("A", "b\r\nc: d")]),
    HTTPRequest("GET", "http://127.0.0.1/", headers: [HTTPHeader("A: b\r\nC", "d")]),
    HTTPRequest("GET", "http://127.0.0.1/", headers: [HTTPHeader("", "d")]),
  ])
  func `refuses what is no request, before anything is sent`(request: HTTPRequest) async throws {
    let error = try await failure(client, request)
    #expect(error.kind == .malformed)
    #expect(!error.mayHaveActed)
  }
}

/// The error of a request that must fail.
func failure(_ client: some HTTPSending, _ request: HTTPRequest) async throws -> HTTPError {
  try #require(await errorOf { _ = try await client.send(request) })
}

/// What a body throws; nil where it does not.
func errorOf(_ body: () async throws -> Void) async -> HTTPError? {
  do {
    try await body()
    return nil
  } catch {
    return error as? HTTPError
  }
}
