import FoundationEssentials
import HTTPTransport
import KubernetesModel
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("An exec plugin")
struct ExecPluginTests {
  private static let done = answer(200, "", ["kind": "Service"])

  private static func get(_ client: KubernetesClient) async throws { _ = try await client.get(.service, namespace: "shop", name: "web") }

  private static func patch(_ client: KubernetesClient) async throws {
    _ = try await client.patch(.service, namespace: "shop", name: "web", RetryTests.patch)
  }

  private static func shown(_ fixture: Fixture) -> [String] { fixture.server.requests.map { $0.header("authorization") ?? "nothing" } }

  @Test func `tells a token, once for many calls that wait and for those that come after`() async throws {
    let plugin = try Plugin("sleep 0.2; \(Plugin.token)")
    let fixture = try Fixture([Self.done], credentials: try plugin.access().credentials)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 { group.addTask { try await Self.get(fixture.client) } }
      try await group.waitForAll()
    }
    try await Self.get(fixture.client.within(.seconds(5)))
    #expect(Self.shown(fixture) == Array(repeating: "Bearer token-1", count: 9))
    #expect(plugin.runs == 1)
  }

  // What it is given

  @Test func `is given arguments, its own variables over the process's, and no cluster where it asks for none`() async throws {
    let plugin = try Plugin("echo \"$A|$HOME|$PATH|$2\" > $HERE/given; echo \"$KUBERNETES_EXEC_INFO\" > $HERE/info; \(Plugin.token)")
    let more: [String: JSON] = [
      "env": [["name": "A", "value": "b c"], ["name": "HOME", "value": ""]],
      "args": [.string("\(plugin.folder.path)/plugin.sh"), "one", "two words"],
    ]
    let fixture = try Fixture([Self.done], credentials: try plugin.access(more).credentials)
    try await Self.get(fixture.client)
    #expect(plugin.folder.read("given") == "b c||\(ProcessInfo.processInfo.environment["PATH"] ?? "")|two words\n")
    #expect(
      try JSON(parsing: plugin.folder.read("info")) == [
        "apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "spec": ["interactive": false],
      ])
  }

  @Test func `is given the cluster where it asks for it, files' content and what is meant for plugins included`() async throws {
    let plugin = try Plugin("echo \"$KUBERNETES_EXEC_INFO\" > $HERE/info; \(Plugin.token)")
    try plugin.folder.write("ca.crt", "CA")
    let cluster: JSON = [
      "server": "https://h:6443/", "certificate-authority": "ca.crt", "tls-server-name": "kubernetes", "proxy-url": "socks5://p:1",
      "disable-compression": true,
      "extensions": [
        ["name": "other", "extension": 1], ["name": "client.authentication.k8s.io/exec", "extension": ["audience": "x"]],
      ],
    ]
    let fixture = try Fixture([Self.done], credentials: try plugin.access(["provideClusterInfo": true], cluster: cluster).credentials)
    try await Self.get(fixture.client)
    #expect(
      try JSON(parsing: plugin.folder.read("info"))["spec", "cluster"] == [
        "server": "https://h:6443/", "certificate-authority-data": "Q0E=", "tls-server-name": "kubernetes", "proxy-url": "socks5://p:1",
        "disable-compression": true, "config": ["audience": "x"],
      ])
  }

  @Test func `is found beside its kubeconfig where its command is a relative path, and in PATH where it is a name`() async throws {
    let plugin = try Plugin(Plugin.token)
    try plugin.folder.write("bin/.keep", "")
    try FileManager.default.createSymbolicLink(atPath: "\(plugin.folder.path)/bin/tell", withDestinationPath: "/bin/sh")
    for command in ["./bin/tell", "bin/tell", "sh"] {
      let fixture = try Fixture([Self.done], credentials: try plugin.access(["command": .string(command)]).credentials)
      try await Self.get(fixture.client)
    }
    #expect(plugin.runs == 3)
  }

  @Test(arguments: ["Never", "IfAvailable"]) func `has nobody to ask`(mode: String) async throws {
    let plugin = try Plugin("read answer; (exec < /dev/tty) 2> /dev/null && echo terminal > $HERE/asked; \(Plugin.token)")
    let fixture = try Fixture([Self.done], credentials: try plugin.access(["interactiveMode": .string(mode)]).credentials)
    try await Self.get(fixture.client)
    #expect(plugin.folder.read("asked").isEmpty)
  }

  @Test func `of the beta version speaks that, and may leave out its mode`() async throws {
    let version = "client.authentication.k8s.io/v1beta1"
    let plugin = try Plugin("echo \"$KUBERNETES_EXEC_INFO\" > $HERE/info; \(Plugin.tells("'\"token\":\"t\"'", version: version))")
    let fixture = try Fixture(
      [Self.done], credentials: try plugin.access(["apiVersion": .string(version), "interactiveMode": nil]).credentials)
    try await Self.get(fixture.client)
    #expect(try JSON(parsing: plugin.folder.read("info"))["apiVersion"] == .string(version))
    #expect(Self.shown(fixture) == ["Bearer t"])
  }

  @Test func `is not run where the user has a token besides`() throws {
    let plugin = try Plugin(Plugin.token)
    let access = try KubeConfigTests.access(KubeConfigTests.document(user: ["token": "t", "exec": plugin.exec()]))
    #expect(KubeConfigTests.token(access) == "fixed t")
  }

  // A certificate

  @Test func `tells a certificate, which stands in for the user's own`() async throws {
    let plugin = try Plugin(Plugin.tells("'\"clientCertificateData\":\"CERT\\\\nX\",\"clientKeyData\":\"KEY\"'"))
    let client = KubernetesClient(access: try plugin.access(), http: HTTPClient(userAgent: "tests"))
    let shown = try await client.credentials(for: "x", within: .seconds(10))
    let call = try Call("GET", "get", .service, namespace: "shop", name: "web")
    let request = client.request(call, shown, limits: HTTPLimits())
    #expect(request.tls.clientCertificate == Array("CERT\nX".utf8) && request.tls.clientKey == Array("KEY".utf8))
    #expect(!request.headers.contains { $0.name == "Authorization" })
  }

  // When it is asked again

  @Test func `is asked again once what it told has expired, and not before`() async throws {
    let plugin = try Plugin(Plugin.tells("'\"token\":\"token-'$N'\",\"expirationTimestamp\":\"2026-01-02T03:04:05Z\"'"))
    let end = 1_767_323_045.0
    let clock = Counter()
    // The time that is told with each look: twice before the end, at it, and after.
    let credentials = PluginCredentials(try plugin.plugin()) { end + [-60, -60, -60, -1, 0, 0, 0, 7][min(clock.next(), 7)] }
    var tokens: [String] = []
    for _ in 0..<4 { tokens.append(try await credentials.current(within: .seconds(10)).credential.token ?? "") }
    #expect(tokens == ["token-1", "token-1", "token-2", "token-3"])
  }

  @Test func `is asked again where the server does not know the caller, of a write too`() async throws {
    for ask in [Self.get, Self.patch] {
      let plugin = try Plugin(Plugin.token)
      let fixture = try Fixture([try Recording("379-unauthorized-401").answer, Self.done], credentials: try plugin.access().credentials)
      try await ask(fixture.client)
      #expect(Self.shown(fixture) == ["Bearer token-1", "Bearer token-2"])
      try await ask(fixture.client)
      #expect(plugin.runs == 2)
    }
  }

  @Test func `is asked again for a watch`() async throws {
    let plugin = try Plugin(Plugin.token)
    // However busy the machine is, the watch is waited for: only the call's own limit is in the way, and it is far away.
    let fixture = try Fixture(
      [try Recording("379-unauthorized-401").answer, try Recording("257-watch-labelselector-enter-leave").answer],
      credentials: try plugin.access().credentials, limit: .seconds(600))
    let watch = try await fixture.client.watch(.configMap, from: "1", seconds: 600, silence: .seconds(600))
    #expect(try await watch.next() != nil)
    #expect(Self.shown(fixture) == ["Bearer token-1", "Bearer token-2"])
  }

  @Test func `that tells the same again is believed: the server refuses`() async throws {
    let plugin = try Plugin(Plugin.tells("'\"token\":\"same\"'"))
    let fixture = try Fixture([try Recording("379-unauthorized-401").answer], credentials: try plugin.access().credentials)
    #expect(try await failure { try await Self.patch(fixture.client) }.kind == .unauthorized)
    #expect(fixture.server.requests.count == 1)
    #expect(plugin.runs == 2)
  }

  @Test func `that fails when it is asked for others is what is told, and what was refused is not shown again`() async throws {
    for ask in [Self.get, Self.patch] {
      let plugin = try Plugin("[ $N -ne 2 ] || { echo 'your session is over' >&2; exit 1; }; \(Plugin.token)")
      let fixture = try Fixture([try Recording("379-unauthorized-401").answer, Self.done], credentials: try plugin.access().credentials)
      let error = try await failure { try await ask(fixture.client) }
      #expect(error.kind == .unauthorized && error.status == 0)
      #expect(
        error.message
          == "the server does not accept the credentials any more (401), and the plugin /bin/sh of user u in \(plugin.folder.path)/config "
          + "gave no credentials: it ended with exit code 1; it said: your session is over")
      try await ask(fixture.client)
      #expect(Self.shown(fixture) == ["Bearer token-1", "Bearer token-3"])
    }
  }

  @Test func `never gives a number twice, so that a late refusal hits no other credential than its own`() async throws {
    let plugin = try Plugin("[ $N -ne 2 ] || exit 1; \(Plugin.token)")
    let credentials = PluginCredentials(try plugin.plugin()) { nil }
    #expect(try await credentials.current(within: .seconds(600)).number == 1)
    await #expect(throws: ExecPluginError.self) { _ = try await credentials.current(refused: 1, within: .seconds(600)) }
    #expect(try await credentials.current(within: .seconds(600)).number == 2)
    #expect(try await credentials.current(refused: 1, within: .seconds(600)).credential.token == "token-3")
    #expect(plugin.runs == 3)
  }

  @Test func `that tells ever other tokens is asked once more for a call, and no oftener`() async throws {
    let plugin = try Plugin(Plugin.token)
    let fixture = try Fixture([try Recording("379-unauthorized-401").answer], credentials: try plugin.access().credentials)
    #expect(try await failure { try await Self.patch(fixture.client) }.kind == .unauthorized)
    #expect(fixture.server.requests.count == 2)
  }

  // Times as Go's encoder and others write them.
  @Test(arguments: [
    ("2026-01-02T03:04:05Z", 1_767_323_045.0), ("2026-01-02T03:04:05.5Z", 1_767_323_045.5), ("2026-01-02T03:04:05+02:00", 1_767_315_845),
    ("2026-01-02T03:04:05.123456789-08:00", 1_767_351_845.123), ("9999-12-31T23:59:59Z", 253_402_300_799),
  ])
  func `says until when, as Go's encoder and others write it`(text: String, seconds: Double) throws {
    let output =
      "{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{\"token\":\"t\",\"expirationTimestamp\":\"\(text)\"}}"
    let expires = try #require(try ExecCredential(output: Array(output.utf8), version: .v1).expires)
    #expect(abs(expires - seconds) < 0.002)
  }

  // Limits

  @Test func `is waited for no longer than the call's limit, and what it says late serves the next call`() async throws {
    let plugin = try Plugin("sleep 1; \(Plugin.token)")
    let fixture = try Fixture([Self.done], credentials: try plugin.access().credentials)
    let error = try await failure { try await Self.patch(fixture.client.within(.milliseconds(100))) }
    #expect(error.kind == .unreachable && error.message.contains("gave no credentials within the call's limit; try it by hand as"))
    try await Self.patch(fixture.client)
    #expect(plugin.runs == 1 && fixture.server.requests.count == 1)
  }

  @Test func `is not waited for by a task that is cancelled`() async throws {
    let plugin = try Plugin("sleep 1; \(Plugin.token)")
    let fixture = try Fixture([Self.done], credentials: try plugin.access().credentials)
    let error = try await withThrowingTaskGroup(of: KubernetesError.self) { group in
      group.addTask { try await failure { try await Self.patch(fixture.client) } }
      #expect(await eventually { plugin.runs == 1 })
      group.cancelAll()
      return try #require(try await group.next())
    }
    #expect(error.kind == .cancelled && fixture.server.accepted == 0)
  }
}
