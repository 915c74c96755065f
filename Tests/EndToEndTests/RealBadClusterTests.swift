import FoundationEssentials
import KubernetesModel
import Testing

/// What only a real API server does to itself: admission by policies and webhooks, and its own restart.
@Suite(
  "Bad real clusters", .serialized,
  .enabled(if: World.realCluster != nil, "needs TAGFLIP_TEST_KUBECONFIG: the embedded cluster models no admission"))
struct RealBadClusterTests {
  /// A command that restarts the API server, and returns when it serves again.
  private static let restarting = ProcessInfo.processInfo.environment["TAGFLIP_TEST_API_RESTART"]

  private static func prepare(_ world: World) async throws {
    _ = try await world.tagflip("run")
    try await world.release("1.0.0")
    let first = try await world.tagflip("run")
    try #require(first.status == 0, "\(first.errors)\(first.output)")
    try await world.release("1.1.0")
  }

  /// Deployments of the world's namespace, as admission's rules name them.
  private static func rules(_ world: World) -> (match: String, rules: String) {
    (
      #""namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"\#(world.namespace)"}}"#,
      #"[{"apiGroups":["apps"],"apiVersions":["v1"],"operations":["CREATE","UPDATE"],"resources":["deployments"]}]"#
    )
  }

  /// Waits until a new rule of admission counts: until a Deployment is refused that would be taken without it.
  private static func waitUntilDenied(_ world: World) async throws {
    try world.write(
      "probe.json",
      #"{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"web-green"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}"#
    )
    for _ in 0..<100 {
      let words = ["kubectl", "--kubeconfig", "\(world.root)/kubeconfig", "-n", world.namespace, "create", "--dry-run=server", "-f"]
      if try await Command(words + ["\(world.root)/probe.json"], in: world.root).wait().status != 0 { return }
      try await Task.sleep(for: .milliseconds(200))
    }
    Issue.record("the rule never counted")
  }

  private static func demandBlue(_ world: World, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    #expect(try await world.activeColor() == "blue", sourceLocation: sourceLocation)
    let green = try await world.kubectl("get", "deployments,pods", "-l", "tagflip.dev/color=green", "-o", "name")
    #expect(green.isEmpty, sourceLocation: sourceLocation)
    let ready = try await world.kubectl("get", "deployment", "web-blue", "-o", "jsonpath={.status.readyReplicas}")
    #expect(ready == "2", sourceLocation: sourceLocation)
  }

  @Test("A policy that denies is asked before anything is made: the tag is refused in its words")
  func policy() async throws {
    let world = try await World.make()
    try await Self.prepare(world)
    let name = "\(world.state)-images"
    let (match, rules) = Self.rules(world)
    try world.write(
      "policy.json",
      """
      {"apiVersion":"v1","kind":"List","items":[
       {"apiVersion":"admissionregistration.k8s.io/v1","kind":"ValidatingAdmissionPolicy","metadata":{"name":"\(name)"},
        "spec":{"matchConstraints":{\(match),"resourceRules":\(rules)},
         "validations":[{"expression":"object.metadata.name != 'web-green'","message":"registry.example is not allowed"}]}},
       {"apiVersion":"admissionregistration.k8s.io/v1","kind":"ValidatingAdmissionPolicyBinding","metadata":{"name":"\(name)"},
        "spec":{"policyName":"\(name)","validationActions":["Deny"]}}]}
      """)
    _ = try await world.kubectl("create", "-f", "\(world.root)/policy.json", namespace: nil)
    try await Self.waitUntilDenied(world)
    let run = try await world.tagflip("run")
    _ = try await world.kubectl("delete", "-f", "\(world.root)/policy.json", namespace: nil)
    #expect(run.status == 13, "\(run.errors)\(run.output)")
    #expect(run.output.contains("denied request: registry.example is not allowed"), "\(run.output)")
    #expect(try await world.log().last?.hasPrefix("Refuse web 1.1.0") == true)
    try await Self.demandBlue(world)
    try await world.demandIntegrity()
  }

  @Test("A webhook that nobody answers holds a release up, and once it is gone the release goes on")
  func deadWebhook() async throws {
    let world = try await World.make()
    try await Self.prepare(world)
    let (match, rules) = Self.rules(world)
    try world.write(
      "webhook.json",
      """
      {"apiVersion":"admissionregistration.k8s.io/v1","kind":"ValidatingWebhookConfiguration","metadata":{"name":"\(world.state)-dead"},
       "webhooks":[{"name":"dead.example.com","sideEffects":"None","admissionReviewVersions":["v1"],"timeoutSeconds":1,\(match),
        "clientConfig":{"url":"https://127.0.0.1:9/"},"rules":\(rules)}]}
      """)
    _ = try await world.kubectl("create", "-f", "\(world.root)/webhook.json", namespace: nil)
    try await Self.waitUntilDenied(world)
    let run = try await world.tagflip("run")
    _ = try await world.kubectl("delete", "-f", "\(world.root)/webhook.json", namespace: nil)
    #expect(run.status == 31, "\(run.errors)\(run.output)")
    #expect(run.output.contains("failed calling webhook \"dead.example.com\"") && run.output.contains("next:"), "\(run.output)")
    try await Self.demandBlue(world)
    // An API server takes a moment until a rule that is gone no longer counts.
    var again = try await world.tagflip("run")
    for _ in 0..<20 where again.status == 31 {
      try await Task.sleep(for: .milliseconds(500))
      again = try await world.tagflip("run")
    }
    #expect(again.status == 0, "\(again.errors)\(again.output)")
    #expect(try await world.activeColor() == "green")
    try await world.demandIntegrity()
  }

  @Test(
    "An API server that is restarted during the bake ends no bake: users stay where they are, and the outcome is recorded",
    .enabled(
      if: restarting != nil, "needs TAGFLIP_TEST_API_RESTART, a command that restarts the API server: no other test may run meanwhile"))
  func restart() async throws {
    let world = try await World.make(World.Plan(bake: "15s"))
    try await Self.prepare(world)
    let run = try world.start(["run"])
    try await world.wait(until: run, says: "cutover  ok")
    let restarted = try await Command(["sh", "-c", Self.restarting ?? "false"], in: world.root).wait()
    #expect(restarted.status == 0, "\(restarted.output)\(restarted.errors)")
    let ended = try await run.wait(seconds: 180)
    #expect(ended.status == 0, "\(ended.errors)\(ended.output)")
    #expect(ended.errors.contains("see that the API server runs"), "it was away: \(ended.errors)")
    #expect(try await world.activeColor() == "green")
    #expect(try await world.trailers("Outcome").last == "promoted")
    try await world.demandIntegrity()
  }
}
