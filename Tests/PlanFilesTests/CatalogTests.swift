import PlanFiles
import ReleaseEngine
import ReleaseModel
import Testing

/// What a release repo releases, and where each service lives.
@Suite struct CatalogTests {
  @Test func `an empty catalog releases every folder with a plan, by the standard pattern`() async throws {
    let catalog = try await MemoryFiles(["tagflip.yaml": "", "services/api/cutover.yaml": "extends: none\nnamespace: shop\n"]).catalog()
    #expect(catalog.services.map(\.text).sorted() == ["api", "web"])
    #expect("\(catalog.pattern)" == "{service}/v{version}")
    let web = try #require(catalog.targets[MemoryFiles.service])
    #expect(web.namespace == "shop" && web.activeService == "web" && web.previewService == "web-preview" && web.cluster == "default")
  }

  @Test func `ten thousand services are found without being named`() async throws {
    var files: [String: String?] = ["tagflip.yaml": ""]
    for number in 0..<9999 { files["services/s\(number)/cutover.yaml"] = "extends: none\nnamespace: shop\n" }
    let catalog = try await MemoryFiles(files).catalog()
    #expect(catalog.services.count == 10_000 && catalog.targets.count == 10_000)
  }

  @Test func `who names the services is not held to how many folders lie beside them`() async throws {
    let catalog = try await PlanReader(files: Crowded(files: MemoryFiles()), settings: try MemoryFiles.settings()).catalog(at: "tip")
    #expect(catalog.services.map(\.text) == ["web"])
    let words = await refusal { () async throws(PortError) in
      try await PlanReader(files: Crowded(files: MemoryFiles(["tagflip.yaml": ""])), settings: try MemoryFiles.settings()).catalog(
        at: "tip")
    }
    #expect(words.hasPrefix("services: there are more than 10000 folders in it [name the services that are released from here"), "\(words)")
  }

  /// A repository with more folders than are listed.
  private struct Crowded: RepositoryFiles {
    let files: MemoryFiles

    func read(_ path: String, at commit: String) async throws(PortError) -> [UInt8]? { try await files.read(path, at: commit) }
    func list(_ folder: String, at commit: String) async throws(PortError) -> [String] { try await files.list(folder, at: commit) }
    func folders(in folder: String, holding name: String, at commit: String) async throws(PortError) -> [String] {
      throw RepositoryLimit.tooManyFolders(in: folder)
    }
  }

  @Test func `groups are kept in order`() async throws {
    let catalog = try await MemoryFiles([
      "tagflip.yaml": "groups: [[api], [web]]\n", "services/api/cutover.yaml": "extends: none\nnamespace: shop\n",
    ]).catalog()
    #expect(catalog.groups.map { $0.map(\.text) } == [["api"], ["web"]])
  }

  static let bad: [(String?, String)] = [
    (nil, "tagflip.yaml: the protected branch has no such file [commit one"),
    ("services: web\n", "tagflip.yaml:1:11: services must be a list"),
    ("services: [Web]\n", "\"Web\" cannot be a service's name"), ("services: []\n", "no service is released from here"),
    ("servises: [web]\n", "tagflip.yaml:1:1: unknown key \"servises\" in tagflip.yaml [did you mean \"services\"?]"),
    ("tagPattern: v1\n", "tagflip.yaml:1:13: tagPattern \"v1\" is none"),
    ("tagPattern: \"v{version}\"\nservices: [web, api]\n", "names no service, but there are 2"),
    ("groups: [[web], [web]]\n", "each name once"), ("groups: [[]]\n", "groups must be lists of service names"),
    ("services: [web\n", "not valid YAML"),
  ]

  @Test(arguments: bad) func `a catalog that is wrong is refused with its place`(_ text: String?, _ says: String) async {
    let words = await refusal { () async throws(PortError) in try await MemoryFiles(["tagflip.yaml": text]).catalog() }
    #expect(words.contains(says), "\(words)")
  }

  @Test(arguments: [
    ("namespace: tagflip\n", "", "tagflip is the bot's own namespace and never a target"),
    ("namespace: kube-system\n", "policy: {namespaces: [shop]}\n", "does not release to the namespace kube-system [allowed are: shop"),
    ("extends: none\n", "", "namespace is missing"), ("namespace: Shop!\n", "", "namespace: \"Shop!\" is no DNS label"),
    ("extends: none\nnamespace: shop\nservice: a.b\n", "", "service: \"a.b\" is no DNS label"), ("", "", "the file is empty"),
    ("extends: nosuch\nnamespace: shop\n", "", "the protected branch has no templates/nosuch.yaml"),
    ("extends: ../../x\nnamespace: shop\n", "", "cannot be a template's name"),
  ])
  func `a service that cannot be found by its plan is broken, and the others are not`(_ plan: String, _ settings: String, _ says: String)
    async throws
  {
    let text = plan.contains("extends") || plan.isEmpty ? plan : "extends: none\n" + plan
    let catalog = try await MemoryFiles([
      "tagflip.yaml": "services: [web, api]\n", "services/web/cutover.yaml": text,
      "services/api/cutover.yaml": "extends: none\nnamespace: shop\n",
    ]).catalog(settings)
    let broken = try #require(catalog.broken[MemoryFiles.service])
    #expect(words(broken).contains(says), "\(words(broken))")
    #expect(broken.location?.file == "services/web/cutover.yaml")
    #expect(catalog.targets[MemoryFiles.service] == nil && catalog.targets.count == 1)
  }

  @Test func `what is wrong beside a service's place is left to the tags that carry it`() async throws {
    let files = MemoryFiles(["services/web/cutover.yaml": "extends: none\nnamespace: shop\nbakke: 5\nsmoke: 7\n"])
    #expect(try await files.catalog().targets.count == 1)
    let words = await refusal { () async throws(PortError) in try await files.blueprint() }
    #expect(words.contains("services/web/cutover.yaml:3:1: unknown key \"bakke\"") && words.contains("smoke must be a mapping"), "\(words)")
  }

  @Test func `two plans that name one active Service are both broken`() async throws {
    let catalog = try await MemoryFiles([
      "tagflip.yaml": "services: [web, api]\n", "services/api/cutover.yaml": "extends: none\nnamespace: shop\nservice: web\n",
    ]).catalog()
    #expect(catalog.targets.isEmpty && catalog.broken.count == 2)
    for error in catalog.broken.values { #expect(words(error).contains("name the same active Service shop/web")) }
  }

  @Test func `the example is right, and a new service needs ten lines`() async throws {
    let paths = ["tagflip.yaml", "templates/standard.yaml", "services/web/cutover.yaml", "services/web/manifests/web.yaml"]
    let files = MemoryFiles(Dictionary(uniqueKeysWithValues: paths.map { ($0, Samples.text("config/example/" + $0)) }))
    let blueprint = try await files.blueprint(
      "policy: {namespaces: [shop]}\nfloors: {bake: 1m, failureRate: 10%, standby: 5m, gates: [smoke, bake]}\n")
    #expect(blueprint.plan.bake.durationMs == 300_000 && blueprint.plan.smoke.checks.count == 2)
    #expect(Samples.text("config/example/services/web/cutover.yaml").split(separator: "\n").count <= 10)
    #expect(
      Samples.text("config/example/templates/standard.yaml").split(separator: "\n").dropFirst()
        == Samples.text("config/templates/standard.yaml").split(separator: "\n").dropFirst())
  }
}
