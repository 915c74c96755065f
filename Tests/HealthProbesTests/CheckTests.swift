import HTTPTransport
import HealthProbes
import ReleaseModel
import TestSupport
import Testing

/// What a check expects, against what a real server answers.
@Suite struct CheckTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var check: HTTPCheck
    var answer: LoopbackServer.Answer
    /// What the detail says; nil where the check passes.
    var says: String?

    init(_ name: String, _ check: HTTPCheck, _ answer: LoopbackServer.Answer, says: String? = nil) {
      (testDescription, self.check, self.answer, self.says) = (name, check, answer, says)
    }
  }

  static let json = #"{"a": {"b": [1, {"c/d": "e~f"}]}, "n": 2.50, "t": true, "z": null, "big": 18446744073709551615, "": "empty"}"#

  private static func pointing(_ pointer: String, _ expected: String) -> HTTPCheck { HTTPCheck(json: [pointer: expected]) }

  static let passing: [Case] = [
    Case("a status", HTTPCheck(), .ok()), Case("one of several statuses", HTTPCheck(status: [200, 204]), .http(204, [], "")),
    Case("a redirect that is expected", HTTPCheck(status: [302]), .http(302, ["Location: /x"], "")),
    Case("a header, in any case", HTTPCheck(header: ["X-Version": "^1\\.[0-9]+$"]), .ok("", ["x-version: 1.25"])),
    Case("a body, anywhere", HTTPCheck(body: "re[a]dy|up"), .ok("all is\nready now")),
    Case("text", pointing("/a/b/1/c~1d", "e~f"), .ok(json)),
    Case("a number in another spelling", pointing("/n", "2.5"), .ok(json)), Case("true", pointing("/t", "true"), .ok(json)),
    Case("null", pointing("/z", "null"), .ok(json)), Case("a large number", pointing("/big", "18446744073709551615"), .ok(json)),
    Case("an empty key", pointing("/", "empty"), .ok(json)), Case("the whole body", pointing("", "up"), .ok("\"up\"")),
    Case("a latency below its limit", HTTPCheck(latencyMs: 5000), .late(20)),
  ]

  static let failing: [Case] = [
    Case("a status", HTTPCheck(), .http(500, [], "oops"), says: "HTTP 500, expected 200"),
    Case("several statuses", HTTPCheck(status: [200, 204]), .http(302, ["Location: /"], ""), says: "HTTP 302, expected 200 or 204"),
    Case("no header", HTTPCheck(header: ["X-Version": "^1"]), .ok(), says: "no header X-Version, expected one that matches ^1"),
    Case(
      "a header", HTTPCheck(header: ["X-Version": "^1"]), .ok("", ["X-Version: 2.0"]),
      says: "the header X-Version is \"2.0\", expected a match of ^1"),
    Case("a body", HTTPCheck(body: "ready"), .ok("starting"), says: "the body is \"starting\", expected a match of ready"),
    Case("an empty body", HTTPCheck(body: "ready"), .ok(), says: "the body is \"\", expected a match of ready"),
    Case("a value", pointing("/a/b/0", "2"), .ok(json), says: "/a/b/0 is 1, expected 2"),
    Case("text that looks like the number", pointing("/x", "1.0"), .ok(#"{"x": "1"}"#), says: "/x is 1, expected 1.0"),
    Case("an object", pointing("/a", "1"), .ok(json), says: "/a is an object, expected 1"),
    Case("a list", pointing("/a/b", "1"), .ok(json), says: "/a/b is a list, expected 1"),
    Case("no such key", pointing("/q", "1"), .ok(json), says: "there is no /q in the body, expected 1"),
    Case("no such element", pointing("/a/b/9", "1"), .ok(json), says: "there is no /a/b/9"),
    Case("an index with a zero before it", pointing("/a/b/00", "1"), .ok(json), says: "there is no /a/b/00"),
    Case("a step into a number", pointing("/n/x", "1"), .ok(json), says: "there is no /n/x"),
    Case("no JSON", pointing("/a", "1"), .ok("{\"a\": "), says: "the body is no JSON, expected 1 at /a"),
    Case("no body at all", pointing("/a", "1"), .ok(), says: "the body is no JSON"),
    Case("nesting without end", pointing("/a", "1"), .ok(String(repeating: "[", count: 100_000)), says: "the body is no JSON"),
    Case("a latency above its limit", HTTPCheck(latencyMs: 10), .late(60), says: "at most 10 ms are allowed"),
  ]

  @Test(arguments: passing) func `what is as expected passes`(_ one: Case) async throws {
    let server = try LoopbackServer { _ in one.answer }
    let result = await ProbeBench().result(one.check, server)
    #expect(result.verdict == .passed && result.answered && result.requests == 1, "\(result)")
  }

  @Test(arguments: failing) func `what is not as expected fails, and says what came and what should have come`(_ one: Case) async throws {
    let server = try LoopbackServer { _ in one.answer }
    let result = await ProbeBench().result(one.check, server)
    #expect(result.verdict == .failed && result.answered, "\(result)")
    #expect(result.detail.contains(one.says ?? "?"), "\(result.detail)")
  }

  @Test func `a body is searched in its first 64 KiB, and the detail says so`() async throws {
    let long = String(repeating: "x", count: 64 << 10)
    let server = try LoopbackServer { _ in .ok(long + "needle") }
    let result = await ProbeBench().result(HTTPCheck(body: "needle"), server)
    #expect(result.verdict == .failed && result.detail.hasPrefix("the first 64 KiB of the body are \"xxx"), "\(result.detail)")
    #expect(await ProbeBench().result(HTTPCheck(body: "^x+$"), server).verdict == .passed)
  }

  @Test func `a value is found in a large document without decoding the rest`() async throws {
    let body = "{\"list\": [" + Array(repeating: "\"word\"", count: 100_000).joined(separator: ",") + "], \"state\": \"up\"}"
    let server = try LoopbackServer { _ in .ok(body) }
    let result = await ProbeBench().result(HTTPCheck(json: ["/state": "up", "/list/99999": "word"]), server)
    #expect(result.verdict == .passed, "\(result)")
  }

  // Repetition

  @Test func `a check repeated passes on as many requests in a row, each on a new connection`() async throws {
    let server = try LoopbackServer { _ in .ok() }
    let result = await ProbeBench().result(HTTPCheck(times: 4), server)
    #expect(result.verdict == .passed && result.requests == 4 && result.detail.hasPrefix("passed 4 times"), "\(result)")
    #expect(server.accepted == 4 && server.requests.count == 4)
  }

  @Test func `the first request that does not pass ends a repeated check`() async throws {
    let count = Count()
    let server = try LoopbackServer { _ in count.next() == 3 ? .http(503, [], "") : .ok() }
    let result = await ProbeBench().result(HTTPCheck(times: 9), server)
    #expect(result.verdict == .failed && result.requests == 3 && result.detail == "HTTP 503, expected 200", "\(result)")
    #expect(server.accepted == 3)
  }

  @Test func `checks of a gate are answered in their order, however long each takes`() async throws {
    let server = try LoopbackServer { request in request.target == "/0" ? .late(150) : .ok() }
    let checks = (0..<20).map { HTTPCheck(path: "/\($0)") }
    let results = await ProbeBench().gates.check(checks, at: .service(server.host, server.port), within: .seconds(30))
    #expect(results.map(\.name) == checks.map(\.name))
    #expect(results.allSatisfy { $0.verdict == .passed && $0.route == .service })
    #expect(server.accepted == 20)
    #expect(await ProbeBench().gates.check([], at: .service(server.host, server.port), within: .seconds(1)).isEmpty)
  }
}
