import KubernetesModel
import Testing

/// Bad input through the real binary: a clear error that says where and what next, and nothing half done.
@Suite("Bad input", .serialized)
struct BadInputTests {
  /// A tag whose commit holds something wrong.
  struct Tag: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// What the run must say.
    var says: [String]
    /// What a run ends with while the branch's tip is as wrong as the tag; without an error that keeps from finding the service, the tag is
    /// refused.
    var status: Int32 = 13
    var change: @Sendable (World) throws -> Void
  }

  static let plan = "team/services/web/cutover.yaml"
  static let manifest = "team/services/web/manifests/web.yaml"

  static let tags: [Tag] = [
    Tag(testDescription: "malformed YAML", says: ["services/web/cutover.yaml:15:1", "not valid YAML"], status: 30) {
      try $0.write(plan, $0.shortBake + "deploy: {readyWithin: \"40s\n")
    },
    Tag(testDescription: "an unknown key", says: ["services/web/cutover.yaml:", "unknown key \"smok\"", "did you mean \"smoke\"?"]) {
      try $0.write(plan, $0.shortBake + "smok: {}\n")
    },
    Tag(testDescription: "a manifest that is no YAML", says: ["services/web/manifests/web.yaml:"]) {
      try $0.write(manifest, "kind: [Deployment")
    },
    Tag(testDescription: "manifests without a Deployment", says: ["Deployment"]) {
      try $0.write(manifest, "{apiVersion: v1, kind: ConfigMap, metadata: {name: web}, data: {a: b}}")
    },
    Tag(testDescription: "a manifest for another namespace", says: ["web.yaml:", "elsewhere", "namespace"]) {
      try $0.write(manifest, World.manifest([:], replicas: 2).replacing("{name: web}", with: "{name: web, namespace: elsewhere}"))
    },
    Tag(testDescription: "a cluster-scoped kind", says: ["web.yaml:", "ClusterRole"]) {
      try $0.write(manifest, "{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: web}}")
    },
    Tag(testDescription: "something that acts without the Service", says: ["web.yaml:", "CronJob", "nightly"]) {
      try $0.write(
        manifest,
        World.manifest([:], replicas: 2)
          + "\n---\n{apiVersion: batch/v1, kind: CronJob, metadata: {name: nightly}, spec: {schedule: '@daily'}}")
    },
    Tag(
      testDescription: "a plan looser than the floors",
      says: ["services/web/cutover.yaml:", "bake.duration (500 ms) is below the installation's floor of 1 s"]
    ) {
      try $0.write(plan, $0.shortBake.replacing("duration: 2s", with: "duration: 500ms"))
    },
    Tag(testDescription: "a target in the bot's own namespace", says: ["cutover.yaml:2:12", "the bot's own namespace"], status: 30) {
      try $0.write(plan, $0.shortBake.replacing("namespace: \($0.namespace)", with: "namespace: \($0.state)"))
    },
    Tag(testDescription: "a namespace that the policy lacks", says: ["cutover.yaml:2:12", "kube-system", "policy.namespaces"], status: 30) {
      try $0.write(plan, $0.shortBake.replacing("namespace: \($0.namespace)", with: "namespace: kube-system"))
    },
    Tag(testDescription: "a probe of a link-local address", says: ["169.254.169.254", "link-local"]) {
      let route = "route: url, activeURL: \"http://169.254.169.254/latest\""
      try $0.write(plan, $0.shortBake.replacing("route: service", with: route).replacing("route: api", with: route))
    },
    Tag(testDescription: "a Secret that the service may not use", says: ["payments", "policy.secrets"]) {
      let uses = "ports: [{name: http, containerPort: 8080}]\n          envFrom: [{secretRef: {name: payments}}]"
      try $0.write(
        manifest,
        World.manifest([:], replicas: 2).replacing("ports: [{name: http, containerPort: 8080}]", with: uses))
    },
    Tag(testDescription: "missing manifests", says: ["services/web/manifests"]) { world in
      try world.remove("team/services/web/manifests")
    },
    Tag(testDescription: "a missing plan", says: ["services/web/cutover.yaml", "no such file"], status: 30) { world in
      try world.remove("team/services/web")
    },
  ]

  @Test("A tag whose commit is wrong is refused, says where and why, and changes nothing in the cluster", arguments: tags)
  func refusals(_ tag: Tag) async throws {
    let world = try await World.make()
    try world.write("tagflip.yaml", world.settings("policy: {namespaces: [\(world.namespace)]}\nfloors: {bake: 1s}"))
    _ = try await world.tagflip("run")
    try await world.release("1.0.0", change: tag.change)
    let wrong = try await world.tagflip("run")
    #expect(wrong.status == tag.status, "\(wrong.errors)\(wrong.output)")
    try await demandNothing(world)
    // The branch is mended. The tag stays what it was.
    try await world.revert()
    let mended = try await world.tagflip("run")
    let refused = tag.status == 13 ? wrong : mended
    #expect(refused.status == 13, "\(refused.errors)\(refused.output)")
    for run in [wrong, refused] {
      for text in tag.says { #expect((run.output + run.errors).contains(text), "\(run.errors)\(run.output)") }
    }
    try await demandNothing(world)
    #expect(try await world.log().last?.hasPrefix("Refuse web 1.0.0") == true)
    #expect(try await world.tagflip("run").output == "nothing to do\n", "it is not looked at again and again")
  }

  @Test("A Service that is missing is the cluster's matter: the tag is not refused, and is released once the Service is there")
  func missingService() async throws {
    let world = try await World.make()
    _ = try await world.kubectl("delete", "service", "web")
    _ = try await world.tagflip("run")
    try await world.release("1.0.0")
    let run = try await world.tagflip("run")
    #expect(run.status == 30, "\(run.errors)\(run.output)")
    #expect((run.errors + run.output).contains("web") && (run.errors + run.output).contains("next:"), "\(run.errors)\(run.output)")
    try await demandNothing(world)
    try world.write("web.json", World.service(world.namespace))
    _ = try await world.kubectl("create", "-f", "\(world.root)/web.json")
    let again = try await world.tagflip("run")
    #expect(again.status == 0, "\(again.errors)\(again.output)")
    #expect(try await world.activeColor() == "blue")
  }

  @Test(
    "A quota that is too small holds a release up before anything is made, says how much is missing, and lets it go on once there is room")
  func quota() async throws {
    let world = try await World.make()
    try world.write(
      "quota.json",
      #"{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"small","namespace":"\#(world.namespace)"},"spec":{"hard":{"pods":"1"}}}"#
    )
    _ = try await world.kubectl("create", "-f", "\(world.root)/quota.json")
    _ = try await world.tagflip("run")
    try await world.release("1.0.0")
    let run = try await world.tagflip("run")
    #expect(run.output.contains("waiting: no room for a second environment: quota small: pods: 2 needed, 1 of 1 left"), "\(run.output)")
    try await demandNothing(world)
    _ = try await world.kubectl("delete", "resourcequota", "small")
    let roomy = try await world.tagflip("run")
    #expect(roomy.status == 0, "\(roomy.errors)\(roomy.output)")
    #expect(try await world.activeColor() == "blue")
  }

  @Test("An image that never gets ready fails its deploy at the limit, and its pods stop")
  func neverReady() async throws {
    let world = try await World.make()
    _ = try await world.tagflip("run")
    try await world.release(
      "1.0.0", faults: ["never-ready": "true"],
      change: { try $0.write(Self.plan, $0.shortBake.replacing("readyWithin: 40s", with: "readyWithin: 3s")) })
    let run = try await world.tagflip("run")
    #expect(run.status == 11, "\(run.errors)\(run.output)")
    #expect(run.output.contains("0 of 2 pods"), "\(run.output)")
    #expect(try await world.replicas("blue") == "0")
    #expect(try await world.activeColor() == "none")
  }

  @Test("Two services whose plans name the same active Service are both refused")
  func sharedService() async throws {
    let world = try await World.make()
    _ = try await world.tagflip("run")
    try world.write("team/tagflip.yaml", "services: [web, api]")
    try world.write("team/services/api/cutover.yaml", world.shortBake)
    try world.write("team/services/api/manifests/web.yaml", World.manifest([:], replicas: 1))
    try await world.release("1.0.0")
    let run = try await world.tagflip("run")
    #expect(run.status == 13 || run.status == 30, "\(run.errors)\(run.output)")
    #expect((run.errors + run.output).contains("the same"), "\(run.errors)\(run.output)")
    try await demandNothing(world)
  }

  @Test("An empty release repository is a configuration error that says what to push")
  func emptyRepository() async throws {
    let world = try await World.make()
    _ = try await world.gitOutput(["init", "--quiet", "--bare", "\(world.root)/empty.git"])
    try world.write("tagflip.yaml", world.settings().replacing("releases.git", with: "empty.git"))
    let run = try await world.tagflip("run")
    #expect(run.status == 30, "\(run.errors)\(run.output)")
    #expect(run.output.contains("empty.git has no branch main") && run.output.contains("next:"), "\(run.errors)\(run.output)")
  }

  @Test("Wrong credentials and a wrong CA each end a run at once, with an exit code of its own and no word of the secret")
  func credentials() async throws {
    let world = try await World.make()
    let kubeconfig = try await world.kubectl("config", "view", "--raw", "--minify", "-o", "json")
    var config = try JSON(parsing: kubeconfig)
    let token = "no-such-token-4711"
    config["users"] = [["name": "other", "user": ["token": .string(token)]]]
    config["contexts"] = [["name": "other", "context": ["cluster": config["clusters"]?.array?.first?["name"] ?? "x", "user": "other"]]]
    config["current-context"] = "other"
    try world.write("wrong.json", config.text)
    try world.write("tagflip.yaml", world.settings().replacing("kubeconfig: kubeconfig", with: "kubeconfig: wrong.json"))
    let refused = try await world.tagflip("run")
    #expect(refused.status == 32, "\(refused.errors)\(refused.output)")
    #expect(refused.output.contains("next:") && !(refused.output + refused.errors).contains(token), "\(refused.output)\(refused.errors)")
    guard World.realCluster != nil else { return }
    // Somebody else's CA, as after a cluster was made anew.
    _ = try await Command(
      [
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "/dev/null", "-subj",
        "/CN=other", "-out", "\(world.root)/other.pem",
      ], in: world.root
    ).wait()
    var cluster = try #require(config["clusters"]?.array?.first)
    cluster["cluster"] = ["server": cluster["cluster"]?["server"] ?? "", "certificate-authority": .string("\(world.root)/other.pem")]
    config["clusters"] = [cluster]
    try world.write("wrong.json", config.text)
    let untrusted = try await world.tagflip("run")
    #expect(untrusted.status == 31, "\(untrusted.errors)\(untrusted.output)")
    #expect(untrusted.output.contains("certificate") && untrusted.output.contains("next:"), "\(untrusted.output)")
  }

  /// No object, no plan: users and the cluster are as before.
  private func demandNothing(_ world: World, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    let objects = try await world.kubectl("get", "deployments,configmaps,secrets", "-l", "tagflip.dev/color", "-o", "name")
    #expect(objects.isEmpty, sourceLocation: sourceLocation)
    #expect(try await !world.log().contains { $0.hasPrefix("Plan ") }, sourceLocation: sourceLocation)
  }
}
