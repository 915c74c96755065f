import HTTPTransport
import KubernetesModel
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("A retry")
struct RetryTests {
  static let done = answer(200, "", ["kind": "Service"])
  static let patch: [JSONPatchOperation] = [.test(["metadata", "uid"], "u")]

  private static func read(_ client: KubernetesClient) async throws { _ = try await client.get(.service, namespace: "shop", name: "web") }
  private static func write(_ client: KubernetesClient) async throws {
    _ = try await client.patch(.service, namespace: "shop", name: "web", patch)
  }

  private static func status(_ code: Int, _ headers: String = "") -> String { answer(code, headers, ["kind": "Status", "message": "no"]) }

  @Test(arguments: ["570-apf-rejected-429", "571-apf-rejected-429-patch-429"])
  func `follows a 429, of a write too, when the server says`(name: String) async throws {
    let busy = try Recording(name).answer.replacing("Retry-After: 1", with: "Retry-After: 0")
    let fixture = try Fixture([busy, busy, Self.done])
    try await Self.write(fixture.client)
    #expect(fixture.server.requests.count == 3)
  }

  @Test func `does not wait where the server's wish is beyond the limit`() async throws {
    let fixture = try Fixture([try Recording("425-eviction-right-after-pdb-create-429").answer], limit: .seconds(5))
    #expect(try await failure { try await Self.write(fixture.client) }.kind == .tooManyRequests)
    #expect(fixture.server.requests.count == 1)
  }

  @Test(arguments: [502, 503, 504])
  func `of a read follows a server that is away for a moment`(status: Int) async throws {
    let fixture = try Fixture([Self.status(status), Self.status(status, "Retry-After: 0\r\n"), Self.done])
    try await Self.read(fixture.client)
    #expect(fixture.server.requests.count == 3)
  }

  @Test func `of a read follows a broken connection`() async throws {
    let fixture = try Fixture(["", "", Self.done])
    try await Self.read(fixture.client)
    #expect(fixture.server.requests.count == 3)
  }

  @Test func `of a read comes to an end`() async throws {
    let fixture = try Fixture([Self.status(503, "Retry-After: 0\r\n")])
    let error = try await failure { try await Self.read(fixture.client) }
    #expect(error.kind == .serverError)
    #expect(fixture.server.requests.count == 1 + RetryRule.repetitions)
  }

  @Test(arguments: [400, 401, 403, 404, 405, 409, 410, 415, 422, 500])
  func `does not follow an answer that would be the same again`(status: Int) async throws {
    let fixture = try Fixture([Self.status(status)])
    _ = try await failure { try await Self.read(fixture.client) }
    #expect(fixture.server.requests.count == 1)
  }

  // A write that may have happened is never sent again.

  @Test(arguments: [500, 502, 503, 504])
  func `of a write does not follow a server's error`(status: Int) async throws {
    let fixture = try Fixture([Self.status(status), Self.done])
    #expect(try await failure { try await Self.write(fixture.client) }.kind == .serverError)
    #expect(fixture.server.requests.count == 1)
  }

  @Test func `of a write does not follow a lost answer, which is told as one`() async throws {
    for answers in [["", Self.done], ["HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", ""]] {
      let fixture = try Fixture(limit: .seconds(2)) { request, connection in
        connection.write(answers[0])
        connection.close()
      }
      let error = try await failure { try await Self.write(fixture.client) }
      #expect(error.kind == .lostAnswer)
      #expect(error.transport?.kind == .connectionBroken)
      #expect(fixture.server.requests.count == 1)
    }
  }

  @Test func `of a write does not follow a timeout or a cancellation, whose answers are lost too`() async throws {
    let fixture = try Fixture(limit: .seconds(2)) { _, connection in connection.waitForEnd() }
    #expect(try await failure { try await Self.write(fixture.client) }.kind == .lostAnswer)
    let error = try await withThrowingTaskGroup(of: KubernetesError.self) { group in
      let client = fixture.client.within(.seconds(30))
      group.addTask { try await failure { try await Self.write(client) } }
      #expect(await eventually { fixture.server.requests.count == 2 })
      group.cancelAll()
      return try #require(try await group.next())
    }
    #expect(error.kind == .lostAnswer)
    #expect(fixture.server.requests.count == 2)
  }

  @Test func `of a dry run is that of a read`() async throws {
    let fixture = try Fixture(["", Self.done])
    _ = try await fixture.client.apply(.service, namespace: "shop", CallTests.web, dryRun: true)
    #expect(fixture.server.requests.count == 2)
  }

  @Test func `of a write that never left waits for the server to come`() async throws {
    let port = try ReservedPort()
    let client = KubernetesClient(access: ClusterAccess(server: port.url), http: HTTPClient(userAgent: "tests"))
    let server = try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await Self.write(client) }
      try await Task.sleep(for: .milliseconds(150))
      let server = try LoopbackServer(at: port) { _, connection in connection.write(Self.done) }
      try await group.next()
      return server
    }
    #expect(server.requests.count == 1)
  }

  @Test func `does not follow what no waiting mends`() async throws {
    let fixture = try Fixture([Self.done])
    let client = KubernetesClient(
      access: ClusterAccess(server: "https://127.0.0.1:\(fixture.server.port)"), http: Refusing(kind: .untrusted))
    let error = try await failure { try await Self.write(client) }
    #expect(error.kind == .unreachable)
    #expect(error.transport?.kind == .untrusted)
  }

  /// Fails once, and traps when it is asked again.
  private struct Refusing: HTTPSending {
    let kind: HTTPError.Kind
    let asked = Counter()

    func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
      #expect(asked.next() == 1)
      throw HTTPError(kind, method: request.method, url: request.url, reason: "no")
    }
  }

  @Test func `ends when its task is cancelled while it waits`() async throws {
    let fixture = try Fixture([Self.status(429, "Retry-After: 20\r\nDate: Tue, 24 Nov 2026 13:52:26 GMT\r\n")])
    let error = try await withThrowingTaskGroup(of: KubernetesError.self) { group in
      group.addTask { try await failure { try await Self.write(fixture.client) } }
      // Its time is known once the answer has been read: from then on nothing is under way.
      #expect(await eventually { fixture.client.serverTime != nil })
      group.cancelAll()
      return try #require(try await group.next())
    }
    #expect(error.kind == .cancelled)
  }

  @Test func `doubles its pauses up to a bound`() {
    var rule = RetryRule()
    let error = KubernetesError(.tooManyRequests, attempted: "x", message: "")
    #expect(
      (0..<7).map { _ in rule.pause(after: error, isWrite: true) } == [100, 200, 400, 800, 1600, 2000, 2000].map { .milliseconds($0) })
  }

  @Test func `at once is not at once`() {
    var rule = RetryRule()
    let error = KubernetesError(.tooManyRequests, attempted: "x", message: "", retryAfter: .zero)
    #expect((0..<3).map { _ in rule.pause(after: error, isWrite: true) } == Array(repeating: .milliseconds(50), count: 3))
  }

  @Test func `of a watch follows a server that is away, busy or restarting when it is opened`() async throws {
    let events = try Recording("257-watch-labelselector-enter-leave").answer
    let fixture = try Fixture(["", Self.status(503, "Retry-After: 0\r\n"), Self.status(429, "Retry-After: 0\r\n"), events])
    // The limits are far away, so that a busy machine does not meet them.
    let watch = try await fixture.client.within(.seconds(600)).watch(.pod, from: "1", seconds: 600, silence: .seconds(600))
    #expect(try await watch.next() != nil)
    #expect(fixture.server.requests.count == 4)
  }
}
