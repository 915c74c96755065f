import FoundationEssentials
import KubernetesModel
import Testing

/// What served users before tagflip came: adopted, released over, gone back to, left.
@Suite("Adoption", .serialized) struct AdoptionTests {
  /// A Service and a Deployment as people have them, rolled out in place.
  private func inPlace(_ selector: String = #"{"app":"web"}"#) async throws -> World {
    let namespaceless = World.service("NAMESPACE", selector: selector)
    let world = try await World.make(World.Plan(standby: "15m"), service: namespaceless)
    try world.write("old.yaml", World.manifest([:], replicas: 3).replacing(":latest", with: ":0.9.0"))
    _ = try await world.kubectl("create", "-f", "\(world.root)/old.yaml")
    _ = try await world.kubectl("rollout", "status", "deployment/web", "--timeout=60s")
    return world
  }

  private func pods(_ world: World) async throws -> String {
    try await world.kubectl(
      "get", "pods", "-l", "app=web,!tagflip.dev/color", "-o",
      "jsonpath={range .items[*]}{.metadata.uid} {.status.containerStatuses[0].restartCount}{\"\\n\"}{end}")
  }

  private func endpoints(_ world: World) async throws -> Set<Substring> {
    let text = try await world.kubectl(
      "get", "endpointslices", "-l", "kubernetes.io/service-name=web", "-o", "jsonpath={.items[*].endpoints[*].targetRef.name}")
    return Set(text.split(separator: " "))
  }

  /// Asks the Service again and again, each time over a new connection, until told to stop. From outside a real cluster there is no way to it.
  private func load(_ world: World) async throws -> Command? {
    guard World.realCluster == nil else { return nil }
    let address = try await world.kubectl("get", "service", "web", "-o", "jsonpath={.spec.clusterIP}")
    let script = """
      while [ -d \(world.root) ] && [ ! -e \(world.root)/stop ]; do
        if curl -sf -m 5 -o /dev/null http://\(address)/; then echo ok; else echo lost; fi
        sleep 0.03
      done
      """
    return try Command(["bash", "-c", script], in: world.root)
  }

  @Test("What is live is adopted without a restart or a lost request, released over, gone back to, and left as it was")
  func wholeLife() async throws {
    let world = try await inPlace()
    _ = try await world.tagflip("run")
    try await world.release("1.0.0")
    let refused = try await world.tagflip("run")
    #expect(refused.status != 0 && refused.output.contains("tagflip adopt web --dry-run"), "\(refused.output)")
    let (before, load) = (try await pods(world), try await load(world))

    let dry = try await world.tagflip("adopt", "web", "--dry-run")
    #expect(dry.status == 0 && dry.output.contains("3 pods of the Deployment web, 3 ready") && dry.output.contains("nothing was changed"))
    #expect(try await world.kubectl("get", "service", "web", "-o", "jsonpath={.spec.selector}") == #"{"app":"web"}"#)

    let adopted = try await world.tagflip("adopt", "web", "--version", "0.9.0", "--reason", "we move to tags")
    #expect(adopted.status == 0 && adopted.output.contains("3 endpoints, all of blue"), "\(adopted.errors)\(adopted.output)")
    #expect(try await pods(world) == before, "no pod was restarted")
    #expect(try await world.kubectl("get", "service", "web", "-o", "jsonpath={.spec.selector}").contains("pod-template-hash"))
    #expect(try await world.log().last?.hasPrefix("Adopt web 0.9.0: the running pods are blue") == true)
    let again = try await world.tagflip("adopt", "web")
    #expect(again.status == 30 && again.errors.contains("adopted before"), "\(again.errors)")
    let healthy = try await world.tagflip("doctor")
    #expect(
      healthy.status == 0
        && healthy.output.contains("sends users to blue (0.9.0), the Deployment web as it was adopted: 3 of 3 pods ready"),
      "\(healthy.output)")

    let first = try await world.tagflip("run")
    #expect(first.status == 0, "\(first.errors)\(first.output)")
    #expect(try await world.activeColor() == "green")
    #expect(try await world.replicas("green") == "3", "as many pods as were live")
    #expect(try await pods(world) == before, "the standby is the old Deployment as it was")

    let back = try await world.tagflip("rollback", "web", "--reason", "customers complain")
    #expect(back.status == 0, "\(back.errors)\(back.output)")
    #expect(try await pods(world) == before)
    #expect(try await endpoints(world).count == 3)
    _ = try await world.tagflip("run")

    let left = try await world.tagflip("leave", "web")
    #expect(left.status == 0, "\(left.errors)\(left.output)")
    #expect(try await world.kubectl("get", "service", "web", "-o", "jsonpath={.spec.selector}") == #"{"app":"web"}"#)
    #expect(try await endpoints(world).count == 3)
    #expect(try await pods(world) == before)
    if let load {
      try world.write("stop", "")
      let answers = try await load.wait().output.split(separator: "\n")
      #expect(answers.count > 100 && !answers.contains("lost"), "\(answers.count { $0 == "lost" }) of \(answers.count) lost")
    }
    try await world.demandIntegrity(adopted: true)
  }

  @Test("The adopted color is rebuilt by the second release: its Deployment is at 0 and stays its owner's")
  func rebuilt() async throws {
    let world = try await inPlace()
    _ = try await world.tagflip("run")
    #expect(try await world.tagflip("adopt", "web", "--version", "0.9.0").status == 0)
    for (version, color) in [("1.0.0", "green"), ("1.1.0", "blue")] {
      try await world.release(version)
      let run = try await world.tagflip("run")
      #expect(run.status == 0, "\(run.errors)\(run.output)")
      #expect(try await world.activeColor() == color)
    }
    #expect(try await world.kubectl("get", "deployment", "web", "-o", "jsonpath={.spec.replicas}") == "0")
    #expect(try await world.replicas("blue") == "3", "as many as users are on")
    let late = try await world.tagflip("leave", "web")
    #expect(late.status != 0 && late.errors.contains("replaced since"), "\(late.errors)")
    try await world.demandIntegrity(adopted: true)
  }

  @Test("A standby that was adopted goes cold, and a rollback starts its pods again")
  func coldStandby() async throws {
    let world = try await inPlace()
    _ = try await world.tagflip("run")
    #expect(try await world.tagflip("adopt", "web", "--version", "0.9.0").status == 0)
    try await world.release("1.0.0")
    #expect(try await world.tagflip("run").status == 0)
    #expect(try await world.tagflip("retire", "web").status == 0)
    #expect(try await world.kubectl("get", "deployment", "web", "-o", "jsonpath={.spec.replicas}") == "0")
    let back = try await world.tagflip("rollback", "web")
    #expect(back.status == 0, "\(back.errors)\(back.output)")
    #expect(try await endpoints(world).count == 3)
    _ = try await world.tagflip("run")
    try await world.demandIntegrity(adopted: true)
  }

  /// What cannot be adopted as it is.
  struct Obstacle: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var words: String
    var prepare: @Sendable (World) async throws -> Void
  }

  static let obstacles: [Obstacle] = [
    Obstacle(
      testDescription: "pods of two Deployments", words: "pods of 2 Deployments, of which only one can stand for a color: canary, web"
    ) { world in
      try world.write(
        "canary.yaml",
        World.manifest([:], replicas: 1).replacing("metadata: {name: web}", with: "metadata: {name: canary}")
          .replacing("matchLabels: {app: web}", with: "matchLabels: {app: web, track: canary}").replacing(
            "labels: {app: web}", with: "labels: {app: web, track: canary}"))
      _ = try await world.kubectl("create", "-f", "\(world.root)/canary.yaml")
      _ = try await world.kubectl("rollout", "status", "deployment/canary", "--timeout=60s")
    },
    Obstacle(testDescription: "a rollout in place is under way", words: "templates of the Deployment web are about") { world in
      _ = try await world.kubectl(
        "patch", "deployment", "web", "-p", #"{"spec":{"template":{"metadata":{"annotations":{"fake/never-ready":"true"}}}}}"#)
      for _ in 0..<100 {
        let hashes = try await world.kubectl("get", "pods", "-o", "jsonpath={.items[*].metadata.labels.pod-template-hash}")
        if Set(hashes.split(separator: " ")).count > 1 { break }
        try await Task.sleep(for: .milliseconds(50))
      }
    },
    Obstacle(testDescription: "a Helm release owns the Service", words: "is written by Helm release shop") { world in
      _ = try await world.kubectl("label", "service", "web", "app.kubernetes.io/managed-by=Helm")
      _ = try await world.kubectl("annotate", "service", "web", "meta.helm.sh/release-name=shop")
    },
    Obstacle(testDescription: "Argo CD tracks the Service", words: "is written by Argo CD application shop-web") { world in
      _ = try await world.kubectl("annotate", "service", "web", "argocd.argoproj.io/tracking-id=shop-web:/Service:shop/web")
    },
    Obstacle(testDescription: "Flux applies the Service", words: "is written by Flux Kustomization apps") { world in
      _ = try await world.kubectl("label", "service", "web", "kustomize.toolkit.fluxcd.io/name=apps")
    },
    Obstacle(testDescription: "the Service was applied", words: "is written by kubectl apply") { world in
      _ = try await world.kubectl("apply", "-f", "\(world.root)/object-2.json")
    },
    Obstacle(testDescription: "another manager applies the selector", words: "is written by deployer (server-side apply)") { world in
      _ = try await world.kubectl(
        "apply", "--server-side", "--force-conflicts", "--field-manager=deployer", "-f", "\(world.root)/object-2.json")
    },
    Obstacle(testDescription: "no pod is selected", words: "it selects no pod") { world in
      _ = try await world.kubectl("delete", "deployment", "web")
      try await world.wait(until: "no pod is left") { try await world.kubectl("get", "pods", "-o", "name").isEmpty }
    },
    Obstacle(testDescription: "an autoscaler sizes the Deployment", words: "the HorizontalPodAutoscaler web sizes the Deployment web") {
      world in
      try world.write(
        "hpa.json",
        #"{"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler","metadata":{"name":"web"},"spec":{"minReplicas":3,"maxReplicas":9,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"},"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":80}}}]}}"#
      )
      _ = try await world.kubectl("create", "-f", "\(world.root)/hpa.json")
    },
    Obstacle(testDescription: "the color is taken", words: "there are Deployments of blue already (taken)") { world in
      let labels = "labels: {app: taken, tagflip.dev/color: blue, tagflip.dev/service: web}"
      try world.write(
        "taken.yaml",
        World.manifest([:], replicas: 1).replacing("metadata: {name: web}", with: "metadata: {name: taken, \(labels)}")
          .replacing("{app: web}", with: "{app: taken}"))
      _ = try await world.kubectl("create", "-f", "\(world.root)/taken.yaml")
    },
    Obstacle(testDescription: "the Service is headless", words: "is headless") { world in
      _ = try await world.kubectl("delete", "service", "web")
      let text = World.service(world.namespace, selector: #"{"app":"web"}"#).replacing(#""spec":{"#, with: #""spec":{"clusterIP":"None","#)
      try world.write("headless.json", text)
      _ = try await world.kubectl("create", "-f", "\(world.root)/headless.json")
    },
  ]

  @Test("What cannot be adopted as it is is told, and nothing is touched", arguments: obstacles)
  func refusals(_ obstacle: Obstacle) async throws {
    let world = try await inPlace()
    _ = try await world.tagflip("run")
    try await obstacle.prepare(world)
    let before = try await world.kubectl("get", "service", "web", "-o", "jsonpath={.metadata.resourceVersion}")
    let dry = try await world.tagflip("adopt", "web", "--dry-run")
    #expect(dry.status == 13 && dry.output.contains(obstacle.words), "\(dry.output)\(dry.errors)")
    let adopted = try await world.tagflip("adopt", "web")
    #expect(adopted.status == 30 && adopted.errors.contains(obstacle.words), "\(adopted.output)\(adopted.errors)")
    #expect(try await world.kubectl("get", "service", "web", "-o", "jsonpath={.metadata.resourceVersion}") == before)
  }

  @Test("What is said to do about another owner is what lets the Service be adopted", arguments: [1, 2, 3, 4])
  func remedies(_ owner: Int) async throws {
    let world = try await inPlace()
    _ = try await world.tagflip("run")
    switch owner {
    case 1:
      _ = try await world.kubectl("label", "service", "web", "app.kubernetes.io/managed-by=Helm")
      _ = try await world.kubectl("annotate", "service", "web", "meta.helm.sh/release-name=shop", "meta.helm.sh/release-namespace=shop")
    case 2: _ = try await world.kubectl("annotate", "service", "web", "argocd.argoproj.io/tracking-id=shop-web:/Service:shop/web")
    case 3:
      _ = try await world.kubectl(
        "label", "service", "web", "kustomize.toolkit.fluxcd.io/name=apps", "kustomize.toolkit.fluxcd.io/namespace=flux-system")
    default: _ = try await world.kubectl("apply", "-f", "\(world.root)/object-2.json")
    }
    let refused = try await world.tagflip("adopt", "web", "--dry-run")
    #expect(refused.status == 13, "\(refused.output)")
    let command = try #require(refused.output.split(separator: "\n").first { $0.contains("kubectl -n") })
    for part in command.split(separator: "&&") {
      let words = part.split(separator: " ").map(String.init)
      let start = try #require(words.lastIndex(of: "kubectl"))
      _ = try await world.kubectl(Array(words[(start + 3)...]), namespace: world.namespace)
    }
    let dry = try await world.tagflip("adopt", "web", "--dry-run")
    #expect(dry.status == 0, "\(dry.output)")
  }

  @Test("After another hand moved the Service a person says what is right: users go back, or the live state is accepted")
  func settled() async throws {
    let world = try await World.make()
    _ = try await world.tagflip("run")
    for version in ["1.0.0", "1.1.0"] {
      try await world.release(version)
      _ = try await world.tagflip("run")
    }
    let nothing = try await world.tagflip("settle", "web", "--restore", "--reason", "?")
    #expect(nothing.status != 0 && nothing.errors.contains("there is nothing to settle"), "\(nothing.errors)")
    let hand = #"{"spec":{"selector":{"tagflip.dev/color":"blue"}}}"#
    _ = try await world.kubectl("patch", "service", "web", "-p", hand)
    try await world.release("1.1.1")
    let held = try await world.tagflip("run")
    #expect(
      held.status == 33
        && held.output.contains("the Service selects blue, and the marker says green (1.1.0): kubectl-patch wrote the selector"),
      "\(held.output)")
    let status = try await world.tagflip("status", "web")
    let next = "next: say what is right: tagflip settle web --restore"
    #expect(status.output.contains("drift") && status.output.contains(next), "\(status.output)")
    let restored = try await world.tagflip("settle", "web", "--restore", "--reason", "it was a slip")
    #expect(restored.status == 0 && restored.output.contains("users are back on green (1.1.0)"), "\(restored.errors)\(restored.output)")
    #expect(try await world.activeColor() == "green")
    _ = try await world.kubectl("patch", "service", "web", "-p", hand)
    let accepted = try await world.tagflip("settle", "web", "--accept", "--reason", "1.1.0 lost orders")
    #expect(accepted.status == 0 && accepted.output.contains("users stay on blue (1.0.0)"), "\(accepted.errors)\(accepted.output)")
    // What another hand did and a person accepts is a rollback like any other: it quarantines what it left, and that stops.
    let subjects = try await world.log().suffix(2)
    #expect(
      subjects.first == "Settle web 1.1.0: users are on green" && subjects.last?.hasPrefix("Roll back web 1.1.0: green → blue") == true)
    #expect(try await world.replicas("green") == "0")
    try await world.release("1.2.0")
    let run = try await world.tagflip("run")
    #expect(run.status == 0, "\(run.errors)\(run.output)")
    #expect(try await world.activeColor() == "green")
    let verified = try await world.readTrail("verify", "--trust", "\(world.root)/allowed-signers")
    #expect(verified.status == 0, "\(verified.output)")
    // The API server's log tells of the hand itself.
    let live = try await world.verifyLive()
    #expect(!live.output.contains("live-"), "\(live.output)")
    // What was undone is an error; of what was accepted a record tells.
    if world.apiLog != nil {
      #expect(
        live.output.ranges(of: "ERROR  write-foreign").count == 1 && live.output.ranges(of: "write-foreign").count == 2, "\(live.output)")
    }
  }
}
