import HTTPTransport
import ImageRegistry
import ReleaseEngine
import ReleaseModel
import Synchronization
import TestSupport
import Testing

/// Where requests may go. Whoever can push a tag names registries, and a registry names places of its own.
@Suite struct PlaceTests {
  @Test(arguments: ["127.0.0.1", "localhost", "0.0.0.0", "169.254.169.254", "[::1]"])
  func `a registry at an address of this host is not asked unless the settings name it`(_ host: String) async throws {
    let server = try LoopbackServer(registry: { _ in .manifest() })
    var bench = RegistryBench(host: "\(host):\(server.port)")
    bench.settings = ImageSettings()
    let error = try await bench.failure()
    #expect(error.kind == .forbidden, "\(error)")
    #expect(error.hint?.contains("images.registries") == true)
    #expect(server.accepted == 0)
  }

  static let schemes: [(image: String, settings: ImageSettings, url: String)] = [
    ("registry.example/web:1", ImageSettings(), "https://registry.example/v2/web/manifests/1"),
    ("registry.example:5000/web:1", ImageSettings(), "https://registry.example:5000/v2/web/manifests/1"),
    ("web", ImageSettings(), "https://registry-1.docker.io/v2/library/web/manifests/latest"),
    (
      "registry.example/web:1", ImageSettings(registries: [RegistrySettings(host: "registry.example")]),
      "https://registry.example/v2/web/manifests/1"
    ),
    (
      "registry.example/web:1", ImageSettings(registries: [RegistrySettings(host: "registry.example", isInsecure: true)]),
      "http://registry.example/v2/web/manifests/1"
    ),
    (
      "registry.example:5000/web:1", ImageSettings(registries: [RegistrySettings(host: "registry.example", isInsecure: true)]),
      "https://registry.example:5000/v2/web/manifests/1"
    ),
  ]

  @Test(arguments: schemes) func `a registry is asked by https unless the settings call that very one insecure`(
    _ image: String, _ settings: ImageSettings, _ url: String
  ) async throws {
    let http = NotedRequests()
    let resolver = RegistryResolver(
      http: http, clock: SleepingClock(), settings: settings, secrets: NoPullSecrets(), allowed: [], environment: [:],
      files: MemoryNamedFiles())
    guard case .absent = try await resolver.resolve(try #require(ImageReference(image)), secrets: [], namespace: "shop") else {
      throw Unexpected(what: "it is there")
    }
    #expect(http.requests.withLock { $0.map(\.url) } == [url, url])
    // A proxy hides the address that is really reached: it is for hosts that the settings vouch for.
    #expect(
      http.requests.withLock {
        $0.allSatisfy { $0.mayUseProxy == (settings[image.contains(":5000") ? "registry.example:5000" : "registry.example"] != nil) }
      })
  }

  static let ways: [(environment: [String: String], settings: ImageSettings, hint: String)] = [
    ([:], ImageSettings(), "the next run asks again"),
    (["https_proxy": "p", "no_proxy": ".example"], ImageSettings(), "the next run asks again"),
    (
      ["HTTPS_PROXY": "http://ada:s3cret@p:3128"], ImageSettings(),
      "it was asked without the proxy http://p:3128 (HTTPS_PROXY), which carries nothing to a host that the settings do not name; if that is the "
        + "way to it, name it: images.registries: [{host: \"registry.example:5000\"}]"
    ),
    (
      ["HTTPS_PROXY": "http://ada:s3cret@p:3128"], ImageSettings(registries: [RegistrySettings(host: "registry.example:5000")]),
      "it was asked through the proxy http://p:3128 (HTTPS_PROXY); if it is reached without one, put registry.example into NO_PROXY"
    ),
  ]

  @Test(arguments: ways) func `a registry that cannot be reached is told with the proxy that was used, or was not`(
    _ environment: [String: String], _ settings: ImageSettings, _ hint: String
  ) async throws {
    for kind in [HTTPError.Kind.cannotResolve, .cannotConnect, .timedOut, .connectionBroken, .proxy, .tls] {
      let resolver = RegistryResolver(
        http: Unreachable(kind: kind), clock: SleepingClock(), settings: settings, secrets: NoPullSecrets(), allowed: [],
        environment: environment, files: MemoryNamedFiles())
      let image = try #require(ImageReference("registry.example:5000/web:1"))
      let error = await #expect(throws: PortError.self) { _ = try await resolver.resolve(image, secrets: [], namespace: "shop") }
      #expect(error?.hint == hint)
    }
  }

  @Test func `a redirect is followed without credentials, and only where requests may go`() async throws {
    let digest = RegistryBench.digest(RegistryBench.manifest)
    let store = try LoopbackServer(registry: { _ in .manifest() })
    let (storeURL, challenge) = (store.url, "WWW-Authenticate: Basic realm=\"r\"")
    let server = try LoopbackServer(registry: { request in
      guard request.header("authorization") != nil else { return .http(401, [challenge], "") }
      return .http(307, ["Location: \(storeURL)\(request.target)"], "")
    })
    var bench = RegistryBench(server)
    bench.settings.config = "config.json"
    bench.files.files["config.json"] = RegistryBench.config(bench.host)
    guard case .found(let image) = try await bench.ask() else { throw Unexpected(what: "no image") }
    #expect(image.digest == digest)
    #expect(store.requests.count == 2 && store.requests.allSatisfy { $0.header("authorization") == nil })
    #expect(server.requests.contains { $0.header("authorization") != nil })
  }

  @Test func `a redirect within the registry keeps them, and one to nowhere or in a circle ends`() async throws {
    let server = try LoopbackServer(registry: { request in
      if request.target.hasPrefix("/v2/old/") { return .http(308, ["Location: /v2/new/web/manifests/1"], "") }
      if request.target.hasPrefix("/v2/circle/") { return .http(302, ["Location: \(request.target)"], "") }
      if request.target.hasPrefix("/v2/away/") { return .http(302, ["Location: //evil.example/"], "") }
      if request.target.hasPrefix("/v2/file/") { return .http(302, ["Location: file:///etc/passwd"], "") }
      return .manifest()
    })
    let bench = RegistryBench(server)
    guard case .found = try await bench.ask("old/web:1") else { throw Unexpected(what: "no image") }
    for image in ["circle/web:1", "away/web:1", "file/web:1"] { #expect(try await bench.failure(image).kind == .corrupt, "\(image)") }
  }

  @Test(arguments: ["http://127.0.0.2", "https://127.0.0.2", "http://169.254.169.254", "http://registry.invalid"])
  func `a redirect to a host that the settings do not name keeps to the rules for such hosts`(_ place: String) async throws {
    let server = try LoopbackServer(registry: { _ in .http(302, ["Location: \(place):9/x"], "") })
    let error = try await RegistryBench(server).failure()
    #expect(error.kind == .forbidden, "\(error)")
  }
}

/// Reaches nobody.
private struct Unreachable: HTTPSending {
  let kind: HTTPError.Kind

  func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    throw HTTPError(kind, method: request.method, url: request.url, reason: "nobody is there")
  }
}

/// Answers 404 and keeps what it was asked.
private final class NotedRequests: HTTPSending {
  let requests = Mutex<[HTTPRequest]>([])

  func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    requests.withLock { $0.append(request) }
    return HTTPResponse(head: HTTPHead(status: 404), body: [])
  }
}
