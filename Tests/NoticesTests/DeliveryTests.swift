import HTTPTransport
import Notices
import ReleaseEngine
import ReleaseModel
import TestSupport
import Testing

/// How notices and heartbeats are delivered: bounded, in nobody's way, silent about the address.
@Suite struct DeliveryTests {
  @Test func `what the settings do not name is not called`() async {
    let http = FailingTransport(.cannotConnect)
    #expect(await NoticeBench(http: http).notifier.send(NoticeBench.notice()) == nil)
    #expect(await NoticeBench(http: http).notifier.heartbeat() == nil)
    #expect(http.all.isEmpty)
  }

  @Test func `a heartbeat is one GET without a body`() async throws {
    let server = try LoopbackServer { _ in .http(204, [], "") }
    #expect(await NoticeBench(heartbeat: server.url + "/beat?id=1").notifier.heartbeat() == nil)
    #expect(server.requests.map { "\($0.method) \($0.target) \($0.body.count)" } == ["GET /beat?id=1 0"])
  }

  @Test(arguments: [301, 302, 307, 400, 403, 404, 500, 503]) func `any other answer than a success is told, and not sent again`(
    _ status: Int
  )
    async throws
  {
    let other = try LoopbackServer { _ in .http(200, [], "") }
    let server = try LoopbackServer { _ in .http(status, ["Location: \(other.url)/"], "no") }
    let error = try #require(await NoticeBench(webhook: server.url).notifier.send(NoticeBench.notice()))
    #expect(error.kind == .invalid && error.reason == "it answered HTTP \(status)" && error.attempted == "send the notice")
    #expect(server.requests.count == 1 && other.accepted == 0)
    let beat = try #require(await NoticeBench(heartbeat: server.url).notifier.heartbeat())
    #expect(beat.reason == "it answered HTTP \(status)" && beat.attempted == "call the heartbeat address")
    #expect(other.accepted == 0)
  }

  // Limits

  @Test func `a silent server costs a heartbeat its limit and no more`() async throws {
    let server = try LoopbackServer { _ in .silence(after: "") }
    let start = ContinuousClock.now
    let error = await NoticeBench(heartbeat: server.url).notifier.heartbeat()
    #expect(error?.kind == .unknown && error?.reason == "no whole answer came in time")
    #expect((.seconds(2.9)..<(.seconds(60))).contains(ContinuousClock.now - start))
    #expect(server.requests.count == 1)
  }

  @Test func `all tries share one limit`() async throws {
    let slow = FailingTransport(.timedOut, after: .milliseconds(1200))
    #expect(await NoticeBench(http: slow, heartbeat: "https://hooks.example").notifier.heartbeat()?.kind == .unreachable)
    let limits = slow.all.map(\.limits.total)
    #expect(limits.first == .seconds(3) && limits.count <= 2)
    for second in limits.dropFirst() { #expect(second <= .milliseconds(1800)) }
    let slower = FailingTransport(.timedOut, after: .milliseconds(3100))
    #expect(await NoticeBench(http: slower, heartbeat: "https://hooks.example").notifier.heartbeat()?.kind == .unreachable)
    #expect(slower.all.count == 1)
  }

  @Test func `an answer without end is cut off`() async throws {
    let server = try LoopbackServer { _ in .http(200, [], String(repeating: "x", count: 1 << 20)) }
    let error = await NoticeBench(webhook: server.url).notifier.send(NoticeBench.notice())
    #expect(error?.kind == .unknown && error?.reason == "the answer is too long")
  }

  // Trying again

  @Test(arguments: [HTTPError.Kind.cannotConnect, .cannotResolve, .tls, .connectionBroken])
  func `what was never delivered is tried once more`(_ kind: HTTPError.Kind) async {
    let http = FailingTransport(kind)
    let start = ContinuousClock.now
    let error = await NoticeBench(http: http, webhook: "https://hooks.example/x").notifier.send(NoticeBench.notice())
    // On a machine so slow that the limit is over after the first try, one is right.
    #expect(error?.kind == .unreachable && (http.all.count == 2 || ContinuousClock.now - start > .seconds(5)))
    #expect(Set(http.all.map(\.body)).count == 1)
  }

  @Test(arguments: [LoopbackServer.Answer.reset, .hangUp, .bytes("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"), .bytes("SMTP\r\n")])
  func `what may have been delivered is never sent twice`(_ answer: LoopbackServer.Answer) async throws {
    let server = try LoopbackServer { _ in answer }
    let error = await NoticeBench(webhook: server.url).notifier.send(NoticeBench.notice())
    #expect(error?.kind == .unknown, "\(String(describing: error))")
    #expect(server.requests.count == 1)
  }

  @Test(arguments: [HTTPError.Kind.malformed, .addressRefused, .untrusted]) func `what cannot get better is not tried again`(
    _ kind: HTTPError.Kind
  ) async {
    let http = FailingTransport(kind)
    let error = await NoticeBench(http: http, webhook: "https://hooks.example/x").notifier.send(NoticeBench.notice())
    #expect(error?.kind == .invalid && http.all.count == 1)
  }

  // Secrets

  static let kinds: [HTTPError.Kind] = [
    .cannotResolve, .cannotConnect, .timedOut, .untrusted, .tls, .bodyTooLarge, .addressRefused, .connectionBroken, .cancelled,
    .tooManyRedirects, .malformed, .proxy, .other(code: 5),
  ]

  @Test(arguments: kinds, [true, false]) func `no error names the address, whatever the transport says`(
    _ kind: HTTPError.Kind, _ acted: Bool
  ) async throws {
    let bench = NoticeBench(
      http: FailingTransport(kind, mayHaveActed: acted), webhook: "https://hooks.example/T0/s3cret",
      heartbeat: "https://hooks.example/T0/s3cret")
    for error in [await bench.notifier.send(NoticeBench.notice()), await bench.notifier.heartbeat()] {
      let words = try #require(error).description
      for part in ["hooks.example", "T0", "s3cret"] { #expect(!words.contains(part), "\(words)") }
    }
  }

  @Test(arguments: ["http://u:s3cret@nowhere.invalid/T0", "not a URL s3cret", "ftp://127.0.0.1/s3cret", "http://127.0.0.1:1/s3cret", ""])
  func `no real failure names the address either`(_ address: String) async throws {
    let error = try #require(await NoticeBench(webhook: address).notifier.send(NoticeBench.notice()))
    for part in ["s3cret", "nowhere", "127.0.0.1", "T0"] { #expect(!error.description.contains(part), "\(error)") }
    #expect(error.hint == "check the address in the settings")
  }

  @Test func `a secret that cannot be found is told as it is, and nothing is sent`() async throws {
    let missing = PortError(.configuration, attempted: "find the notices' address", reason: "the file cannot be read")
    let http = FailingTransport(.cannotConnect)
    let bench = NoticeBench(http: http, webhook: "https://x", heartbeat: "https://x", failure: missing)
    #expect(await bench.notifier.send(NoticeBench.notice()) == missing)
    #expect(await bench.notifier.heartbeat() == missing)
    #expect(http.all.isEmpty)
  }

  // Addresses

  @Test func `this very host is not called unless the settings name it`() async throws {
    let server = try LoopbackServer { _ in .http(200, [], "") }
    for hosts in [[], ["hooks.example"]] {
      let error = await NoticeBench(hosts: hosts, webhook: server.url).notifier.send(NoticeBench.notice())
      #expect(error?.kind == .invalid && error?.reason.contains("policy.hosts") == true, "\(String(describing: error))")
    }
    #expect(server.accepted == 0)
    let named = "http://LOCALHOST:\(server.port)"
    #expect(await NoticeBench(hosts: ["localhost"], webhook: named).notifier.send(NoticeBench.notice()) == nil)
  }

  @Test(arguments: ["169.254.169.254", "[fe80::1]", "0.0.0.0", "[::1]", "[::]"]) func `nor are metadata services and the like`(
    _ host: String
  )
    async throws
  {
    let error = try #require(await NoticeBench(heartbeat: "http://\(host):9/").notifier.heartbeat())
    #expect(error.kind == .invalid, "\(error)")
  }

  @Test func `each call opens a connection of its own and follows no redirect`() async throws {
    let http = FailingTransport(.timedOut, mayHaveActed: true)
    let bench = NoticeBench(http: http, webhook: "https://hooks.example", heartbeat: "https://hooks.example")
    _ = await bench.notifier.send(NoticeBench.notice())
    _ = await bench.notifier.heartbeat()
    #expect(http.all.map(\.limits.total) == [.seconds(5), .seconds(3)])
    #expect(http.all.allSatisfy { $0.connection == .fresh && $0.redirects == 0 })
  }
}
