import PlanFiles
import ReleaseEngine
import ReleaseModel
import Testing

/// A service's plan over its template over the catalog's defaults.
@Suite struct PlanFileTests {
  private func plan(_ lines: String, _ changes: [String: String?] = [:], settings: String = "") async throws(PortError) -> ServicePlan {
    var all: [String: String?] = ["services/web/cutover.yaml": "namespace: shop\n" + lines]
    all.merge(changes) { _, new in new }
    return try await MemoryFiles(all).blueprint(settings).plan
  }

  @Test func `the nearest layer decides: the plan, then the template, then the defaults`() async throws {
    let plan = try await plan(
      "extends: fast\nbake: {duration: 2m}\n",
      [
        "templates/fast.yaml": "bake: {duration: 1m, interval: 2s}\nstandby: {warm: 1h}\n",
        "tagflip.yaml": "services: [web]\ndefaults: {bake: {interval: 9s, restarts: 3}, standby: {warm: 9h}, first: withdraw}\n",
      ])
    #expect(plan.bake.durationMs == 120_000 && plan.bake.intervalMs == 2000 && plan.bake.restarts == 3)
    #expect(plan.standby.warmMs == 3_600_000 && plan.first == .withdraw)
  }

  @Test func `how long connections live is as the plan says, and nothing where it does not`() async throws {
    #expect(try await plan("extends: none\n").connections == nil)
    let long = try await plan("extends: none\nconnections: long\n")
    #expect(long.connections == .long && long.connectionsMs == long.deploy.readyWithinMs)
    let short = try await plan("extends: none\nconnections: short\n")
    #expect(short.connections == .short && short.connectionsMs == 0)
  }

  @Test func `lists replace each other, and a null takes nothing away from farther layers`() async throws {
    let plan = try await plan(
      "extends: fast\nsmoke: {checks: [{path: /mine}]}\nport: null\n",
      ["templates/fast.yaml": "smoke: {checks: [{path: /a}, {path: /b}], within: 7s}\nport: http\n"])
    #expect(plan.smoke.checks.map(\.path) == ["/mine"] && plan.smoke.withinMs == 7000)
    #expect(plan.port == "http")
  }

  @Test func `how many pods the new color has until smoke has passed is all of them where nobody says otherwise`() async throws {
    let small = try await plan("extends: none\npreviewReplicas: 2\n")
    #expect(small.previewReplicas == 2)
    #expect(small.previewSizes(["web": 5, "cart": 1]) == ["web": 2, "cart": 1])
    let whole = try await plan("extends: none\n")
    #expect(whole.previewReplicas == nil && whole.previewSizes(["web": 5]) == ["web": 5])
  }

  @Test func `an overlap is what the plan or its template says, and part of how long users are exposed`() async throws {
    let own = try await plan("extends: none\noverlap: 30s\nbake: {duration: 1m}\n")
    #expect(own.overlapMs == 30_000 && own.exposedMs == 90_000)
    let inherited = try await plan("extends: slow\n", ["templates/slow.yaml": "overlap: 2m\n"])
    #expect(inherited.overlapMs == 120_000)
    let none = try await plan("extends: none\nbake: {duration: 1m}\n")
    #expect(none.overlapMs == nil && none.exposedMs == 60_000)
    // A plan without it is digested as it was before there was such a key.
    #expect(try !CanonicalJSON.text(of: none).contains("overlap"))
  }

  @Test(arguments: ["0s", "999ms", "1h1s", "24h"])
  func `an overlap that is none, or does not end soon, is refused by name`(_ text: String) async throws {
    let error = await #expect(throws: PortError.self) { _ = try await plan("extends: none\noverlap: \(text)\n") }
    #expect(error?.reason.contains("overlap must be from 1s to 1h") == true, "\(String(describing: error))")
    #expect(error?.location?.line != nil)
  }

  @Test func `a check holds all that it may say`() async throws {
    let check =
      "{name: home, method: POST, path: /x?y=1, headers: {A: b}, status: [200, 204], header: {Content-Type: json}, body: ok, "
      + "json: {/a/b: 1, \"\": x}, latency: 20ms, timeout: 1s, times: 4}"
    let plan = try await plan("extends: none\nsmoke: {checks: [\(check)]}\n")
    let read = try #require(plan.smoke.checks.first)
    #expect(read.name == "home" && read.method == "POST" && read.path == "/x?y=1" && read.headers == ["A": "b"])
    #expect(
      read.status == [200, 204] && read.header == ["Content-Type": "json"] && read.body == "ok" && read.json == ["/a/b": "1", "": "x"])
    #expect(read.latencyMs == 20 && read.timeoutMs == 1000 && read.times == 4)
  }

  static let bad: [(String, String)] = [
    ("bakke: {}\n", "services/web/cutover.yaml:3:1: unknown key \"bakke\" in the plan [did you mean \"bake\"?]"),
    ("bake: {duration: soon}\n", "cutover.yaml:3:18: duration must be a duration such as 30s, 5m, 1h30m or 250ms and not \"soon\""),
    ("bake: {duration: -5m}\n", "must be a duration"), ("bake: {failureRate: 2}\n", "failureRate must be a share"),
    ("bake: {interval: 10ms}\n", "bake.interval is shorter than 50ms"),
    ("bake: {restarts: -1}\n", "restarts must be a whole number from 0 to 1000"),
    ("connections: endless\n", "connections must be one of short, long"),
    ("bake: {commonCause: jump}\n", "commonCause must be one of stay, flip"), ("smoke: {checks: {path: /}}\n", "checks must be a list"),
    ("smoke: {checks: [{path: home}]}\n", "path must begin with /"), ("smoke: {checks: [{path: \"/a b\"}]}\n", "hold no spaces"),
    ("smoke: {checks: [{paht: /}]}\n", "unknown key \"paht\" in a check [did you mean \"path\"?]"),
    ("smoke: {checks: [{path: /, status: 99}]}\n", "status must be an HTTP status"),
    ("smoke: {checks: [{path: /, status: []}]}\n", "status must be"),
    ("smoke: {checks: [{path: /, body: \"(\"}]}\n", "\"(\" is no regular expression"),
    ("smoke: {checks: [{path: /, header: {A: \"[\"}}]}\n", "\"[\" is no regular expression"),
    ("smoke: {checks: [{path: /, json: {a: b}}]}\n", "\"a\" is no JSON pointer [such as /status]"),
    ("smoke: {checks: [{path: /, method: BREW}]}\n", "method \"BREW\" is none"),
    ("smoke: {checks: [{path: /, times: 0}]}\n", "times must be"),
    ("images: [{name: \"registry.example/web:1\", tag: x}]\n", "an image's name is registry and repository alone"),
    ("images: [{name: registry.example/web}]\n", "an image needs a tag or a digest"),
    ("images: [{name: registry.example/web, tag: a, digest: b}]\n", "an image needs a tag or a digest"),
    ("images: [{name: registry.example/web, digest: \"sha256:1\"}]\n", "digest must be sha256:"),
    ("images: [{name: registry.example/web, tag: \"a b\"}]\n", "cannot be an image's tag"),
    ("standby: {whenWarm: never}\n", "must be one of wait, replace"),
    ("preview: web\n", "preview and service are the same Service"), ("probes: {route: url}\n", "probes.route: url needs activeURL"),
    ("probes: {route: url, activeURL: \"http://169.254.169.254/\"}\n", "169.254.169.254 is a link-local address"),
    ("probes: {route: url, activeURL: \"http://[fe80::1]/\"}\n", "link-local"),
    ("probes: {route: url, activeURL: \"http://127.0.0.1/\"}\n", "loopback"),
    ("probes: {route: url, activeURL: \"http://LOCALHOST:80/\"}\n", "loopback"),
    ("probes: {route: url, activeURL: \"file:///etc\"}\n", "no http or https address"),
    ("probes: {route: url, activeURL: \"https://shop.example/a b\"}\n", "the address holds blanks or control characters"),
    ("probes: {route: url, activeURL: \"https://shop.example:x/\"}\n", "the address has a port that is no number"),
    ("probes: {route: url, activeURL: \"https://shop.example:99999/\"}\n", "the address has a port that is no number"),
    ("probes: {route: url, activeURL: \"https://other.example/\"}\n", "do not allow checks to reach other.example (policy.hosts)"),
    ("probes: {route: url, activeURL: \"https://shop.example@other.example/\"}\n", "activeURL: the address holds a name or a password"),
    ("probes: {route: url, activeURL: \"https://ada:pw@shop.example/\"}\n", "activeURL: the address holds a name or a password"),
    ("probes: {route: url, activeURL: \"https://shop.example/?a=b\"}\n", "activeURL: the address has a query"),
    (
      "probes: {route: url, activeURL: \"https://shop.example\", previewURL: \"https://shop.example#a\"}\n",
      "previewURL: the address has a fragment"
    ),
    ("approval: {}\n", "approval is not supported yet"), ("runs: when-active\n", "runs must be a list"),
    ("runs: [{kind: Job, name: m, runs: before-cutover}]\n", "runs: Job m needs backwardCompatible: true"),
    ("runs: [{kind: CronJob, name: n, runs: before-cutover}]\n", "a CronJob cannot run before-cutover"),
    ("runs: [{kind: Deployment, runs: when-active}]\n", "runs: name is missing"),
    ("runs: [{kind: Deployment, name: w, runs: when-active, within: 1ms}]\n", "runs.within is shorter than 1s"),
    ("runs: [{kind: Deployment, name: w, runs: when-active}, {kind: Deployment, name: w, runs: when-active}]\n", "is there twice"),
    ("bake: {duration: 1s}\nbake: {}\n", "a key stands twice: bake"),
  ]

  @Test(arguments: bad) func `what is wrong in a plan is said with its place`(_ lines: String, _ says: String) async {
    let words = await refusal { () async throws(PortError) in
      try await plan("extends: none\n" + lines, settings: "policy: {hosts: [shop.example]}\n")
    }
    #expect(words.contains(says), "\(words)")
    #expect(words.hasPrefix("services/web/cutover.yaml"), "\(words)")
  }

  static let floors: [(String, String)] = [
    ("bake: {duration: 30s}\n", "bake.duration (30 s) is below the installation's floor of 60 s"),
    ("bake: {duration: 1m, failureRate: 20%}\n", "failureRate"), ("bake: {duration: 1m}\nstandby: {warm: 1m}\n", "standby.warm"),
    ("bake: {duration: 1m, checks: [{path: /}]}\n", "smoke"), ("bake: {duration: 1m}\nsmoke: {checks: [{path: /}]}\n", "bake"),
    ("headroom: warn\nbake: {duration: 1m, checks: [{path: /}]}\nsmoke: {checks: [{path: /}]}\n", "headroom: require"),
  ]

  @Test(arguments: floors) func `a plan looser than the floors is refused`(_ lines: String, _ says: String) async {
    let settings = "floors: {bake: 1m, failureRate: 10%, standby: 5m, gates: [smoke, bake, headroom]}\n"
    let words = await refusal { () async throws(PortError) in try await plan("extends: none\n" + lines, settings: settings) }
    #expect(words.contains(says) && words.contains("[plans may only be stricter than the floors of the settings]"), "\(words)")
  }

  @Test func `a plan at the floors is accepted`() async throws {
    let lines =
      "extends: none\nbake: {duration: 1m, failureRate: 10%, checks: [{path: /}]}\nstandby: {warm: 5m}\nsmoke: {checks: [{path: /}]}\n"
    let settings = "floors: {bake: 1m, failureRate: 10%, standby: 5m, gates: [smoke, bake, headroom]}\n"
    #expect(try await plan(lines, settings: settings).bake.durationMs == 60_000)
  }

  @Test func `a problem in a template names the template`() async {
    let words = await refusal { () async throws(PortError) in
      try await plan("extends: fast\n", ["templates/fast.yaml": "bake:\n  duration: soon\n"])
    }
    #expect(words.hasPrefix("templates/fast.yaml:2:13: duration must be"), "\(words)")
  }
}
