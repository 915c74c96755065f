import FoundationEssentials
import PlanFiles
import ReleaseEngine
import ReleaseModel
import Testing

/// The installation's settings.
@Suite struct SettingsFileTests {
  @Test func `what is not said has the documented default`() throws {
    let settings = try MemoryFiles.settings()
    #expect(settings.repository.branch == "main")
    #expect(settings.repository.cache == "/etc/tagflip/cache/release")
    #expect(settings.audit.branch == "tagflip/audit" && settings.audit.remote == nil)
    #expect(settings.cluster.kubeconfig == nil && !settings.cluster.fixedNodes)
    #expect(settings.runDeadlineMs == 7_200_000)
    #expect(settings.floors.bakeMs == 0 && settings.floors.failureRate == 1 && settings.floors.gates.isEmpty)
    #expect(settings.policy.trustsImages)
  }

  @Test func `how often drift is looked for is said, or that it is not`() throws {
    #expect(try MemoryFiles.settings().driftEveryMs == 600_000)
    #expect(try MemoryFiles.settings("drift: {}\n").driftEveryMs == 600_000)
    #expect(try MemoryFiles.settings("drift: {every: 1h}\n").driftEveryMs == 3_600_000)
    #expect(try MemoryFiles.settings("drift: {every: off}\n").driftEveryMs == nil)
    for wrong in ["59s", "25h", "never", "{}"] {
      let error = #expect(throws: PortError.self) { try MemoryFiles.settings("drift: {every: \(wrong)}\n") }
      #expect(error?.reason.contains("every") == true, "\(wrong): \(error?.reason ?? "")")
    }
  }

  @Test func `relative paths are meant from the settings' folder, addresses stay as they are`() throws {
    func settings(_ url: String) throws -> Settings {
      let text =
        "installation: x\nrepository: {url: \"\(url)\", cache: c}\nstate: {namespace: t}\nimages: trusted\ncluster: {kubeconfig: k}\n"
      return try SettingsFile.settings(Array(text.utf8), path: "conf/tagflip.yaml")
    }
    #expect(try settings("releases.git").repository.url == "conf/releases.git")
    #expect(try settings("/srv/releases.git").repository.url == "/srv/releases.git")
    #expect(try settings("git@git.example:shop/releases.git").repository.url == "git@git.example:shop/releases.git")
    #expect(try settings("https://git.example/x.git").repository.url == "https://git.example/x.git")
    #expect(try settings("x").repository.cache == "conf/c" && settings("x").cluster.kubeconfig == "conf/k")
  }

  @Test func `secrets are named and never shown`() throws {
    let settings = try MemoryFiles.settings("notices: {webhook: {file: hook}, heartbeat: {environment: BEAT}}\n")
    #expect(settings.notices.webhook == .file("/etc/tagflip/hook"))
    #expect(settings.notices.heartbeat == .environment("BEAT"))
  }

  private func images(_ line: String) throws(PortError) -> Settings {
    let text = "installation: x\nrepository: {url: x}\nstate: {namespace: t}\n\(line)\n"
    return try SettingsFile.settings(Array(text.utf8), path: "/etc/tagflip/tagflip.yaml")
  }

  @Test func `images are looked up unless the settings say that they are trusted`() throws {
    #expect(try images("images: trusted").policy.trustsImages)
    #expect(try !images("").policy.trustsImages && images("").images == ImageSettings())
    #expect(try !images("images: {}").policy.trustsImages)
    let settings = try images(
      "images: {config: docker.json, registries: [{host: \"Registry.Example:5000\", config: /own.json, certificateAuthority: ca.pem}, "
        + "{host: \"localhost:5000\", insecure: true}, {host: index.docker.io}]}")
    #expect(!settings.policy.trustsImages)
    #expect(
      settings.images
        == ImageSettings(
          config: "/etc/tagflip/docker.json",
          registries: [
            RegistrySettings(host: "registry.example:5000", config: "/own.json", certificateAuthority: "/etc/tagflip/ca.pem"),
            RegistrySettings(host: "localhost:5000", isInsecure: true), RegistrySettings(host: "docker.io"),
          ]))
  }

  static let badImages: [(String, String)] = [
    ("images: tursted", "images must be \"trusted\" or a mapping"), ("images: [trusted]", "images must be"),
    ("images: {confg: x}", "did you mean \"config\"?"), ("images: {registries: [{config: x}]}", "a registry must say its host"),
    ("images: {registries: [{host: 'https://registry.example/'}]}", "a registry must say its host"),
    ("images: {registries: [{host: registry.example/shop}]}", "a registry must say its host"),
    ("images: {registries: [{host: a.example}, {host: A.example}]}", "names a.example twice"),
    ("images: {registries: [{host: docker.io}, {host: Registry-1.docker.io}]}", "names docker.io twice"),
    ("images: {registries: [{host: a..example}]}", "a registry must say its host"),
    ("images: {registries: [{host: 'a.example:70000'}]}", "a registry must say its host"),
    ("images: {registries: [{host: a.example, insecure: true, certificateAuthority: ca.pem}]}", "cannot be both insecure"),
    ("images: {registries: [{host: a.example, insecure: perhaps}]}", "insecure must be true or false"),
  ]

  @Test(arguments: badImages) func `what is wrong with images is said`(_ line: String, _ says: String) async {
    let words = await refusal { () throws(PortError) in try images(line) }
    #expect(words.contains(says), "\(words)")
  }

  @Test func `a rule for tags says what they must be, and who may sign`() throws {
    let settings = try MemoryFiles.settings(
      "tags: [{services: [web], require: signed, signers: who, revoked: not, onBranch: true}, {require: annotated}]\n")
    let web = try #require(ServiceName("web"))
    #expect(
      settings.tagRule(for: web)
        == TagRule(services: [web], requirement: .signed, signers: "/etc/tagflip/who", revoked: "/etc/tagflip/not", onBranch: true))
    #expect(try settings.tagRule(for: #require(ServiceName("api"))) == TagRule(requirement: .annotated))
    #expect(try MemoryFiles.settings().tagRule(for: web) == nil)
  }

  @Test func `a freeze has a beginning, an end and services`() throws {
    let settings = try MemoryFiles.settings(
      "freezes: [{from: \"2026-12-24T12:00:00Z\", until: \"2026-12-27T06:00:00Z\", reason: holidays, services: [web]}]\n")
    let freeze = try #require(settings.freezes.first)
    #expect(freeze.reason == "holidays" && freeze.services.map(\.text) == ["web"] && freeze.from < freeze.until)
  }

  static let bad: [(String, String)] = [
    ("colour: red\n", "tagflip.yaml:5:1: unknown key \"colour\" in the settings"),
    ("polcy: {}\n", "[did you mean \"policy\"?]"),
    ("cluster: {nodes: some}\n", "tagflip.yaml:5:18: nodes must be one of fixed, autoscaled"),
    ("cluster: [a]\n", "tagflip.yaml:5:10: cluster must be a mapping"),
    ("floors: {bake: 5}\n", "tagflip.yaml:5:16: bake must be a duration"),
    ("floors: {failureRate: 150%}\n", "failureRate must be a share such as 0.05 or 5% and not \"150%\""),
    ("floors: {gates: [smok]}\n", "floors.gates: unknown gate \"smok\" [did you mean \"smoke\"?]"),
    ("freezes: [{from: yesterday, until: tomorrow}]\n", "a freeze needs from and until, two RFC 3339 times in order"),
    ("freezes: [{from: \"2026-12-24T12:00:00Z\", until: \"2026-12-23T12:00:00Z\"}]\n", "in order"),
    ("tags: [{require: signed}]\n", "must say who may sign"), ("tags: [{signedCommit: true}]\n", "must say who may sign"),
    ("tags: [{require: sigend}]\n", "signed"), ("tags: [{services: [\"Web!\"]}]\n", "services: Web! is no service name"),
    ("freezes: [{from: \"2026-12-24T12:00:00Z\", until: \"2026-12-27T06:00:00Z\", services: [\"Web!\"]}]\n", "is no service name"),
    ("freezes: {}\n", "freezes must be a list"), ("audit: {remote: {branch: x}}\n", "audit.remote.url is missing"),
    ("notices: {webhook: {url: x}}\n", "unknown key \"url\" in webhook"),
    ("notices: {webhook: {}}\n", "webhook must say where the secret is found"),
    ("policy: {namespaces: shop}\n", "namespaces must be a list of texts"),
    ("run: {deadline: 999999999d}\n", "deadline must be a duration"),
    ("run: {deadline: \(String(repeating: "999999999d", count: 300))}\n", "deadline must be a duration"),
    ("installation: twice\n", "a key stands twice: installation"), ("run: {deadline: 1h\n", "not valid YAML"),
    ("\tx: y\n", "not valid YAML"),
  ]

  @Test(arguments: bad) func `what is wrong is said with its place and what to write instead`(_ more: String, _ says: String) async {
    let words = await refusal { () throws(PortError) in try MemoryFiles.settings(more) }
    #expect(words.contains(says), "\(words)")
    #expect(words.hasPrefix("/etc/tagflip/tagflip.yaml:"), "\(words)")
  }

  static let whole: [(String, String)] = [
    ("", "the file is empty [begin with the sample config/tagflip.yaml]"), ("# nothing\n", "the file is empty"),
    ("- a\n", "must be a mapping"),
    ("installation: x\n", "repository.url is missing"),
    ("installation: x\nrepository: {url: x}\nimages: trusted\n", "state.namespace is missing"),
    ("repository: {url: x}\nimages: trusted\nstate: {namespace: t}\n", "installation is missing"),
    (
      "installation: x\nrepository: {url: \"https://bot:hunter2@git.example/x\"}\nimages: trusted\nstate: {namespace: t}\n",
      "repository.url holds a password"
    ),
    (
      "a: &a [x, x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\n"
        + "d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]\ne: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]\nf: [*e, *e, *e, *e]\n",
      "unfolds to more than"
    ),
  ]

  @Test func `a file of more than a megabyte is no settings`() async {
    let text = String(repeating: "#", count: 1 << 20) + "\n"
    let words = await refusal { () throws(PortError) in try SettingsFile.settings(Array(text.utf8), path: "tagflip.yaml") }
    #expect(words.contains("longer than"), "\(words)")
  }

  @Test(arguments: whole) func `a file that is no settings at all is refused`(_ text: String, _ says: String) async {
    let words = await refusal { () throws(PortError) in try SettingsFile.settings(Array(text.utf8), path: "tagflip.yaml") }
    #expect(words.contains(says), "\(words)")
    #expect(!words.contains("hunter2"))
  }

  @Test func `bytes that are no UTF-8 are refused`() async {
    let words = await refusal { () throws(PortError) in try SettingsFile.settings([0x61, 0xFF, 0xFE], path: "tagflip.yaml") }
    #expect(words.contains("not UTF-8"))
  }

  @Test func `all problems are told at once`() async {
    let words = await refusal { () throws(PortError) in try MemoryFiles.settings("floors: {bake: 5, standby: x}\nzebra: 1\n") }
    #expect(words.contains("zebra") && words.contains("bake must be") && words.contains("standby must be"), "\(words)")
  }

  @Test func `the sample is right`() throws {
    let sample = Samples.bytes("config/tagflip.yaml")
    let settings = try SettingsFile.settings(sample, path: "config/tagflip.yaml")
    #expect(settings.installation == "example" && settings.floors.gates == [.smoke, .bake])
  }
}

/// The files under `config/`.
enum Samples {
  static let top = String(#filePath.dropLast("Tests/PlanFilesTests/SettingsFileTests.swift".count))

  static func bytes(_ path: String) -> [UInt8] { Array(FileManager.default.contents(atPath: top + path) ?? Data()) }
  static func text(_ path: String) -> String { String(decoding: bytes(path), as: UTF8.self) }
}
