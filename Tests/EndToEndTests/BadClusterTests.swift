import FoundationEssentials
import KubernetesModel
import RehearsalCluster
import Synchronization
import Testing

/// Clusters that are not as they should be: each ends a release in a clear outcome, and leaves users where they were.
@Suite("Bad clusters", .serialized)
struct BadClusterTests {
  /// Users on blue with 1.0.0, and 1.1.0 is tagged.
  private static func prepare(_ world: World) async throws {
    _ = try await world.tagflip("run")
    try await world.release("1.0.0")
    let first = try await world.tagflip("run")
    try #require(first.status == 0, "\(first.errors)\(first.output)")
    try await world.release("1.1.0")
  }

  /// Users are on blue, where all pods that there were still run, and no pod of green does.
  private static func demandBlue(_ world: World, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    #expect(try await world.activeColor() == "blue", sourceLocation: sourceLocation)
    let ready = try await world.kubectl("get", "deployment", "web-blue", "-o", "jsonpath={.status.readyReplicas}")
    #expect(ready == "2", sourceLocation: sourceLocation)
    try await wait(sourceLocation: sourceLocation) {
      try await world.kubectl("get", "pods", "-l", "tagflip.dev/color=green", "-o", "name").isEmpty
    }
  }

  private static func wait(sourceLocation: SourceLocation = #_sourceLocation, until isSo: () async throws -> Bool) async throws {
    for _ in 0..<200 {
      if try await isSo() { return }
      try await Task.sleep(for: .milliseconds(100))
    }
    Issue.record("it did not come about", sourceLocation: sourceLocation)
  }

  /// The last record's subject and its whole message, without the ends of its lines.
  private static func last(_ world: World) async throws -> (subject: String, message: String) {
    let message = try await world.audit("log", "-1", "--format=%B")
    return (try await world.log().last ?? "", message.split(whereSeparator: \.isWhitespace).joined(separator: " "))
  }

  @Test("Without metrics an autoscaler is no obstacle: what it scales is released and promoted, and keeps its bounds")
  func noMetrics() async throws {
    let world = try await World.make()
    let autoscaler = """

      ---
      apiVersion: autoscaling/v2
      kind: HorizontalPodAutoscaler
      metadata: {name: web}
      spec:
        scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
        minReplicas: 2
        maxReplicas: 4
        metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}}]
      """
    _ = try await world.tagflip("run")
    for (version, color) in [("1.0.0", "blue"), ("1.1.0", "green")] {
      try await world.release(
        version, change: { try $0.write("team/services/web/manifests/web.yaml", World.manifest([:], replicas: 2) + autoscaler) })
      let run = try await world.tagflip("run")
      #expect(run.status == 0, "\(run.errors)\(run.output)")
      #expect(try await world.activeColor() == color)
      let bounds = "jsonpath={.spec.minReplicas} {.spec.maxReplicas} {.status.currentMetrics}"
      #expect(try await world.kubectl("get", "hpa", "web-\(color)", "-o", bounds).hasPrefix("2 4"))
    }
    #expect(try await world.trailers("Outcome").filter { !$0.isEmpty } == ["promoted", "promoted"])
    try await world.demandIntegrity()
  }

  @Test("Without the right to read EndpointSlices nobody is moved, the right is named, and with it the release goes on")
  func noSlices() async throws {
    try await World.withFaults { world, faults, _ in
      try await Self.prepare(world)
      let denial =
        "endpointslices.discovery.k8s.io is forbidden: User \"bot\" cannot list resource \"endpointslices\" in API group \"discovery.k8s.io\" "
        + "in the namespace \"\(world.namespace)\""
      faults.set { _, path in path.contains("/endpointslices") ? .forbid(message: denial) : .proceed }
      for _ in 0..<2 {
        let run = try await world.tagflip("run")
        #expect(run.status == 32, "\(run.errors)\(run.output)")
        let words =
          "give tagflip, in a Role in the namespace \(world.namespace): apiGroups [\"discovery.k8s.io\"], resources [\"endpointslices\"]"
        #expect(run.output.contains(denial) && run.output.contains("next: \(words)"), "\(run.output)")
        #expect(try await world.activeColor() == "blue")
      }
      #expect(try await world.log().last?.hasPrefix("Plan web 1.1.0") == true, "it is still open")
      faults.end()
      let again = try await world.tagflip("run")
      #expect(again.status == 0 && again.errors.contains("going on with 1.1.0"), "\(again.errors)\(again.output)")
      #expect(try await world.activeColor() == "green")
      try await world.demandIntegrity()
    }
  }

  @Test("A quota that is used up while pods start fails the deploy with the quota's figures, and the pods that started stop")
  func quota() async throws {
    try await World.withFaults { world, faults, cluster in
      try await Self.prepare(world)
      let store = cluster.store
      let quota: JSON = [
        "apiVersion": "v1", "kind": "ResourceQuota", "metadata": ["name": "late", "namespace": .string(world.namespace)],
        "spec": ["hard": ["pods": "3"]],
      ]
      faults.set { method, path in
        if Faults.writes("web-green", method, path) { _ = try? store.create(.resourceQuotas, quota, by: "somebody") }
        return .proceed
      }
      let run = try await world.tagflip("run")
      #expect(run.status == 11, "\(run.errors)\(run.output)")
      let words = "is forbidden: exceeded quota: late, requested: pods=1, used: pods=3, limited: pods=3"
      #expect(run.output.contains("failed: web-green: pods ") && run.output.contains(words), "\(run.output)")
      let last = try await Self.last(world)
      #expect(last.subject.hasPrefix("Fail web 1.1.0") && last.message.contains("exceeded quota: late"), "\(last.message)")
      try await Self.demandBlue(world)
      #expect(try await world.replicas("green") == "0")
      faults.end()
      #expect(try await world.tagflip("run").output == "nothing to do\n")
      try await world.demandIntegrity()
    }
  }

  @Test("A namespace that is being deleted takes no release: it says so, and what still runs in it is left alone")
  func terminating() async throws {
    let world = try await World.make()
    try await Self.prepare(world)
    let held = ["service/web", "deployment/web-blue"]
    for object in held { try await hold(object, true, in: world, world.namespace) }
    _ = try await world.kubectl("delete", "namespace", world.namespace, "--wait=false", namespace: nil)
    // A real controller comes to the Service a moment later.
    try await Self.wait {
      try await !world.kubectl("get", "service", "web", "-o", "jsonpath={.metadata.deletionTimestamp}").isEmpty
    }
    let run = try await world.tagflip("run")
    #expect(run.status == 30, "\(run.errors)\(run.output)")
    #expect(run.output.contains("Service \(world.namespace)/web is being deleted: once it is gone, make it anew"), "\(run.output)")
    #expect(try await world.activeColor() == "blue")
    #expect(try await world.log().last?.hasPrefix("Promote web 1.0.0") == true, "nothing was begun")
    let green = try await world.kubectl("get", "deployments,configmaps,secrets", "-l", "tagflip.dev/color=green", "-o", "name")
    #expect(green.isEmpty)
    for object in held { try await hold(object, false, in: world, world.namespace) }
  }

  @Test("Where the bot's own namespace is being deleted nobody is moved, and it says what to make")
  func ownNamespace() async throws {
    let world = try await World.make()
    try await Self.prepare(world)
    try world.write("hold.json", #"{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"hold","finalizers":["example.com/hold"]}}"#)
    _ = try await world.kubectl("create", "-f", "\(world.root)/hold.json", namespace: world.state)
    _ = try await world.kubectl("delete", "namespace", world.state, "--wait=false", namespace: nil)
    // A real controller comes to the bot's Lease a moment later.
    try await Self.wait {
      try await world.kubectl("get", "leases,configmaps", "-l", "app.kubernetes.io/managed-by", "-o", "name", namespace: world.state)
        .isEmpty
    }
    let run = try await world.tagflip("run")
    #expect(run.status == 32, "\(run.errors)\(run.output)")
    #expect(run.output.contains("because it is being terminated"), "\(run.output)")
    #expect(
      run.output.contains("next: the namespace is being deleted: once it is gone, make it anew: kubectl create namespace \(world.state)"))
    try await Self.demandBlue(world)
    #expect(try await world.log().last?.hasPrefix("Promote web 1.0.0") == true, "nothing was begun")
    try await hold("configmap/hold", false, in: world, world.state)
  }

  private func hold(_ object: String, _ isHeld: Bool, in world: World, _ namespace: String) async throws {
    let patch = #"{"metadata":{"finalizers":\#(isHeld ? #"["example.com/hold"]"# : "null")}}"#
    _ = try await world.kubectl("patch", object, "--type=merge", "-p", patch, namespace: namespace)
  }

  @Test("A webhook that denies is asked before anything is made: the tag is refused in its words")
  func webhook() async throws {
    try await World.withFaults { world, faults, _ in
      try await Self.prepare(world)
      faults.set { method, path in
        method == "PATCH" && path.contains("/deployments/web-green?") ? .forbid(message: Self.denial) : .proceed
      }
      let run = try await world.tagflip("run")
      #expect(run.status == 13, "\(run.errors)\(run.output)")
      #expect(run.output.contains("refused: the API server would refuse it: Deployment web-green: \(Self.denial)"), "\(run.output)")
      let last = try await Self.last(world)
      #expect(last.subject.hasPrefix("Refuse web 1.1.0") && last.message.contains("is not allowed"), "\(last.message)")
      try await Self.demandNothingGreen(world)
      faults.end()
      let retry = try await world.tagflip("retry", "web", "1.1.0", "--reason", "the policy allows it now")
      #expect(retry.status == 0, "\(retry.errors)\(retry.output)")
      let again = try await world.tagflip("run")
      #expect(again.status == 0, "\(again.errors)\(again.output)")
      #expect(try await world.activeColor() == "green")
      try await world.demandIntegrity()
    }
  }

  @Test("A webhook that denies only when it comes to it fails the deploy in its words, and takes away what was made by then")
  func lateWebhook() async throws {
    try await World.withFaults { world, faults, _ in
      try await Self.prepare(world)
      faults.set { method, path in Faults.writes("web-green", method, path) ? .forbid(message: Self.denial) : .proceed }
      let run = try await world.tagflip("run")
      #expect(run.status == 11, "\(run.errors)\(run.output)")
      #expect(run.output.contains("failed: could not apply deployments") && run.output.contains(Self.denial), "\(run.output)")
      let last = try await Self.last(world)
      #expect(last.subject.hasPrefix("Fail web 1.1.0") && last.subject.hasSuffix("users never saw it"), "\(last.message)")
      #expect(last.message.contains("is not allowed"), "\(last.message)")
      try await Self.demandNothingGreen(world)
      #expect(try await world.tagflip("run").output == "nothing to do\n")
      try await world.demandIntegrity()
    }
  }

  private static let denial = "admission webhook \"images.example.com\" denied the request: registry.example is not allowed"

  private static func demandNothingGreen(_ world: World, sourceLocation: SourceLocation = #_sourceLocation) async throws {
    try await demandBlue(world, sourceLocation: sourceLocation)
    let green = try await world.kubectl("get", "deployments,configmaps,secrets", "-l", "tagflip.dev/color=green", "-o", "name")
    #expect(green.isEmpty, sourceLocation: sourceLocation)
  }

  @Test("An API server that is away during the bake ends no bake: users stay where they are, and the outcome is recorded when it is back")
  func restart() async throws {
    try await World.withFaults(World.Plan(bake: "6s")) { world, faults, _ in
      try await Self.prepare(world)
      let run = try world.start(["run"])
      try await world.wait(until: run, says: "cutover  ok")
      // Whoever asks finds no connection; watches that were open stay silent.
      let dropped = Atomic(0)
      faults.set { _, _ in
        dropped.add(1, ordering: .relaxed)
        return .dropBefore
      }
      try await Task.sleep(for: .seconds(3))
      faults.end()
      #expect(dropped.load(ordering: .relaxed) > 0, "somebody asked meanwhile")
      let ended = try await run.wait()
      #expect(ended.status == 0, "\(ended.errors)\(ended.output)")
      #expect(try await world.activeColor() == "green")
      #expect(try await world.trailers("Outcome").last == "promoted")
      try await world.demandIntegrity()
    }
  }
}
