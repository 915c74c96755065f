import HTTPTransport
import Synchronization
import TestSupport
import Testing

@Suite("A connection")
struct ConnectionTests {
  let client = HTTPClient(userAgent: "tests")

  @Test func `is kept for the next request`() async throws {
    let server = try LoopbackServer { _, connection in connection.reply(200, [], "x") }
    for _ in 0..<5 { _ = try await client.send(HTTPRequest("GET", server.url)) }
    #expect(server.requests.map(\.connection) == [1, 1, 1, 1, 1])
  }

  @Test func `is a new one each time where that is asked, and is closed afterwards`() async throws {
    let server = try LoopbackServer { _, connection in connection.reply(200, [], "x") }
    _ = try await client.send(HTTPRequest("GET", server.url))
    for _ in 0..<3 { _ = try await client.send(HTTPRequest("GET", server.url, connection: .fresh)) }
    _ = try await client.send(HTTPRequest("GET", server.url))
    #expect(server.requests.map(\.connection) == [1, 2, 3, 4, 1])
    #expect(await server.settles(at: 1))
  }

  @Test func `that the server closed meanwhile is replaced`() async throws {
    let server = try LoopbackServer { _, connection in
      connection.reply(200, [], "x")
      connection.close()
    }
    for _ in 0..<3 {
      _ = try await client.send(HTTPRequest("PATCH", server.url, body: [1]))
      #expect(await server.settles(at: 0))
    }
    #expect(server.requests.map(\.connection) == [1, 2, 3])
  }

  // A kept connection that breaks after the request went out: the server may have acted.

  /// Answers the first request of each connection and reads the second without a word.
  private func forgetfulServer(reset: Bool) throws -> LoopbackServer {
    let served = Mutex(Set<Int>())
    return try LoopbackServer { request, connection in
      if served.withLock({ $0.insert(request.connection).inserted }) { return connection.reply(200, [], "x") }
      if reset { connection.reset() } else { connection.close() }
    }
  }

  @Test(arguments: ["POST", "PUT", "PATCH", "DELETE"], [false, true])
  func `that breaks under a write does not see it twice`(method: String, reset: Bool) async throws {
    let server = try forgetfulServer(reset: reset)
    _ = try await client.send(HTTPRequest("GET", server.url))
    let error = try await failure(client, HTTPRequest(method, server.url, body: [1, 2, 3]))
    #expect(error.kind == .connectionBroken)
    #expect(error.mayHaveActed)
    #expect(server.requests.map(\.method) == ["GET", method])
  }

  @Test func `that breaks under a read is replaced and the read sent again`() async throws {
    let server = try forgetfulServer(reset: false)
    _ = try await client.send(HTTPRequest("GET", server.url))
    #expect(try await client.send(HTTPRequest("GET", server.url)).status == 200)
    #expect(server.requests.map(\.connection) == [1, 1, 2])
  }

  // Ends

  @Test func `that is refused has not acted, and says why`() async throws {
    let server = try ReservedPort()
    let error = try await failure(client, HTTPRequest("PATCH", "\(server.url)/x?token=s3cret", body: [1]))
    #expect(error.kind == .cannotConnect)
    #expect(!error.mayHaveActed)
    #expect(error.description == "PATCH \(server.url)/x: no connection: Connection refused")
  }

  struct Break: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var act: @Sendable (Connection) -> Void

    init(testDescription: String, act: @escaping @Sendable (Connection) -> Void) {
      self.testDescription = testDescription
      self.act = act
    }

    init(testDescription: String, _ text: String) { self.init(testDescription: testDescription) { $0.write(text) } }
  }

  @Test(arguments: [
    Break(testDescription: "before a word") { $0.close() },
    Break(testDescription: "by a reset") { $0.reset() },
    Break(testDescription: "within the header") {
      $0.write("HTTP/1.1 200 OK\r\nContent-Le")
      $0.reset()
    },
    Break(testDescription: "within the body") {
      $0.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhel")
      $0.close()
    },
    Break(testDescription: "within a chunk") {
      $0.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel")
      $0.close()
    },
    Break(testDescription: "before the last chunk") {
      $0.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n")
      $0.close()
    },
  ])
  func `that breaks is an error that may have acted`(break: Break) async throws {
    let server = try LoopbackServer { _, connection in `break`.act(connection) }
    let error = try await failure(client, HTTPRequest("POST", server.url, body: [1]))
    #expect(error.kind == .connectionBroken)
    #expect(error.mayHaveActed)
    #expect(server.requests.count == 1)
  }

  @Test(
    arguments: [
      ("SSH", "SSH-2.0-OpenSSH_9.2\r\n"), ("a negative length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n"),
      ("an endless header", "HTTP/1.1 200 OK\r\n\(String(repeating: "X: y\r\n", count: 60_000))\r\n"),
    ].map { Break(testDescription: $0.0, $0.1) })
  func `over which no HTTP comes is an error`(break: Break) async throws {
    let server = try LoopbackServer { _, connection in
      `break`.act(connection)
      connection.waitForEnd()
    }
    let error = try await failure(client, HTTPRequest("GET", server.url))
    #expect(![.timedOut, .cancelled].contains(error.kind))
  }

  @Test func `none is left over after 1,000 requests, good and bad`() async throws {
    let server = try LoopbackServer { request, connection in
      switch request.target {
      case "/close": connection.close()
      case "/slow": connection.waitForEnd()
      default: connection.reply(200, [], "x")
      }
    }
    do {
      let client = HTTPClient(userAgent: "tests")
      for number in 0..<1000 {
        let path = number % 10 == 0 ? "/close" : number % 100 == 1 ? "/slow" : "/"
        let request = HTTPRequest(
          "POST", server.url + path, limits: HTTPLimits(total: path == "/slow" ? .milliseconds(300) : .seconds(20)),
          connection: number % 3 == 0 ? .fresh : .pooled)
        _ = try? await client.send(request)
      }
      #expect(await server.settles(at: 1))
    }
    #expect(await server.settles(at: 0))
    #expect(server.requests.count == 1000)
  }
}
