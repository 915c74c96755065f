import Glibc
import HTTPTransport
import HealthProbes
import ReleaseModel
import TestSupport
import Testing

/// Requests that get no whole answer. Nothing of it passes: what users meet as well is a failure, what only the prober meets is unknown.
@Suite struct UnansweredTests {
  static let broken: [(String, LoopbackServer.Answer)] = [
    ("a reset", .reset), ("an end without an answer", .bytes("")), ("half a head", .bytes("HTTP/1.1 200 OK\r\nContent-")),
    ("a body cut short", .bytes("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")),
    ("chunks cut short", .bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel")),
    ("chunks that are none", .bytes("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n")),
    ("another protocol", .bytes("SSH-2.0-OpenSSH_9.2\r\n")),
  ]

  @Test(arguments: broken) func `a broken answer fails, since users meet it too`(_ name: String, _ answer: LoopbackServer.Answer)
    async throws
  {
    let server = try LoopbackServer { _ in answer }
    let result = await ProbeBench().result(HTTPCheck(status: [200, 500]), server)
    #expect(result.verdict == .failed && !result.answered && !result.detail.isEmpty, "\(name): \(result)")
  }

  @Test func `a refused connection fails`() async throws {
    let port = try ReservedPort()
    let result = await ProbeBench().result(HTTPCheck(), at: .service(port.host, port.port))
    #expect(result.verdict == .failed && !result.answered && result.detail == "no connection: Connection refused", "\(result)")
  }

  @Test(arguments: ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"])
  func `a timeout is never a pass`(_ beginning: String) async throws {
    let server = try LoopbackServer { _ in .silence(after: beginning) }
    let result = await ProbeBench().result(HTTPCheck(timeoutMs: 200), server)
    #expect(result.verdict == .failed && !result.answered && result.latencyMs >= 190, "\(result)")
    #expect(result.detail == "no whole answer within 200 ms")
  }

  // What only the prober meets

  @Test func `a body of more than 1 MiB is unknown, since users get it`() async throws {
    let server = try LoopbackServer { request in .ok(String(repeating: "x", count: request.target == "/large" ? (1 << 20) + 1 : 1 << 20)) }
    let result = await ProbeBench().result(HTTPCheck(path: "/large"), server)
    #expect(result.verdict == .unknown && !result.answered && result.detail.contains("longer than 1048576 bytes"), "\(result)")
    #expect(await ProbeBench().result(HTTPCheck(), server).verdict == .passed)
  }

  @Test func `a gate without time left judges nothing`() async throws {
    let server = try LoopbackServer { _ in .ok() }
    let result = await ProbeBench().result(HTTPCheck(), server, within: .zero)
    #expect(
      result.verdict == .unknown && result.requests == 0 && result.detail == "the gate's limit was reached before request 1", "\(result)")
    #expect(server.accepted == 0)
  }

  @Test func `a gate's limit that leaves a request little of its time judges nothing`() async throws {
    let server = try LoopbackServer { _ in .silence(after: "") }
    let start = ContinuousClock.now
    let result = await ProbeBench().result(HTTPCheck(timeoutMs: 60_000), server, within: .milliseconds(200))
    #expect(result.verdict == .unknown && result.detail.hasPrefix("the gate's limit was reached"), "\(result)")
    #expect(ContinuousClock.now - start < .seconds(55))
  }

  @Test func `a gate that is cancelled ends at once and judges nothing`() async throws {
    let server = try LoopbackServer { _ in .silence(after: "") }
    let result = await withTaskGroup(of: CheckResult.self) { group in
      group.addTask { await ProbeBench().result(HTTPCheck(timeoutMs: 60_000), server, within: .seconds(60)) }
      group.cancelAll()
      return await group.next()
    }
    #expect(result?.verdict == .unknown)
  }

  @Test func `a name that does not resolve is unknown`() async {
    let result = await ProbeBench(hosts: ["shop.invalid"]).result(at: "http://shop.invalid")
    #expect(result.verdict == .unknown && !result.answered, "\(result)")
  }

  @Test(arguments: [HTTPError.Kind.cannotConnect, .timedOut, .connectionBroken, .tls])
  func `what fails on the way through the API server is unknown, since users do not go that way`(_ kind: HTTPError.Kind) async {
    let route = NotedRoute(.failure(HTTPError(kind, method: "GET", url: "https://api", reason: "broken", mayHaveActed: true)))
    let place = ProbePlaces.api(port: "http")
    let result = await ProbeBench(api: route).result(HTTPCheck(), at: place)
    #expect(result.verdict == .unknown && result.route == .api && !result.answered, "\(result)")
  }
}
