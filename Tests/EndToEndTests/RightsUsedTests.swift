import ClusterDriver
import FoundationEssentials
import KubernetesModel
import Testing

/// Every right that the bot asks for is one that it uses, and it uses no other: a story in which everything happens, and the log of the API server's
/// requests. `jobs/rbac.yaml` grants just these (RBACTests).
@Suite("Rights used", .serialized) struct RightsUsedTests {
  /// One verb on one kind of object, where it is needed.
  private struct Right: Hashable, CustomStringConvertible {
    var place: NeededRight.Place
    var resource: String
    var verb: String
    var description: String { "\(verb) \(resource) (\(place))" }
  }

  private static let objects = """
    ---
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: web}
    data: {greeting: hello}
    ---
    apiVersion: v1
    kind: Secret
    metadata: {name: web}
    stringData: {password: hunter2}
    ---
    apiVersion: v1
    kind: ServiceAccount
    metadata: {name: web}
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: inner}
    spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
    ---
    apiVersion: policy/v1
    kind: PodDisruptionBudget
    metadata: {name: web}
    spec: {minAvailable: 1, selector: {matchLabels: {app: web}}}
    ---
    apiVersion: autoscaling/v2
    kind: HorizontalPodAutoscaler
    metadata: {name: web}
    spec:
      minReplicas: 1
      maxReplicas: 4
      scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
      metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]
    """

  /// All that a bot does in its life.
  private func live(in world: World) async throws {
    try world.write(
      "tagflip.yaml",
      world.settings("policy: {serviceAccounts: [web]}").replacing("kubeconfig: kubeconfig", with: "kubeconfig: kubeconfig, nodes: fixed"))
    let addObjects: (World) throws -> Void = { world in
      try world.write("team/services/web/manifests/objects.yaml", World.acting() + Self.objects)
      try world.write(
        "team/services/web/cutover.yaml",
        world.shortBake.replacing("checks: [{path: /, json", with: "checks: [{path: /, method: POST}, {path: /, json") + """

          connections: long
          identity: per-color
          runs:
            - {kind: Job, name: migrate, runs: before-cutover, backwardCompatible: true}
            - {kind: CronJob, name: nightly, runs: when-active}
          """)
    }
    _ = try await world.tagflip("run")
    for version in ["1.0.0", "1.1.0"] {
      try await world.release(version, change: addObjects)
      let run = try await world.tagflip("run")
      try #require(run.status == 0, "\(run.errors)\(run.output)")
    }
    _ = try await world.tagflip("plan", "web/v1.1.0")
    #expect(try await world.tagflip("rollback", "web").status == 0)
    try await world.release("1.2.0", change: addObjects)
    #expect(try await world.tagflip("run").status == 0)
    #expect(try await world.tagflip("retire", "web").status == 0)
    #expect(try await world.tagflip("rollback", "web", "--reason", "to a cold one").status == 0)
    // Whose pods are whose is asked of ReplicaSets.
    #expect(try await world.tagflip("adopt", "web", "--dry-run").status == 13)
    // Without the index the journals are looked for.
    _ = try await world.kubectl("delete", "configmap", "tagflip-index", namespace: world.state)
    try await world.release("1.3.0", change: addObjects)
    _ = try await world.tagflip("run")
    #expect(try await world.tagflip("doctor").status == 0)
  }

  @Test("The bot uses every right that it asks for, and no other")
  func used() async throws {
    let world = try await World.make()
    guard let path = world.apiLog else {
      print("Suite \"Rights used\" skipped: TAGFLIP_TEST_AUDIT_LOG names no log of the API server")
      return
    }
    try await live(in: world)
    let log = String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    let used = Set(log.split(separator: "\n").flatMap { rights(of: String($0), in: world) })
    let hasProxy = World.realCluster != nil
    // The embedded cluster serves no kind that others define, and logs no request for one.
    let asked = Set(
      NeededRight.all.filter { hasProxy || ($0.place != .probed && $0.group != "elbv2.k8s.aws") }.flatMap { right in
        let name = right.group.isEmpty ? right.resource : "\(right.resource).\(right.group)"
        return right.verbs.map { Right(place: right.place, resource: name, verb: $0) }
      })
    // It watches only where its first look at the endpoints does not show yet that they have followed.
    let sometimes = asked.filter { $0.verb == "watch" }
    #expect(used.subtracting(asked).isEmpty, "used and not asked for: \(used.subtracting(asked).map(\.description).sorted())")
    let idle = asked.subtracting(used).subtracting(sometimes)
    #expect(idle.isEmpty, "asked for and not used: \(idle.map(\.description).sorted())")
  }

  private func rights(of line: String, in world: World) -> [Right] {
    guard let event = try? JSON(parsing: Array(line.utf8)), event["stage"] == "ResponseComplete",
      event["userAgent"]?.string?.hasPrefix("tagflip/") == true, let reference = event["objectRef"],
      let resource = reference["resource"]?.string, !resource.hasPrefix("selfsubject"), let verb = event["verb"]?.string
    else { return [] }
    let namespace = reference["namespace"]?.string
    let subresource = reference["subresource"]?.string
    let name = [resource, subresource].compactMap(\.self).joined(separator: "/")
    let full = [name, reference["apiGroup"]?.string ?? ""].filter { !$0.isEmpty }.joined(separator: ".")
    let place: NeededRight.Place
    switch namespace {
    case world.state?: place = .state
    case world.namespace?: place = subresource == "proxy" ? .probed : .target
    case nil: place = .nodes
    default: return []
    }
    // An apply that makes an object needs both rights, and is logged as a patch.
    let made = verb == "patch" && event["responseStatus", "code"]?.int == 201
    return (made ? [verb, "create"] : [verb]).map { Right(place: place, resource: full, verb: $0) }
  }
}
