import HTTPTransport
import HealthProbes
import ReleaseEngine
import ReleaseModel
import TestSupport
import Testing

/// Where a check goes, and what it carries.
@Suite struct PlaceTests {
  private static func port(_ name: String?, _ number: Int) -> ServiceAddress.Port { ServiceAddress.Port(name: name, number: number) }

  @Test(arguments: ["http", nil] as [String?]) func `a port is found by its name, its number, or by being the only one`(_ name: String?)
    async throws
  {
    let server = try LoopbackServer { _ in .ok() }
    let one = Self.port(name, server.port)
    for wanted in [name, String(server.port), nil] {
      #expect(await ProbeBench().result(HTTPCheck(), at: .service("127.0.0.1", one, port: wanted)).verdict == .passed)
    }
    let two = ProbePlace.service("127.0.0.1", Self.port("admin", 1), one, port: name ?? String(server.port))
    #expect(await ProbeBench().result(HTTPCheck(), at: two).verdict == .passed)
    #expect(server.accepted == 4)
  }

  static let nowhere: [(ProbePlace, String)] = [
    (
      .service("127.0.0.1", port("http", 80), port("admin", 81)),
      "the Service web-preview has the ports http (80), admin (81); name one in the plan: port: NAME"
    ),
    (.service("127.0.0.1", port("http", 80), port: "htp"), "the Service web-preview has no port htp; it has the ports http (80)"),
    (.service("127.0.0.1"), "the Service web-preview has no ports"), (.service(nil, port("http", 80)), "has no cluster IP"),
    (.service("None", port("http", 80)), "has no cluster IP"),
    (.service(nil, port("http", 80), port(nil, 81), route: .api), "has the ports http (80), 81; name one in the plan"),
  ]

  @Test(arguments: nowhere) func `a Service without one address to ask is unknown, and says what to write`(
    _ place: ProbePlace, _ says: String
  )
    async
  {
    let result = await ProbeBench().result(HTTPCheck(), at: place)
    #expect(result.verdict == .unknown && !result.answered && result.detail.contains(says), "\(result)")
  }

  @Test func `an IPv6 cluster IP is asked like another`() async throws {
    let server = try LoopbackServer(host: "::1") { _ in .ok() }
    let result = await ProbeBench().result(HTTPCheck(path: "/x?y"), server)
    #expect(result.verdict == .passed, "\(result)")
    #expect(server.requests.map(\.target) == ["/x?y"])
    #expect(server.requests.first?.header("host") == "[::1]:\(server.port)")
  }

  @Test func `the route is recorded as it was taken`() async throws {
    let server = try LoopbackServer { _ in .ok() }
    let bench = ProbeBench(hosts: ["127.0.0.1"], api: NotedRoute())
    #expect(await bench.result(HTTPCheck(), server).route == .service)
    #expect(await bench.result(at: server.url).route == .url)
    #expect(await bench.result(HTTPCheck(), at: ProbePlaces.api(port: "http")).route == .api)
    // Without an address for the preview, smoke checks go to the Service.
    var place = ProbePlace.service(server.host, server.port)
    place.rules = ProbeRules(route: .url, activeURL: "https://shop.example", previewURL: nil)
    let result = await bench.result(HTTPCheck(), at: place)
    #expect(result.verdict == .passed && result.route == .service, "\(result)")
  }

  @Test func `by the route api the API server is asked for the Service's port by name or number`() async {
    let route = NotedRoute()
    let bench = ProbeBench(api: route)
    for port in ["http", "8080", nil] {
      #expect(await bench.result(HTTPCheck(method: "POST", path: "/x?y"), at: ProbePlaces.api(port: port)).verdict == .passed)
    }
    #expect(
      route.asked == ["POST shop/web-preview:http/x?y", "POST shop/web-preview:8080/x?y", "POST shop/web-preview:80/x?y"])
  }

  @Test(arguments: ["", "/"]) func `an address of the plan is the beginning of the check's path`(_ end: String) async throws {
    let server = try LoopbackServer { _ in .ok() }
    let result = await ProbeBench(hosts: ["127.0.0.1"]).result(at: "\(server.url)/shop\(end)", HTTPCheck(path: "/healthz?deep=1"))
    #expect(result.verdict == .passed && server.requests.map(\.target) == ["/shop/healthz?deep=1"], "\(result)")
  }

  // What a request carries

  @Test func `smoke checks say that they are checks, and checks of the active color do not`() async throws {
    let server = try LoopbackServer { _ in .ok() }
    _ = await ProbeBench().result(HTTPCheck(), server, role: .preview)
    _ = await ProbeBench().result(HTTPCheck(), server, role: .active)
    #expect(server.requests.map { $0.header("x-smoke") } == ["tagflip", nil])
    #expect(server.requests.map { $0.header("user-agent") } == ["tagflip/9.9.9", "bluegreen-probe/1"])
  }

  @Test func `a check's method and headers go out as the plan says, each once`() async throws {
    let server = try LoopbackServer { _ in .ok() }
    let check = HTTPCheck(method: "POST", headers: ["user-agent": "shopper", "X-Key": "a b", "Host": "shop.example"])
    #expect(await ProbeBench().result(check, server).verdict == .passed)
    let request = try #require(server.requests.first)
    #expect(request.method == "POST" && request.header("x-key") == "a b")
    #expect(request.headers("user-agent") == ["shopper"] && request.headers("host") == ["shop.example"])
  }

  @Test(arguments: [
    ("https://user:passw0rd@shop.example", "the plan's address for the active holds a name or a password"),
    ("https://shop.example/?token=passw0rd", "the plan's address for the active has a query"),
    ("https://shop.example/#passw0rd", "the plan's address for the active has a fragment"),
    ("shop.example", "the plan's address for the active is no http or https URL"),
  ])
  func `paths are put behind nothing but a base address`(url: String, says: String) async {
    let http = NotedRequests()
    let result = await ProbeBench(http: http, hosts: ["shop.example"]).result(at: url, HTTPCheck(path: "/healthz"))
    #expect(result.verdict == .unknown && result.detail == says)
    #expect(http.all.isEmpty)
  }

  @Test func `a way through the API server that is closed says nothing about the service`() async {
    let closed = HTTPError(.proxy, method: "GET", url: "", reason: "the API server did not let the request through: 401 Unauthorized")
    let result = await ProbeBench(api: NotedRoute(.failure(closed))).result(HTTPCheck(status: [401]), at: ProbePlaces.api(port: "http"))
    #expect(result.verdict == .unknown && !result.answered && result.detail.contains("401 Unauthorized"))
  }

  @Test func `every request opens a connection of its own and goes through no proxy`() async {
    let http = NotedRequests()
    let bench = ProbeBench(http: http, hosts: ["shop.example"])
    _ = await bench.result(HTTPCheck(times: 2), at: .service("10.0.0.1", 80))
    _ = await bench.result(at: "https://shop.example")
    #expect(http.all.count == 3)
    #expect(http.all.allSatisfy { $0.connection == .fresh && !$0.mayUseProxy && $0.redirects == 0 })
  }
}

/// Places that several suites use.
enum ProbePlaces {
  static func api(port: String?) -> ProbePlace {
    .service("10.0.0.1", ServiceAddress.Port(name: "http", number: 80), port: port, route: .api)
  }
}
