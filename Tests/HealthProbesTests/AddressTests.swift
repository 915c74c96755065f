import Glibc
import HTTPTransport
import HealthProbes
import ReleaseModel
import TestSupport
import Testing

/// Which addresses a plan can make a probe of.
@Suite struct AddressTests {
  @Test(arguments: [
    ("127.0.0.1", "a loopback address"), ("127.9.9.9", "a loopback address"), ("[::1]", "a loopback address"),
    ("localhost", "a loopback address"), ("2130706433", "a loopback address"), ("[::ffff:127.0.0.1]", "a loopback address"),
    ("169.254.169.254", "a link-local address"), ("[fe80::1]", "a link-local address"), ("0.0.0.0", "this very host"),
    ("[::]", "this very host"),
  ])
  func `this host, link-local and unspecified addresses are refused however they are spelled`(_ host: String, _ says: String) async {
    let result = await ProbeBench(hosts: ["shop.example"]).result(at: "http://\(host):9")
    #expect(result.verdict == .unknown && !result.answered && result.detail.contains(says), "\(result)")
  }

  @Test func `a refused address is not connected to`() async throws {
    let server = try LoopbackServer { _ in .ok() }
    #expect(await ProbeBench().result(at: server.url).verdict == .unknown)
    #expect(server.accepted == 0)
  }

  @Test(arguments: ["127.0.0.1", "[::1]", "::1", "LOCALHOST"]) func `what the settings name is allowed`(_ named: String) async throws {
    let server = try LoopbackServer(host: named.contains(":") ? "::1" : "127.0.0.1") { _ in .ok() }
    let url = named == "LOCALHOST" ? "http://localhost:\(server.port)" : server.url
    let result = await ProbeBench(hosts: [named]).result(at: url)
    #expect(result.verdict == .passed && server.accepted == 1, "\(result)")
  }

  /// What a name that the settings allow may resolve to: the name's owner is not the settings' owner.
  static let resolved: [(hosts: [String], address: String, isAllowed: Bool)] = [
    (["shop.example"], "203.0.113.7", true), (["shop.example"], "10.0.0.7", true), (["shop.example"], "127.0.0.1", false),
    (["shop.example"], "169.254.169.254", false), (["shop.example"], "fe80::1", false), (["shop.example"], "::1", false),
    (["shop.example"], "0.0.0.0", false), (["shop.example"], "::ffff:169.254.169.254", false),
    (["shop.example", "169.254.169.254"], "169.254.169.254", true), (["shop.example", "::1"], "::1", true),
    (["shop.example", "localhost"], "127.0.0.1", false),
  ]

  @Test(arguments: resolved) func `a name is judged by the address that it resolves to`(
    _ one: (hosts: [String], address: String, isAllowed: Bool)
  ) async throws {
    let http = NotedRequests()
    _ = await ProbeBench(http: http, hosts: one.hosts).result(at: "https://shop.example")
    let policy = try #require(http.all.first?.addresses)
    let refusal = policy.refusal(try #require(IPAddress(one.address)))
    #expect((refusal == nil) == one.isAllowed, "\(refusal ?? "allowed")")
  }

  @Test func `a redirect is an answer and never followed`() async throws {
    let inner = try LoopbackServer(host: "127.0.0.2") { _ in .ok("secret") }
    let server = try LoopbackServer { _ in .http(302, ["Location: \(inner.url)/"], "") }
    let bench = ProbeBench(hosts: ["127.0.0.1", "127.0.0.2"])
    let result = await bench.result(at: server.url)
    #expect(result.verdict == .failed && result.detail == "HTTP 302, expected 200", "\(result)")
    #expect(await bench.result(at: server.url, HTTPCheck(status: [302])).verdict == .passed)
    #expect(inner.accepted == 0)
  }

  @Test func `a Service is asked at its own cluster IP and nowhere else`() async throws {
    let http = NotedRequests()
    for ip in ["10.0.0.7", "fd00::7"] { _ = await ProbeBench(http: http).result(HTTPCheck(), at: .service(ip, 80)) }
    #expect(http.all.map(\.url) == ["http://10.0.0.7:80/", "http://[fd00::7]:80/"])
    for (request, own) in zip(http.all, ["10.0.0.7", "fd00::7"]) {
      #expect(request.addresses.refusal(try #require(IPAddress(own))) == nil)
      for other in ["10.0.0.8", "127.0.0.1", "fd00::8"] { #expect(request.addresses.refusal(try #require(IPAddress(other))) != nil) }
    }
  }

  // The API server

  @Test(arguments: ["https://127.0.0.1", "https://localhost"])
  func `the API server is no probe's target, and looking its name up sends nothing`(_ api: String) async throws {
    let server = try LoopbackServer { _ in .ok() }
    let bench = ProbeBench(hosts: api.contains("localhost") ? [] : ["localhost"], apiServer: "\(api):\(server.port)")
    let result = await bench.result(at: "http://\(api.contains("localhost") ? "127.0.0.1" : "localhost"):\(server.port)")
    #expect(result.verdict == .unknown && result.detail.contains("the API server's address"), "\(result)")
    #expect(server.accepted == 0)
  }

  static let named: [(hosts: [String], api: String, url: String)] = [
    (["127.0.0.1"], "https://localhost", "http://127.0.0.1"), (["localhost"], "https://localhost", "http://localhost"),
    (["localhost", "127.0.0.1"], "https://127.0.0.1", "http://localhost"),
  ]

  @Test(arguments: named) func `the API server is a target where the settings name it`(_ one: (hosts: [String], api: String, url: String))
    async throws
  {
    let server = try LoopbackServer { _ in .ok() }
    let bench = ProbeBench(hosts: one.hosts, apiServer: "\(one.api):\(server.port)")
    #expect(await bench.result(at: "\(one.url):\(server.port)").verdict == .passed)
  }

  @Test func `another port of the API server's machine is another server`() async throws {
    let server = try LoopbackServer { _ in .ok() }
    let bench = ProbeBench(hosts: ["localhost"], apiServer: "https://127.0.0.1:\(server.port == 1 ? 2 : 1)")
    #expect(await bench.result(at: "http://localhost:\(server.port)").verdict == .passed)
  }

  @Test func `an API server that is none protects nothing and breaks nothing`() async throws {
    let server = try LoopbackServer { _ in .ok() }
    for api in ["", "no URL", "https://api.invalid:\(server.port)"] {
      #expect(await ProbeBench(hosts: ["localhost"], apiServer: api).result(at: "http://localhost:\(server.port)").verdict == .passed)
    }
  }
}
