import FoundationEssentials
import KubernetesModel
import Testing

/// The manifests under `jobs/`, on a real API server with real RBAC: the rights that they give are enough, for the bot and for a person.
/// The embedded cluster knows no RBAC.
@Suite("Rights", .serialized, .enabled(if: World.realCluster != nil, "needs TAGFLIP_TEST_KUBECONFIG: the embedded cluster knows no RBAC"))
struct RightsTests {
  @Test("With the rights of jobs/rbac.yaml the bot releases and a person on call rolls back, retires and looks")
  func rights() async throws {
    let world = try await World.make()
    try await grant(in: world)
    defer { revoke(in: world) }
    try await use("tagflip", in: world)
    _ = try await world.tagflip("run")
    for (version, color) in [("1.0.0", "blue"), ("1.1.0", "green")] {
      try await world.release(version)
      let run = try await world.tagflip("run")
      #expect(run.status == 0, "\(run.errors)\(run.output)")
      #expect(try await world.activeColor() == color)
    }
    try await world.release("1.2.0", faults: ["error-rate": "1", "bad-after-real-requests": "1"])
    let back = try await world.tagflip("run")
    #expect(back.status == 10, "\(back.errors)\(back.output)")
    let doctor = try await world.tagflip("doctor")
    #expect(doctor.output.contains("ok       rights") && doctor.output.contains("takes you for system:serviceaccount:"), "\(doctor.output)")

    try await use("on-call", in: world)
    let status = try await world.tagflip("status", "web")
    #expect(status.status == 0, "\(status.errors)")
    #expect(status.output.contains("users are on green, 1.1.0"), "\(status.output)")
    try await use("tagflip", in: world)
    try await world.release("1.3.0")
    #expect(try await world.tagflip("run").status == 0)
    try await use("on-call", in: world)
    let rollback = try await world.tagflip("rollback", "web", "--reason", "slow")
    #expect(rollback.status == 0, "\(rollback.errors)\(rollback.output)")
    #expect(!rollback.output.contains("not in Git yet") && !rollback.errors.contains("warning"), "\(rollback.errors)\(rollback.output)")
    #expect(try await world.activeColor() == "green")
    try await use("auditor", in: world)
    let verified = try await world.verifyLive()
    #expect(verified.status == 0, "two accounts, and all that they did is on record: \(verified.output)")
    let secrets = try await Command(
      ["kubectl", "--kubeconfig", "\(world.root)/on-call.kubeconfig", "-n", world.namespace, "get", "secrets"], in: world.root
    ).wait()
    #expect(secrets.status != 0 && secrets.errors.contains("Forbidden"), "a person on call reads no Secret")
  }

  @Test("With the rights of jobs/rbac.yaml an auditor compares the trail with the cluster, and changes nothing")
  func auditor() async throws {
    let world = try await World.make()
    try await grant(in: world)
    defer { revoke(in: world) }
    try await use("tagflip", in: world)
    _ = try await world.tagflip("run")
    for version in ["1.0.0", "1.1.0"] {
      try await world.release(version)
      _ = try await world.tagflip("run")
    }
    try await use("auditor", in: world)
    let verified = try await world.verifyLive()
    #expect(verified.status == 0, "\(verified.errors)\(verified.output)")
    #expect(
      verified.output.contains("1 service, 1 Deployment, 2 pods compared with the records; it saw the branch at"), "\(verified.output)")
    let rollback = try await world.tagflip("rollback", "web")
    #expect(rollback.status == 32, "\(rollback.errors)")
    #expect(try await world.activeColor() == "green")
  }

  @Test("A bot that lacks a right is refused at once, says which one, and changes nothing")
  func forbidden() async throws {
    let world = try await World.make()
    _ = try await world.tagflip("run")
    try await world.release("1.0.0")
    try await account("nobody", in: world)
    try await use("nobody", in: world)
    let run = try await world.tagflip("run")
    #expect(run.status == 32, "\(run.errors)\(run.output)")
    #expect(run.output.contains("cannot get resource") && run.output.contains("next:"), "\(run.output)")
    let doctor = try await world.tagflip("doctor")
    #expect(doctor.status == 30 && doctor.output.contains("you may not patch services in \(world.namespace)"), "\(doctor.output)")
    #expect(try await world.activeColor() == "none")
  }

  @Test("A bot that may not read EndpointSlices moves nobody, names the right, and goes on once it has it")
  func noSlices() async throws {
    let world = try await World.make()
    try await grant(in: world)
    defer { revoke(in: world) }
    try await use("tagflip", in: world)
    _ = try await world.tagflip("run")
    try await world.release("1.0.0")
    #expect(try await world.tagflip("run").status == 0)
    let role = try JSON(parsing: try await world.kubectl("get", "clusterrole", "\(world.state)-releaser", "-o", "json", namespace: nil))
    var less = role
    less["rules"] = .array((role["rules"]?.array ?? []).filter { $0["resources"]?.array?.contains("endpointslices") != true })
    #expect(less["rules"] != role["rules"])
    less["metadata", "resourceVersion"] = nil
    try world.write("less.json", less.text)
    _ = try await world.kubectl("replace", "-f", "\(world.root)/less.json", namespace: nil)
    try await world.release("1.1.0")
    let run = try await world.tagflip("run")
    #expect(run.status == 32, "\(run.errors)\(run.output)")
    #expect(run.output.contains("resources [\"endpointslices\"], verbs [\"list\"]"), "\(run.output)")
    #expect(try await world.activeColor() == "blue")
    _ = try await world.kubectl("apply", "-f", "\(world.root)/rbac.yaml", namespace: nil)
    let again = try await world.tagflip("run")
    #expect(again.status == 0, "\(again.errors)\(again.output)")
    #expect(try await world.activeColor() == "green")
    try await world.demandIntegrity()
  }

  @Test("With jobs/guard.yaml a hand past tagflip moves nobody, and may change what is none of its business")
  func guarded() async throws {
    let world = try await World.make()
    try await grant(in: world)
    try world.write(
      "guard.yaml",
      try manifest("guard.yaml", in: world).replacing("serviceaccount:tagflip:", with: "serviceaccount:\(world.state):")
        .replacing("metadata.name: shop}", with: "metadata.name: \(world.namespace)}"))
    _ = try await world.kubectl("apply", "-f", "\(world.root)/guard.yaml", namespace: nil)
    defer { revoke(in: world) }
    try await use("tagflip", in: world)
    _ = try await world.tagflip("run")
    for version in ["1.0.0", "1.1.0"] {
      try await world.release(version)
      #expect(try await world.tagflip("run").status == 0)
    }
    let hands = [
      #"{"spec":{"selector":{"tagflip.dev/color":"blue"}}}"#, #"{"metadata":{"annotations":{"tagflip.dev/version":"9.9.9"}}}"#,
      #"{"metadata":{"annotations":{"tagflip.dev/standby":null}}}"#,
    ]
    for hand in hands {
      var refused = false
      // An API server takes a moment until a new policy counts.
      for _ in 0..<60 where !refused {
        let done = try await Command(
          [
            "kubectl", "--kubeconfig", "\(world.root)/kubeconfig", "-n", world.namespace, "patch", "service", "web", "--dry-run=server",
            "-p", hand,
          ],
          in: world.root
        ).wait()
        refused = done.status != 0 && done.errors.contains("only it moves users")
        if !refused { try await Task.sleep(for: .milliseconds(500)) }
      }
      #expect(refused, "\(hand)")
    }
    _ = try await world.kubectl("label", "service", "web", "team=shop")
    #expect(try await world.activeColor() == "green")
  }

  @Test("Every manifest under jobs/ is accepted by the server", arguments: ["rbac.yaml", "cronjob.yaml", "guard.yaml"])
  func accepted(_ name: String) async throws {
    let world = try await World.make()
    try world.write(name, try manifest(name, in: world))
    let answer = try await world.kubectl("apply", "--dry-run=server", "--validate=strict", "-f", "\(world.root)/\(name)", namespace: nil)
    #expect(answer.contains("server dry run"))
  }

  // MARK: Accounts

  /// The manifests with this world's names. The bot's namespace exists, and a ServiceAccount stands for the group of people.
  private func manifest(_ name: String, in world: World) throws -> String {
    let path = String(#filePath.dropLast("Tests/EndToEndTests/RightsTests.swift".count)) + "jobs/" + name
    func account(_ name: String) -> String { "subjects: [{kind: ServiceAccount, name: \(name), namespace: tagflip}]" }
    func group(_ name: String) -> String { #"subjects: [{kind: Group, name: "shop:\#(name)", apiGroup: rbac.authorization.k8s.io}]"# }
    return String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
      .replacing(group("on-call"), with: account("on-call")).replacing(group("auditors"), with: account("auditor"))
      .replacing("namespace: tagflip", with: "namespace: \(world.state)").replacing(
        "namespace: shop", with: "namespace: \(world.namespace)"
      )
      .replacing("name: tagflip\n  labels", with: "name: \(world.state)\n  labels")
      .replacing("name: tagflip-", with: "name: \(world.state)-").replacing("policyName: tagflip-", with: "policyName: \(world.state)-")
  }

  private func grant(in world: World) async throws {
    let probes = """
      ---
      apiVersion: rbac.authorization.k8s.io/v1
      kind: RoleBinding
      metadata: {name: probes, namespace: \(world.namespace)}
      roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: \(world.state)-probes}
      subjects: [{kind: ServiceAccount, name: tagflip, namespace: \(world.state)}]
      """
    try world.write("rbac.yaml", try manifest("rbac.yaml", in: world) + probes)
    _ = try await world.kubectl("apply", "-f", "\(world.root)/rbac.yaml", namespace: nil)
    try await account("tagflip", in: world)
    try await account("on-call", in: world)
    try await account("auditor", in: world)
  }

  private func revoke(in world: World) {
    let roles = ["releaser", "operator", "auditor", "probes", "nodes"].map { "\(world.state)-\($0)" }
    _ = try? Command(["kubectl", "--kubeconfig", "\(world.root)/kubeconfig", "delete", "clusterrole"] + roles, in: "/tmp")
    let policies = ["validatingadmissionpolicy", "validatingadmissionpolicybinding"].map { "\($0)/\(world.state)-guard" }
    _ = try? Command(["kubectl", "--kubeconfig", "\(world.root)/kubeconfig", "delete", "--ignore-not-found"] + policies, in: "/tmp")
  }

  /// A kubeconfig with a token of the account, as a CronJob or a person would have it.
  private func account(_ name: String, in world: World) async throws {
    if name != "tagflip" { _ = try await world.kubectl("create", "serviceaccount", name, namespace: world.state) }
    let token = try await world.kubectl("create", "token", name, namespace: world.state).split(separator: "\n")[0]
    var config = try JSON(parsing: try await world.kubectl("config", "view", "--raw", "--minify", "-o", "json"))
    config["users"] = [["name": .string(name), "user": ["token": .string(String(token))]]]
    config["contexts"] = [
      ["name": .string(name), "context": ["cluster": config["clusters"]?.array?.first?["name"] ?? "", "user": .string(name)]]
    ]
    config["current-context"] = .string(name)
    try world.write("\(name).kubeconfig", config.text)
  }

  private func use(_ name: String, in world: World) async throws {
    try world.write("tagflip.yaml", world.settings().replacing("kubeconfig: kubeconfig", with: "kubeconfig: \(name).kubeconfig"))
  }
}
