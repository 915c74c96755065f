import HTTPTransport
import HealthProbes
import ReleaseModel
import TestSupport
import Testing

/// What a result's detail may show of an answer that a service, or whoever took it over, has written.
@Suite struct SecrecyTests {
  static let headers = ["Authorization": "Bearer s3cret-token", "X-Api-Key": "k3y-of-the-shop", "Accept": "application/json"]

  static let echoes: [(HTTPCheck, LoopbackServer.Answer)] = [
    (HTTPCheck(headers: headers, body: "^no$"), .ok("invalid: Bearer s3cret-token")),
    (HTTPCheck(headers: headers, body: "^no$"), .ok("invalid token s3cret-token")),
    // Cut in the middle of the secret, were it cut before it is hidden.
    (HTTPCheck(headers: headers, body: "^no$"), .ok(String(repeating: "x", count: 53) + "k3y-of-the-shop")),
    (HTTPCheck(headers: headers, header: ["X-Echo": "^no$"]), .ok("", ["X-Echo: k3y-of-the-shop"])),
    (HTTPCheck(headers: headers, json: ["/echo": "no"]), .ok(#"{"echo": "k3y-of-the-shop"}"#)),
  ]

  @Test(arguments: echoes) func `values of a check's own headers are hidden when a service echoes them`(
    _ check: HTTPCheck, _ answer: LoopbackServer.Answer
  ) async throws {
    let server = try LoopbackServer { _ in answer }
    let result = await ProbeBench().result(check, server)
    #expect(server.requests.first?.header("authorization") == "Bearer s3cret-token")
    #expect(result.verdict == .failed && result.detail.contains("…"), "\(result)")
    for part in ["s3cret", "k3y-of"] { #expect(!"\(result)".contains(part), "\(result)") }
  }

  @Test func `what is no secret is shown`() async throws {
    let server = try LoopbackServer { _ in .ok("application/json is what you accept") }
    let result = await ProbeBench().result(HTTPCheck(headers: Self.headers, body: "^no$"), server)
    #expect(result.detail.contains("application/json is what"), "\(result)")
  }

  @Test func `errors name no header value, no password and no query`() async throws {
    let bench = ProbeBench(hosts: ["127.0.0.1"])
    let result = await bench.result(at: "http://127.0.0.1:1", HTTPCheck(path: "/?token=s3cret-token", headers: Self.headers))
    #expect(result.verdict == .failed)
    for part in ["passw0rd", "s3cret", "k3y-of"] { #expect(!result.detail.contains(part), "\(result)") }
  }

  static let escapes = "\u{1B}[2J\u{1B}]0;owned\u{7}ok\r\n\u{202E}evil\u{200B}\u{9B}31m"

  @Test(arguments: [
    (HTTPCheck(body: "^no$"), LoopbackServer.Answer.ok(escapes)),
    (HTTPCheck(json: ["/x": "no"]), .ok(#"{"x": "\u001b[31m\u0007\u202e"}"#)),
    (HTTPCheck(header: ["X-Odd": "^no$"]), .ok("", ["X-Odd: \u{1B}[31mred\u{8}"])), (HTTPCheck(), .bytes("HTTP/1.1 \u{1B}[31m\r\n\r\n")),
  ])
  func `terminal escapes and invisible characters of an answer reach no detail`(_ check: HTTPCheck, _ answer: LoopbackServer.Answer)
    async throws
  {
    let server = try LoopbackServer { _ in answer }
    let result = await ProbeBench().result(check, server)
    #expect(result.verdict == .failed && result.detail.count <= 200, "\(result)")
    let odd = result.detail.unicodeScalars.filter { $0.properties.generalCategory == .control || $0.properties.generalCategory == .format }
    #expect(odd.isEmpty, "\(Array(result.detail.utf8))")
  }

  @Test func `a detail is short, however much there is to say`() async throws {
    let server = try LoopbackServer { _ in .ok(String(repeating: "body ", count: 1000)) }
    let result = await ProbeBench().result(HTTPCheck(body: String(repeating: "pattern", count: 100)), server)
    #expect(result.detail.count <= 200 && result.detail.contains("expected a match of pattern"), "\(result.detail)")
  }
}
