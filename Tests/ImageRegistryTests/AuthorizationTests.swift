import Digests
import FoundationEssentials
import ImageRegistry
import ReleaseEngine
import ReleaseModel
import Synchronization
import TestSupport
import Testing

/// A registry's challenge, and what is offered to whom.
@Suite struct AuthorizationTests {
  private static let ada = "Basic \(Base64.encode(Array("ada:s3cret".utf8)))"

  /// A registry that takes one header, and its token service.
  private final class Registry: Sendable {
    let tokens: LoopbackServer
    let server: LoopbackServer

    /// - Parameter grant: the token service's answer to a request.
    init(
      taking header: @escaping @Sendable (String) -> Bool = { $0 == "Bearer t0ken" },
      grant: @escaping @Sendable (LoopbackServer.Request) -> LoopbackServer.Answer = { _ in .ok(#"{"token":"t0ken","expires_in":300}"#) }
    ) throws {
      tokens = try LoopbackServer(registry: grant)
      let realm = "\(tokens.url)/token"
      server = try LoopbackServer(registry: { request in
        guard let given = request.header("authorization"), header(given) else {
          return .http(
            401, ["WWW-Authenticate: Bearer realm=\"\(realm)\",service=\"registry, of ours\",scope=\"repository:shop/web:pull,push\""],
            #"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#)
        }
        return .manifest()
      })
    }
  }

  private func isFound(_ answer: ImageAnswer) -> Bool { if case .found = answer { true } else { false } }

  // Tokens

  @Test(arguments: [#"{"token":"t0ken"}"#, #"{"access_token":"t0ken","expires_in":60}"#])
  func `without credentials an anonymous token is asked for, to pull this repository and nothing else`(_ grant: String) async throws {
    let registry = try Registry(grant: { _ in .ok(grant) })
    #expect(isFound(try await RegistryBench(registry.server).ask()))
    #expect(registry.tokens.asked == ["GET /token?scope=repository%3Ashop%2Fweb%3Apull&service=registry%2C%20of%20ours"])
    #expect(registry.tokens.requests.first?.header("authorization") == nil)
  }

  @Test func `a token is asked for once while it is good, for each repository`() async throws {
    let registry = try Registry()
    let bench = RegistryBench(registry.server)
    let resolver = bench.resolver
    for _ in 0..<3 { #expect(isFound(try await bench.ask(resolver, "shop/web:1"))) }
    #expect(registry.tokens.requests.count == 1)
    #expect(isFound(try await bench.ask(resolver, "shop/api:1")))
    #expect(registry.tokens.requests.count == 2)
    bench.clock.advance(.seconds(291))
    #expect(isFound(try await bench.ask(resolver, "shop/web:1")))
    #expect(registry.tokens.requests.count == 3)
  }

  @Test func `a token that was taken back is asked for anew`() async throws {
    let number = Mutex(0)
    let registry = try Registry(
      taking: { header in header == "Bearer token-\(number.withLock { $0 })" },
      grant: { _ in
        let next = number.withLock { number in
          number += 1
          return number
        }
        return .ok(#"{"token":"token-\#(next)","expires_in":300}"#)
      })
    let bench = RegistryBench(registry.server)
    let resolver = bench.resolver
    #expect(isFound(try await bench.ask(resolver, "shop/web:1")))
    number.withLock { $0 = 7 }
    #expect(isFound(try await bench.ask(resolver, "shop/web:1")))
    #expect(registry.tokens.requests.count == 2)
  }

  @Test func `a token service gets user and password, the registry only the token`() async throws {
    let registry = try Registry(grant: { $0.header("authorization") == Self.ada ? .ok(#"{"token":"t0ken"}"#) : .http(401, [], "") })
    var bench = RegistryBench(registry.server)
    bench.settings.config = "config.json"
    bench.files.files["config.json"] = RegistryBench.config(bench.host)
    #expect(isFound(try await bench.ask()))
    #expect(registry.server.requests.compactMap { $0.header("authorization") }.allSatisfy { $0 == "Bearer t0ken" })
  }

  @Test func `an identity token is exchanged, and never sent in an address`() async throws {
    let registry = try Registry()
    var bench = RegistryBench(registry.server)
    bench.settings.config = "config.json"
    bench.files.files["config.json"] = #"{"auths":{"\#(bench.host)":{"auth":"","identitytoken":"id&token"}}}"#
    #expect(isFound(try await bench.ask()))
    let request = try #require(registry.tokens.requests.first)
    #expect(request.method == "POST" && request.target == "/token")
    #expect(String(decoding: request.body, as: UTF8.self).contains("grant_type=refresh_token"))
    #expect(String(decoding: request.body, as: UTF8.self).contains("refresh_token=id%26token"))
  }

  @Test(arguments: ["{}", "no", #"{"token":""}"#, #"{"token":"a\r\nX-Evil: 1"}"#, #"{"token":"a b"}"#])
  func `a token service that answers no token is unknown, and nothing of its answer gets into a header`(_ grant: String) async throws {
    let registry = try Registry(grant: { _ in .ok(grant) })
    let error = try await RegistryBench(registry.server).failure()
    #expect(error.kind == .corrupt && !error.description.contains("Evil"))
    #expect(registry.server.requests.count == 1)
  }

  @Test func `a token service that is down is unknown, not a denial`() async throws {
    let registry = try Registry(grant: { _ in .http(503, [], "") })
    #expect(try await RegistryBench(registry.server).failure().kind == .unreachable)
  }

  static let realms = ["http://tokens.example/t", "https://169.254.169.254/t", "ftp://127.0.0.1/t", "http://169.254.169.254/t", "nonsense"]

  @Test(arguments: realms) func `a realm that must not be asked gets nothing`(_ realm: String) async throws {
    let server = try LoopbackServer(registry: { _ in .http(401, ["WWW-Authenticate: Bearer realm=\"\(realm)\",service=\"x\""], "") })
    var bench = RegistryBench(server)
    bench.settings.config = "config.json"
    bench.files.files["config.json"] = RegistryBench.config(bench.host)
    let error = try await bench.failure()
    #expect(error.kind == .forbidden, "\(error)")
    #expect(server.requests.allSatisfy { $0.header("authorization") == nil })
  }

  // Basic

  @Test func `Basic is answered with user and password, and a token is preferred where both are offered`() async throws {
    let server = try LoopbackServer(registry: { request in
      guard request.header("authorization") == Self.ada else { return .http(401, ["WWW-Authenticate: Basic realm=\"a, \\\"b\\\"\""], "") }
      return .manifest()
    })
    var bench = RegistryBench(server)
    bench.settings.registries[0].config = "own.json"
    bench.files.files["own.json"] = RegistryBench.config("http://\(bench.host)/v2/")
    #expect(isFound(try await bench.ask()))
    let tokens = try LoopbackServer(registry: { _ in .ok(#"{"token":"t0ken"}"#) })
    let realm = tokens.url
    let both = try LoopbackServer(registry: { request in
      guard request.header("authorization") == "Bearer t0ken" else {
        return .http(401, ["WWW-Authenticate: Basic realm=\"x\"", "WWW-Authenticate: Bearer realm=\"\(realm)/\""], "")
      }
      return .manifest()
    })
    #expect(isFound(try await RegistryBench(both).ask()))
  }

  // Denied

  @Test(arguments: [401, 403]) func `a denial says who was refused and what to do, and no secret`(_ status: Int) async throws {
    let body = #"{"errors":[{"code":"DENIED","message":"requested access is denied"}]}"#
    let server = try LoopbackServer(registry: { _ in .http(status, ["WWW-Authenticate: Basic realm=\"x\""], body) })
    var bench = RegistryBench(server)
    bench.settings.config = "config.json"
    bench.files.files["config.json"] = RegistryBench.config(bench.host)
    let error = try await bench.failure()
    #expect(error.kind == .forbidden)
    #expect(error.reason.contains("HTTP \(status)") && error.reason.contains("credentials of config.json"))
    #expect(error.reason.contains("without credentials") == false)
    #expect(error.hint?.contains("images.registries") == true)
    #expect(!error.description.contains("s3cret") && !error.description.contains(Self.ada))
    let open = try await RegistryBench(server).failure()
    #expect(open.reason.contains("without credentials"))
  }

  @Test func `a challenge that nobody knows is a denial`() async throws {
    let server = try LoopbackServer(registry: { _ in .http(401, ["WWW-Authenticate: Negotiate"], "") })
    #expect(try await RegistryBench(server).failure().kind == .forbidden)
  }

  // Where credentials come from

  /// Which users were offered to a registry that takes `last` only.
  private func offered(_ change: (inout RegistryBench) -> Void, secrets: [PullSecret] = []) async throws -> [String] {
    let last = "Basic \(Base64.encode(Array("last:x".utf8)))"
    let server = try LoopbackServer(registry: { request in
      guard request.header("authorization") == last else { return .http(401, ["WWW-Authenticate: Basic realm=\"x\""], "") }
      return .manifest()
    })
    var bench = RegistryBench(server)
    change(&bench)
    _ = try await bench.ask(
      secrets: secrets.map { secret in
        PullSecret(
          name: secret.name,
          config: secret.config.map { Array(String(decoding: $0, as: UTF8.self).replacing("HOST", with: bench.host).utf8) })
      })
    return server.requests.filter { $0.method == "HEAD" }.compactMap { $0.header("authorization")?.dropFirst(6) }
      .compactMap { Base64.decode($0) }.map { String(decoding: $0.prefix { $0 != 0x3A }, as: UTF8.self) }
  }

  @Test func `each credential is offered once: the registry's own, then that for all, then pull secrets in their order`() async throws {
    let users = try await offered(
      {
        $0.settings.registries[0].config = "own.json"
        $0.settings.config = "all.json"
        $0.files.files = ["own.json": RegistryBench.config($0.host, "own"), "all.json": RegistryBench.config($0.host, "all")]
        $0.cluster.secrets = ["regcred": RegistryBench.config($0.host, "last", "x")]
        $0.allowed = ["regcred"]
      },
      secrets: [PullSecret(name: "made", config: Array(RegistryBench.config("HOST", "made").utf8)), PullSecret(name: "regcred")])
    #expect(users == ["own", "all", "made", "last"])
  }

  @Test func `a Secret that the settings do not name is not read, and the denial says so`() async throws {
    let server = try LoopbackServer(registry: { _ in .http(401, ["WWW-Authenticate: Basic realm=\"x\""], "") })
    var bench = RegistryBench(server)
    bench.cluster.secrets = ["payments": RegistryBench.config(bench.host)]
    bench.allowed = ["regcred"]
    let error = try await bench.failure(secrets: [PullSecret(name: "payments"), PullSecret(name: "regcred")])
    #expect(bench.cluster.log.names.withLock { $0 } == ["shop/regcred"])
    #expect(error.reason.contains("Secret payments, which pods name, is not in policy.secrets"))
    #expect(error.reason.contains("Secret regcred is not in shop"))
    let bad = try await bench.failure(secrets: [PullSecret(name: "made", config: Array("s3cret".utf8))])
    #expect(bad.reason.contains("Secret made holds no docker config") && !bad.reason.contains("s3cret"))
  }

  @Test func `a cluster that does not let the bot read a Secret is no denial of the registry's, and the right is named`() async throws {
    let server = try LoopbackServer(registry: { _ in .http(401, ["WWW-Authenticate: Basic realm=\"x\""], "") })
    var bench = RegistryBench(server)
    bench.allowed = ["regcred"]
    for kind in [PortError.Kind.forbidden, .unauthenticated, .unreachable] {
      bench.cluster.failure = PortError(kind, attempted: "get secrets shop/regcred", reason: "no", hint: "other")
      let error = await #expect(throws: PortError.self) { _ = try await bench.ask(secrets: [PullSecret(name: "regcred")]) }
      #expect(error?.kind == kind && error?.reason == "no")
      #expect(error?.attempted == "read the Secret regcred in shop, by which pods pull their images")
      let hint =
        "let the bot get secrets in the namespace shop (apiGroups [\"\"], resources [\"secrets\"], verbs [\"get\"]; see jobs/rbac.yaml), or take "
        + "regcred out of policy.secrets of the settings"
      #expect(error?.hint == (kind == .forbidden ? hint : "other"))
    }
  }

  @Test func `a file of the settings that cannot be read, or is none, is told`() async throws {
    let server = try LoopbackServer(registry: { _ in .http(401, ["WWW-Authenticate: Basic realm=\"x\""], "") })
    var bench = RegistryBench(server)
    bench.settings.config = "missing.json"
    #expect(try await bench.failure().kind == .configuration)
    bench.files.files["missing.json"] = "s3cret"
    let error = try await bench.failure()
    #expect(error.kind == .configuration && !error.description.contains("s3cret"))
  }

  // Helpers

  private func helped(_ script: String, _ config: String) async throws -> (bench: RegistryBench, server: LoopbackServer, scratch: Scratch) {
    let scratch = try Scratch()
    try scratch.write("script", "#!/bin/sh\n\(script)\n")
    // By another process: a child that is forked here meanwhile must not hold it open for writing.
    try scratch.sh("install -m 755 script docker-credential-test")
    let server = try LoopbackServer(registry: { request in
      guard request.header("authorization") == Self.ada else { return .http(401, ["WWW-Authenticate: Basic realm=\"x\""], "") }
      return .manifest()
    })
    var bench = RegistryBench(server)
    bench.settings.config = "config.json"
    bench.files.files["config.json"] = config.replacing("HOST", with: bench.host)
    bench.environment = ["PATH": "\(scratch.path):/usr/bin:/bin"]
    return (bench, server, scratch)
  }

  @Test(arguments: [#"{"credsStore":"test","auths":{"HOST":{}}}"#, #"{"credHelpers":{"HOST":"test"},"credsStore":"none"}"#])
  func `a credential helper is asked for the registry, on standard input`(_ config: String) async throws {
    let all = try await helped(
      #"test "$1" = get && read server && printf '{"ServerURL":"%s","Username":"ada","Secret":"s3cret"}' "$server" && echo "$server" > asked"#
        .replacing("> asked", with: "> \"$(dirname \"$0\")/asked\""), config)
    #expect(isFound(try await all.bench.ask()))
    #expect(try all.scratch.sh("cat asked") == all.bench.host)
  }

  static let failing: [(String, String)] = [
    ("echo 's3cret is locked' >&2; exit 1", "exit code 1"), ("echo s3cret", "no JSON"), ("yes s3cret", "too much"),
  ]

  @Test(arguments: failing) func `a helper that fails is told of, without what it wrote`(_ script: String, _ says: String) async throws {
    let all = try await helped(script, #"{"credsStore":"test"}"#)
    let error = try await all.bench.failure()
    #expect(error.kind == .configuration && error.description.contains(says), "\(error)")
    #expect(!error.description.contains("s3cret"))
    #expect(error.attempted == "ask docker-credential-test for the credentials of \(all.bench.host)")
    #expect(
      error.hint
        == "try it by hand as the account that tagflip runs under: echo '\(all.bench.host)' | \(all.scratch.path)/docker-credential-test get; "
        + "it must answer by itself within 10 s, or correct credsStore of config.json, which names it")
  }

  @Test func `a helper that is not there is told with where it was looked for, and what names it`() async throws {
    for (config, setting) in [(#"{"credsStore":"none"}"#, "credsStore"), (#"{"credHelpers":{"HOST":"none"}}"#, "credHelpers")] {
      let all = try await helped("", config)
      let error = try await all.bench.failure()
      #expect(error.kind == .configuration && error.reason == "there is no such program on the bot's path")
      #expect(
        error.hint
          == "it is looked for in \(all.scratch.path), /usr/bin, /bin: install docker-credential-none there, or correct \(setting) of config.json"
      )
    }
  }

  @Test func `a helper that has none for the registry leaves it to the others`() async throws {
    let all = try await helped(
      "echo 'credentials not found in native keychain'; exit 1",
      #"{"credsStore":"test","auths":{"HOST":{"username":"ada","password":"s3cret"}}}"#)
    #expect(isFound(try await all.bench.ask()))
  }

  @Test func `a helper whose name is a path, or that a pull secret names, does not run`() async throws {
    let all = try await helped("touch \"$(dirname \"$0\")/ran\"", #"{"credsStore":"x/../test"}"#)
    try all.scratch.sh("mkdir docker-credential-x; cp docker-credential-test test")
    #expect(try await all.bench.failure().kind == .configuration)
    var bench = all.bench
    bench.settings.config = nil
    let config = Array(#"{"credsStore":"test","credHelpers":{"\#(bench.host)":"test"}}"#.utf8)
    #expect(try await bench.failure(secrets: [PullSecret(name: "made", config: config)]).kind == .forbidden)
    #expect(try all.scratch.sh("ls").contains("ran") == false)
  }
}
