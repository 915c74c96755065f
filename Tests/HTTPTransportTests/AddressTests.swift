import HTTPTransport
import TestSupport
import Testing

@Suite("An address")
struct AddressTests {
  let client = HTTPClient(userAgent: "tests")

  /// Refuses what probes must not reach.
  static let outside = AddressPolicy { address in
    if address.isLoopback { return "it is this host" }
    if address.isLinkLocal { return "it is link-local" }
    return address.isUnspecified ? "it is no address" : nil
  }

  private func refused(_ url: String) async throws -> HTTPError {
    try await failure(client, HTTPRequest("GET", url, limits: HTTPLimits(total: .seconds(20)), redirects: 3, addresses: Self.outside))
  }

  // However it is spelled, it is the address really connected to that counts.
  @Test(arguments: [
    "127.0.0.1", "127.8.9.10", "localhost", "2130706433", "0x7f.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "[::]", "169.254.169.254",
    "[fe80::1]", "[::ffff:169.254.169.254]",
  ])
  func `is refused before anything is sent`(host: String) async throws {
    let error = try await refused("http://\(host):9/")
    #expect(error.kind == .addressRefused)
    #expect(!error.mayHaveActed)
  }

  @Test func `says why it was refused`() async throws {
    #expect(
      try await refused("http://user:pw@127.0.0.1:9/x?y").description == "GET http://127.0.0.1:9/x: 127.0.0.1 is refused: it is this host")
  }

  @Test func `is not connected to when refused`() async throws {
    let server = try LoopbackServer { _, connection in connection.reply() }
    #expect(try await refused(server.url).kind == .addressRefused)
    #expect(server.accepted == 0)
  }

  @Test func `is refused on a connection that another request opened and left`() async throws {
    let server = try LoopbackServer { _, connection in connection.reply(200, [], "x") }
    _ = try await client.send(HTTPRequest("GET", server.url))
    #expect(await server.settles(at: 1))
    let error = try await refused(server.url)
    #expect(error.kind == .addressRefused)
    #expect(!error.mayHaveActed)
    #expect(server.requests.count == 1)
  }

  @Test func `is judged again at each redirect`() async throws {
    let inner = try LoopbackServer(host: "127.0.0.2") { _, connection in connection.reply(200, [], "secret") }
    let outer = try LoopbackServer { _, connection in connection.reply(302, ["Location: \(inner.url)/"]) }
    let policy = AddressPolicy { $0.description == "127.0.0.2" ? "it is inside" : nil }
    let error = try await failure(client, HTTPRequest("GET", outer.url, redirects: 3, addresses: policy))
    #expect(error.kind == .addressRefused)
    #expect(outer.requests.count == 1)
    #expect(inner.accepted == 0)
  }

  struct Reading: Sendable, CustomTestStringConvertible {
    var testDescription: String { text }
    var text: String
    var words: String
  }

  @Test(arguments: [
    ("127.0.0.1", "loopback"), ("127.255.255.254", "loopback"), ("::1", "loopback"), ("[::1]", "loopback"),
    ("::ffff:127.0.0.1", "loopback"),
    ("169.254.0.1", "link-local"), ("169.254.169.254", "link-local"), ("::ffff:a9fe:a9fe", "link-local"), ("fe80::1", "link-local"),
    ("febf::1", "link-local"), ("0.0.0.0", "unspecified"), ("::", "unspecified"), ("::ffff:0.0.0.0", "unspecified"), ("8.8.8.8", ""),
    ("128.0.0.1", ""), ("169.253.255.255", ""), ("169.255.0.0", ""), ("10.0.0.1", ""), ("fec0::1", ""), ("2001:db8::1", ""), ("::2", ""),
  ])
  func `is told apart`(text: String, words: String) throws {
    let address = try #require(IPAddress(text))
    let told = [address.isLoopback ? "loopback" : "", address.isLinkLocal ? "link-local" : "", address.isUnspecified ? "unspecified" : ""]
    #expect(told.joined() == words)
  }

  @Test(arguments: ["", "localhost", "127.1", "1.2.3.4.5", "[1.2.3.4]", "::g", "[::1", "1.2.3.4 "])
  func `is not read from what is none`(text: String) { #expect(IPAddress(text) == nil) }
}
