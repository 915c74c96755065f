import Glibc
import HTTPTransport
import TestSupport
import Testing

@Suite("A limit")
struct LimitTests {
  let client = HTTPClient(userAgent: "tests")

  /// Reads the request and never answers.
  private static func silentServer() throws -> LoopbackServer { try LoopbackServer { _, connection in connection.waitForEnd() } }

  @Test func `on the whole ends what is slow, even if something comes all the time`() async throws {
    let server = try LoopbackServer { _, connection in
      connection.write("HTTP/1.1 200 OK\r\n\r\n")
      while connection.write("x") { usleep(10_000) }
    }
    let limits = HTTPLimits(total: .seconds(2), idle: .seconds(20))
    let error = try await failure(client, HTTPRequest("PATCH", server.url, limits: limits))
    #expect(error.kind == .timedOut)
    #expect(error.exceeded == .total)
    #expect(error.mayHaveActed)
    #expect(error.reason == "no whole answer within 2 s")
    #expect(await server.settles(at: 0))
  }

  @Test(arguments: ["", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhel"])
  func `on silence ends what says nothing more`(beginning: String) async throws {
    let server = try LoopbackServer { _, connection in
      connection.write(beginning)
      connection.waitForEnd()
    }
    let limits = HTTPLimits(total: .seconds(60), idle: .milliseconds(200))
    let error = try await failure(client, HTTPRequest("GET", server.url, limits: limits))
    #expect(error.kind == .timedOut)
    #expect(error.exceeded == .idle)
    #expect(error.reason == "nothing came for 200 ms")
    #expect(await server.settles(at: 0))
  }

  @Test func `on silence lets pass what is slow but never silent`() async throws {
    let server = try LoopbackServer { _, connection in
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n")
      for _ in 0..<30 where connection.write("x") { usleep(30_000) }
    }
    let limits = HTTPLimits(total: .seconds(60), idle: .milliseconds(600))
    #expect(try await client.send(HTTPRequest("GET", server.url, limits: limits)).body.count == 30)
  }

  @Test func `on connecting counts the TLS handshake, and nothing was sent then`() async throws {
    let server = try LoopbackServer { _, _ in }  // reads the ClientHello as a request that never ends
    let limits = HTTPLimits(total: .seconds(60), connect: .milliseconds(200))
    let error = try await failure(client, HTTPRequest("PATCH", "https://127.0.0.1:\(server.port)", body: [1], limits: limits))
    #expect(error.kind == .timedOut)
    #expect(error.exceeded == .connect)
    #expect(!error.mayHaveActed)
    #expect(error.reason == "no connection within 200 ms")
  }

  @Test func `is not the same as a cancellation`() async throws {
    let server = try Self.silentServer()
    let error = try await withThrowingTaskGroup(of: HTTPError.self) { group in
      group.addTask { [client] in try await failure(client, HTTPRequest("PATCH", server.url, body: [1])) }
      #expect(await eventually { server.requests.count == 1 })
      group.cancelAll()
      return try #require(try await group.next())
    }
    #expect(error.kind == .cancelled)
    #expect(error.exceeded == nil)
    #expect(error.mayHaveActed)
    #expect(await server.settles(at: 0))
  }

  @Test func `is not needed where the task was cancelled before it began`() async throws {
    let server = try Self.silentServer()
    let errors = try await withThrowingTaskGroup(of: HTTPError.self) { group in
      group.cancelAll()
      for _ in 0..<50 {
        group.addTask { [client] in try await failure(client, HTTPRequest("PATCH", server.url, body: [1])) }
      }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(errors.allSatisfy { $0.kind == .cancelled })
  }

  @Test(arguments: [
    "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + String(repeating: "x", count: 1001),
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
      + String(repeating: "64\r\n\(String(repeating: "x", count: 100))\r\n", count: 11),
    "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + String(repeating: "x", count: 100_000),
  ])
  func `on the body holds however its length is told`(text: String) async throws {
    let server = try LoopbackServer { _, connection in
      connection.write(text)
      connection.waitForEnd()
    }
    let error = try await failure(client, HTTPRequest("GET", server.url, limits: HTTPLimits(maximumBody: 1000)))
    #expect(error.kind == .bodyTooLarge)
    #expect(error.reason == "the answer is longer than 1000 bytes")
  }

  @Test func `on the body lets pass what just fits`() async throws {
    let server = try LoopbackServer { _, connection in connection.reply(200, [], String(repeating: "x", count: 1000)) }
    #expect(try await client.send(HTTPRequest("GET", server.url, limits: HTTPLimits(maximumBody: 1000))).body.count == 1000)
  }
}
