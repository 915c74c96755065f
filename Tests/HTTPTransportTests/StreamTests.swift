import Glibc
import HTTPTransport
import Synchronization
import TestSupport
import Testing

@Suite("A stream")
struct StreamTests {
  let client = HTTPClient(userAgent: "tests")

  /// How often a server wrote a chunk.
  private final class Count: Sendable {
    private let value = Mutex(0)
    func add() { value.withLock { $0 += 1 } }
    var now: Int { value.withLock { $0 } }
  }

  @Test func `opens at the header, before a byte of the body`() async throws {
    let server = try LoopbackServer { _, connection in
      connection.write("HTTP/1.1 200 OK\r\nX-One: 1\r\n\r\n")
      connection.waitForEnd()
    }
    let stream = try await client.open(HTTPRequest("GET", server.url))
    #expect(stream.head.status == 200)
    #expect(stream.head["x-one"] == "1")
  }

  @Test func `hands bytes over as they come, then ends`() async throws {
    let read = Count()
    let server = try LoopbackServer { _, connection in
      connection.write("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
      for number in 0..<5 {
        connection.write("\(number)")
        while read.now <= number { usleep(1000) }  // the next one only once this one was read
      }
      connection.close()
    }
    let stream = try await client.open(HTTPRequest("GET", server.url))
    var text = ""
    for try await chunk in stream {
      text += String(decoding: chunk, as: UTF8.self)
      read.add()
    }
    #expect(text == "01234")
    #expect(try await stream.next() == nil)
  }

  @Test func `holds the server up while nobody reads, and loses nothing`() async throws {
    let (chunk, total) = ([UInt8](repeating: 1, count: 1 << 20), 64)
    let written = Count()
    let server = try LoopbackServer { _, connection in
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: \(chunk.count * total)\r\n\r\n")
      for _ in 0..<total where connection.write(chunk) { written.add() }
    }
    // The idle limit is the server's: a reader may take his time.
    let limits = HTTPLimits(total: .seconds(60), idle: .seconds(1), maximumBody: .max)
    let stream = try await client.open(HTTPRequest("GET", server.url, limits: limits))
    _ = try await stream.next()
    try await Task.sleep(for: .milliseconds(2500))
    #expect(written.now < total / 2)  // the rest would not fit into the sockets' buffers
    var count = 0
    while let bytes = try await stream.next() {
      #expect(bytes.count <= 512 << 10)
      count += bytes.count
    }
    #expect(count > chunk.count * (total - 1))
    #expect(written.now == total)
  }

  @Test func `tells a break from an end, after what came before it`() async throws {
    let server = try LoopbackServer { _, connection in
      connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello")
      connection.close()
    }
    let stream = try await client.open(HTTPRequest("GET", server.url))
    #expect(try await stream.next() == Array("hello".utf8))
    #expect(await errorOf { _ = try await stream.next() }?.kind == .connectionBroken)
  }

  @Test func `ends when its task is cancelled, and the connection with it`() async throws {
    let server = try LoopbackServer { _, connection in
      connection.write("HTTP/1.1 200 OK\r\n\r\n")
      connection.waitForEnd()
    }
    let stream = try await client.open(HTTPRequest("GET", server.url))
    let error = await withTaskGroup(of: HTTPError?.self) { group in
      group.addTask { await errorOf { _ = try await stream.next() } }
      try? await Task.sleep(for: .milliseconds(50))
      group.cancelAll()
      return await group.next() ?? nil
    }
    #expect(error?.kind == .cancelled)
    #expect(await server.settles(at: 0))
  }

  @Test func `ends while it opens when its task is cancelled`() async throws {
    let server = try LoopbackServer { _, connection in connection.waitForEnd() }
    let error = await withTaskGroup(of: HTTPError?.self) { group in
      group.addTask { [client] in await errorOf { _ = try await client.open(HTTPRequest("GET", server.url)) } }
      #expect(await eventually { server.requests.count == 1 })
      group.cancelAll()
      return await group.next() ?? nil
    }
    #expect(error?.kind == .cancelled)
    #expect(await server.settles(at: 0))
  }

  @Test func `ends when nobody holds it any more`() async throws {
    let server = try LoopbackServer { _, connection in
      connection.write("HTTP/1.1 200 OK\r\n\r\nx")
      connection.waitForEnd()
    }
    var stream: HTTPBodyStream? = try await client.open(HTTPRequest("GET", server.url))
    #expect(try await stream?.next() == Array("x".utf8))
    stream = nil
    #expect(await server.settles(at: 0))
  }

  @Test func `gives its connection back when read to the end`() async throws {
    let server = try LoopbackServer { _, connection in connection.reply(200, [], "x") }
    for _ in 0..<3 {
      let stream = try await client.open(HTTPRequest("GET", server.url))
      while try await stream.next() != nil {}
    }
    #expect(server.accepted == 1)
  }

  // The client's own end

  @Test func `ends with the client, which may be shut down again`() async throws {
    let server = try LoopbackServer { _, connection in
      connection.write("HTTP/1.1 200 OK\r\n\r\n")
      connection.waitForEnd()
    }
    let client = HTTPClient(userAgent: "tests")
    let stream = try await client.open(HTTPRequest("GET", server.url))
    client.shutdown()
    #expect(await errorOf { _ = try await stream.next() }?.kind == .cancelled)
    client.shutdown()
    #expect(try await failure(client, HTTPRequest("GET", server.url)).kind == .cancelled)
    #expect(server.accepted == 1)
  }

  @Test func `may outlive its client`() async throws {
    let server = try LoopbackServer { _, connection in
      connection.write("HTTP/1.1 200 OK\r\n\r\n")
      connection.waitForEnd()
    }
    var client: HTTPClient? = HTTPClient(userAgent: "tests")
    let stream = try #require(try await client?.open(HTTPRequest("GET", server.url)))
    client = nil
    #expect(await errorOf { _ = try await stream.next() }?.kind == .cancelled)
    #expect(await server.settles(at: 0))
  }

  @Test func `is not needed for a client that is never used`() {
    let client = HTTPClient(userAgent: "tests")
    client.shutdown()
  }
}

@Suite("A blocking reader")
struct BlockingReaderTests {
  let client = HTTPClient(userAgent: "tests")

  @Test func `reads in pieces of the caller's size over kept connections`() async throws {
    let text = String(repeating: "0123456789", count: 50_000)
    let server = try LoopbackServer { _, connection in connection.reply(200, ["X-One: 1"], text) }
    for _ in 0..<2 {
      let read = try await Thread.run { [client] in
        let reader = try client.openBlocking(HTTPRequest("GET", server.url))
        #expect(reader.head["x-one"] == "1")
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 777)
        while case let count = try piece.withUnsafeMutableBytes({ try reader.read(into: $0) }), count > 0 { bytes += piece[..<count] }
        return bytes
      }
      #expect(read == Array(text.utf8))
    }
    #expect(server.accepted == 1)
  }

  @Test func `reads the rest at once`() async throws {
    let server = try LoopbackServer { _, connection in connection.reply(200, [], "hello") }
    let text = try await Thread.run { [client] in
      let reader = try client.openBlocking(HTTPRequest("GET", server.url))
      var piece = [UInt8](repeating: 0, count: 2)
      #expect(try piece.withUnsafeMutableBytes { try reader.read(into: $0) } == 2)
      return String(decoding: piece + (try reader.readAll()), as: UTF8.self)
    }
    #expect(text == "hello")
    let answer = try await Thread.run { [client] in try client.sendBlocking(HTTPRequest("GET", server.url)) }
    #expect(answer.body == Array("hello".utf8))
  }

  @Test func `holds the limits`() async throws {
    let server = try LoopbackServer { _, connection in connection.waitForEnd() }
    let error = await errorOf {
      try await Thread.run { [client] in
        _ = try client.sendBlocking(HTTPRequest("GET", server.url, limits: HTTPLimits(total: .milliseconds(100))))
      }
    }
    #expect(error?.exceeded == .total)
  }

  @Test func `is ended once its caller no longer wants it, before and within the answer`() async throws {
    for beginning in ["", "HTTP/1.1 200 OK\r\n\r\n"] {
      let server = try LoopbackServer { _, connection in
        connection.write(beginning)
        connection.waitForEnd()
      }
      let error = await errorOf {
        try await Thread.run { [client] in
          let start = ContinuousClock.now
          _ = try client.openBlocking(HTTPRequest("GET", server.url)) { .now - start > .milliseconds(100) }.readAll()
        }
      }
      #expect(error?.kind == .cancelled)
      #expect(await server.settles(at: 0))
    }
  }

  @Test func `shares connections without a client too, which are closed with their owner`() async throws {
    let server = try LoopbackServer { _, connection in connection.reply(200, [], "x") }
    try await Thread.run {
      let connections = try HTTPBlockingConnections()
      for _ in 0..<3 { _ = try HTTPBlockingReader(HTTPRequest("GET", server.url), userAgent: "t", connections: connections).readAll() }
      _ = try HTTPBlockingReader(HTTPRequest("GET", server.url), userAgent: "t").readAll()
    }
    #expect(server.requests.map(\.connection) == [1, 1, 1, 2])
    #expect(await server.settles(at: 0))
  }
}

@Suite("A secret")
struct SecretTests {
  @Test(arguments: [
    ("https://user:pw@host:1/path?token=t#f", "https://host:1/path"), ("https://a@b:c@host/", "https://host/"),
    ("https://host/p@th?x=@", "https://host/p@th"), ("https://pw@host", "https://host"), ("no url?token=t", "no url"),
  ])
  func `is not shown with a URL`(url: String, shown: String) {
    #expect(HTTPError.redacted(url) == shown)
    #expect("\(HTTPError(.tls, method: "GET", url: url, reason: "why"))" == "GET \(shown): why")
    #expect("\(HTTPRequest("GET", url, headers: [HTTPHeader("Authorization", "Bearer t")], body: Array("pw".utf8)))" == "GET \(shown)")
  }

  @Test func `is not shown with a header or a key`() {
    #expect("\([HTTPHeader("Authorization", "Bearer t")])" == "[Authorization: …]")
    #expect(!"\(TLSSettings(clientCertificate: [1], clientKey: Array("hush".utf8)))".contains("\(Array("hush".utf8)[0])"))
  }

  @Test func `is not shown where the URL itself is at fault`() async throws {
    let error = try await failure(HTTPClient(userAgent: "tests"), HTTPRequest("GET", "http://user:s3cret@127.0.0.1:99999/?t=s3cret"))
    #expect(!"\(error)".contains("s3cret"))
  }
}
