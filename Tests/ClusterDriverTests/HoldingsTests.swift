import KubernetesModel
import RehearsalCluster
import ReleaseEngine
import ReleaseModel
import Testing

@testable import ClusterDriver

/// What a look at drift asks of a color: what is gone, made anew, nobody's, sized by whom and written by whom.
@Suite struct HoldingsTests {
  static let objects = [
    Fixture.deployment(), Fixture.configMap(), Fixture.secret(), Fixture.budget(), Fixture.innerService(), Fixture.serviceAccount(),
    Fixture.autoscaler(),
  ]

  private static func planned(_ objects: [JSON], _ bench: ClusterBench) throws -> PlannedHoldings {
    let blueprint = try Fixture.blueprint(objects, namespace: bench.namespace)
    let version = try Fixture.version()
    let tag = ReleaseTag(service: bench.target.service, version: version, name: "web/v\(version)", object: "o")
    let plan = CutoverPlan(
      installation: "test", cluster: "test", tag: tag, commit: "c", from: nil, fromVersion: nil, to: .green,
      attempt: CutoverPlan.firstAttempt, environment: try bench.render(objects, .green), settings: blueprint.plan,
      sources: blueprint.sources)
    return PlannedHoldings(rollout: Fixture.rollout, objects: plan.objects)
  }

  @Test("A color as its rollout left it lacks nothing, and each thing that a hand changes is seen", arguments: ClusterBench.Place.available)
  func story(_ place: ClusterBench.Place) async throws {
    try await ClusterBench.run(place) { bench in
      let (driver, target, api) = (bench.driver, bench.target, bench.api)
      try await bench.makeActiveService("green")
      try await bench.apply(Self.objects, .green)
      try await bench.wait(for: .green)
      let planned = try Self.planned(Self.objects, bench)
      let whole = try await driver.holdings(of: .green, planned: planned, target: target)
      #expect(whole.gone == [] && whole.remade == [] && whole.strangers == [] && whole.unseen == [] && whole.scaled == ["web-green"])
      #expect(try await driver.hands(on: "web-green", target: target) == ColorHoldings.Hands(), "nobody but the bot")
      #expect(whole.observation.asked == ["web": ["web": "registry.example/web:1.4.0"]], "\(whole.observation.asked)")
      #expect(whole.observation.isFullyReady && whole.observation.rollouts == [Fixture.rollout])

      for (kind, name) in [(ResourceKind.configMap, "web-green"), (.horizontalPodAutoscaler, "web-green"), (.serviceAccount, "web")] {
        try await api.delete(kind, try await api.get(kind, bench.namespace, name))
      }
      var label = try await api.get(.secret, bench.namespace, "web-green")
      label["metadata", "labels"] = nil
      _ = try await api.update(.secret, bench.namespace, label)
      let stray: JSON = [
        "apiVersion": "v1", "kind": "ConfigMap",
        "metadata": ["name": "debug", "labels": [Label.color: "green", Label.service: "web"]],
      ]
      _ = try await api.create(.configMap, bench.namespace, stray)
      try await api.scale(try await api.get(.deployment, bench.namespace, "web-green"), bench.namespace, to: 3)
      let changed = try await driver.holdings(of: .green, planned: planned, target: target)
      #expect(changed.gone == ["ConfigMap web-green", "ServiceAccount web", "HorizontalPodAutoscaler web-green"], "\(changed.gone)")
      #expect(changed.remade == ["Secret web-green"] && changed.strangers == ["ConfigMap debug"] && changed.scaled == [])
      #expect(changed.observation.sizes == ["web": 3])
      // Without a plan nothing of it can be told but who sizes what.
      let unplanned = try await driver.holdings(of: .green, planned: nil, target: target)
      #expect(unplanned.gone == [] && unplanned.remade == [] && unplanned.scaled == [])
    }
  }

  @Test("An autoscaler that a hand made counts, and what the caller may not see is said and not taken for gone")
  func rights() async throws {
    let denials = [ClusterUsers.Denial(user: "rehearsal:admin", verb: "list", resource: "secrets")]
    try await ClusterBench.run(.embedded, denials: denials) { bench in
      try await bench.makeActiveService("green")
      try await bench.apply([Fixture.deployment(), Fixture.configMap()], .green)
      try await bench.wait(for: .green)
      var scaler = Fixture.autoscaler("web-green")
      scaler["metadata", "name"] = "by-hand"
      _ = try await bench.api.create(.horizontalPodAutoscaler, bench.namespace, scaler)
      let planned = try Self.planned([Fixture.deployment(), Fixture.configMap(), Fixture.secret()], bench)
      let held = try await bench.driver.holdings(of: .green, planned: planned, target: bench.target)
      #expect(held.scaled == ["web-green"] && held.gone == [] && held.unseen == ["Secret"])
    }
  }

  @Test func `who wrote size and images last is told by managedFields, the bot left out`() throws {
    func entry(_ manager: String, _ time: String, _ fields: JSON) -> JSON {
      ["manager": .string(manager), "operation": "Update", "time": .string(time), "fieldsV1": ["f:spec": fields]]
    }
    let image: JSON = [
      "f:template": ["f:spec": ["f:containers": [#"k:{"name":"web"}"#: ["f:image": [:]]]]]
    ]
    let deployment = Observed.deployment { json in
      json["metadata", "managedFields"] = [
        entry("kubectl", "2026-11-27T10:00:00Z", ["f:replicas": [:]]), entry("old-hand", "2026-11-26T10:00:00Z", ["f:replicas": [:]]),
        entry("tagflip", "2026-11-28T10:00:00Z", ["f:replicas": [:]]), entry("kubectl-set", "2026-11-27T11:00:00Z", image),
      ]
    }
    #expect(HoldingsReading.hands(on: deployment) == ColorHoldings.Hands(size: "kubectl", images: ["web": "kubectl-set"]))
  }

  @Test func `pods that nobody released are told by what makes them, and those of a Deployment that is told are not told again`() throws {
    func stranger(_ name: String, _ owner: (String, String)? = nil, app: String = "web", phase: JSON = "Running") -> JSON {
      Observed.pod(name, labels: [Label.rollout: "", "app": app]) { json in
        json["status", "phase"] = phase
        guard let owner else { return }
        json["metadata", "ownerReferences"] = [["kind": .string(owner.0), "name": .string(owner.1), "controller": true]]
      }
    }
    let made = Observed.deployment("debug-green") { json in
      json["metadata", "labels", Label.rollout] = nil
      json["spec", "selector", "matchLabels"] = ["app": "debug"]
    }
    let pods = [
      Observed.pod("a"), stranger("by-hand"), stranger("s-1", ("StatefulSet", "s")), stranger("s-2", ("StatefulSet", "s")),
      stranger("d-1", ("ReplicaSet", "debug-green-1"), app: "debug"),
      stranger("over", phase: "Succeeded"),
    ]
    let reading = ColorReading(
      color: .green, service: try Fixture.target().service, deployments: [Observed.deployment(), made], pods: pods)
    let planned = PlannedHoldings(rollout: Fixture.rollout, objects: [])
    #expect(
      HoldingsReading(reading: reading, planned: planned).holdings.strangers == [
        "Deployment debug-green", "Pod by-hand", "pods of StatefulSet s",
      ])
  }
}
