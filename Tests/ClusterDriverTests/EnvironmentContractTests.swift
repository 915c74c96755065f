import KubernetesModel
import ReleaseEngine
import ReleaseModel
import Testing

@testable import ClusterDriver

// The life of a color, over the embedded cluster and over a real API server alike.
@Suite struct EnvironmentContractTests {
  static let objects = [
    Fixture.deployment(), Fixture.configMap(), Fixture.secret(), Fixture.budget(), Fixture.innerService(), Fixture.serviceAccount(),
  ]

  @Test("A color is applied, gets ready, is resized, and goes without a trace", arguments: ClusterBench.Place.available)
  func life(_ place: ClusterBench.Place) async throws {
    try await ClusterBench.run(place) { bench in
      let (driver, target) = (bench.driver, bench.target)
      try await bench.makeActiveService("blue")
      #expect(try await driver.observe(.green, target: target).isEmpty)
      try await bench.apply(Self.objects, .green)
      let ready = try await bench.wait(for: .green)
      #expect(ready.sizes == ["web": 2])
      #expect(ready.rollouts == [Fixture.rollout])
      #expect(ready.strangers.isEmpty)
      #expect(try await driver.observe(.blue, target: target).isEmpty)

      // A killed run's successor applies again: nothing changes, nothing fails.
      try await bench.apply(Self.objects, .green)
      #expect(try await driver.observe(.green, target: target).isFullyReady)

      try await driver.resize(.green, target: target, sizes: ["web": 3], asOf: nil)
      try await bench.wait(for: .green) { $0.readyPods == 3 && $0.isFullyReady }
      try await driver.resize(.green, target: target, sizes: ["web": 0], asOf: nil)
      let cold = try await bench.wait(for: .green) { $0.isFullyReady && $0.readyPods == 0 }
      #expect(!cold.isEmpty)

      try await driver.discard(.green, sparing: nil, target: target, asOf: nil, within: .seconds(30))
      #expect(try await driver.observe(.green, target: target).isEmpty)
      #expect(try await bench.api.find(.secret, bench.namespace, "web-green") == nil)
      #expect(try await bench.api.find(.serviceAccount, bench.namespace, "web") != nil)
      #expect(try await bench.api.find(.service, bench.namespace, "web") != nil)
    }
  }

  @Test("What another rollout made is not applied over, and what users are on is not deleted", arguments: ClusterBench.Place.available)
  func occupied(_ place: ClusterBench.Place) async throws {
    try await ClusterBench.run(place) { bench in
      try await bench.makeActiveService("green")
      try await bench.apply([Fixture.deployment()], .green)
      let before = try await bench.api.get(.deployment, bench.namespace, "web-green")
      let error = await #expect(throws: PortError.self) {
        try await bench.apply([Fixture.deployment()], .green, version: "1.5.0", rollout: Fixture.otherRollout)
      }
      #expect(error?.kind == .conflict)
      #expect(error?.reason.contains(Fixture.rollout.text) == true)
      #expect(try await bench.api.get(.deployment, bench.namespace, "web-green")["spec"] == before["spec"])
      let refusal = await #expect(throws: PortError.self) {
        try await bench.driver.discard(.green, sparing: nil, target: bench.target, asOf: nil, within: .seconds(1))
      }
      #expect(refusal?.reason == "the Service web selects it")
    }
  }

  @Test("An autoscaled color keeps its minimum pinned until it is given back", arguments: ClusterBench.Place.available)
  func autoscaler(_ place: ClusterBench.Place) async throws {
    try await ClusterBench.run(place) { bench in
      func minimum() async throws -> Int? {
        try await bench.api.get(.horizontalPodAutoscaler, bench.namespace, "web-green")["spec", "minReplicas"]?.int
      }
      try await bench.makeActiveService("blue")
      try await bench.apply([Fixture.deployment(), Fixture.autoscaler(minimum: 1, maximum: 4)], .green, sizes: ["web": 3])
      try await bench.wait(for: .green) { $0.readyPods == 3 && $0.isFullyReady }
      #expect(try await minimum() == 3)
      // The size is nobody's by apply: an autoscaler may change it.
      let managers = try await bench.api.get(.deployment, bench.namespace, "web-green")["metadata", "managedFields"]?.array ?? []
      let applied = managers.filter { $0["operation"] == "Apply" }
      #expect(!applied.isEmpty && applied.allSatisfy { $0["fieldsV1", "f:spec", "f:replicas"] == nil })
      try await bench.driver.unpin(.green, target: bench.target)
      #expect(try await minimum() == 1)
      try await bench.driver.resize(.green, target: bench.target, sizes: ["web": 2], asOf: nil)
      #expect(try await minimum() == 2)
      try await bench.driver.unpin(.green, target: bench.target)
      try await bench.driver.unpin(.green, target: bench.target)
      let scaler = try await bench.api.get(.horizontalPodAutoscaler, bench.namespace, "web-green")
      #expect(scaler["spec", "minReplicas"] == 1)
      #expect(scaler.annotations[Label.minimum] == nil)
    }
  }

  // A tag that makes the pod go wrong, and the problem that must be seen.
  static let troubles: [(String, PodProblem.Kind)] = [
    ("1.4.0--crashloop", .crashLoop), ("1.4.0--image-pull-error", .imagePull),
  ]

  @Test("A color that begins small grows, and what has grown is not made smaller by another apply", arguments: ClusterBench.Place.available)
  func staged(_ place: ClusterBench.Place) async throws {
    try await ClusterBench.run(place) { bench in
      try await bench.makeActiveService("blue")
      let objects = [Fixture.deployment(), Fixture.deployment("cart"), Fixture.autoscaler(minimum: 2, maximum: 4)]
      let sizes = ["web": 3, "cart": 3]
      func minimum() async throws -> Int? {
        try await bench.api.get(.horizontalPodAutoscaler, bench.namespace, "web-green")["spec", "minReplicas"]?.int
      }
      try await bench.apply(objects, .green, sizes: sizes, atMost: 1)
      #expect(try await bench.wait(for: .green) { $0.isFullyReady }.sizes == ["web": 1, "cart": 1])
      #expect(try await minimum() == 1, "below the team's own, since nobody is on it")
      try await bench.driver.resize(.green, target: bench.target, sizes: sizes, asOf: 0)
      #expect(try await bench.wait(for: .green) { $0.isFullyReady && $0.readyPods == 6 }.sizes == sizes)
      #expect(try await minimum() == 3)
      // A run that was killed is followed by one that deploys again, as small as it knows.
      try await bench.apply(objects, .green, sizes: sizes, atMost: 1)
      #expect(try await bench.driver.observe(.green, target: bench.target).sizes == sizes)
      #expect(try await minimum() == 3)
      try await bench.driver.unpin(.green, target: bench.target)
      #expect(try await minimum() == 2)
    }
  }

  @Test("What is wrong with a new color is seen", arguments: ClusterBench.Place.available, troubles)
  func trouble(_ place: ClusterBench.Place, _ trouble: (tag: String, kind: PodProblem.Kind)) async throws {
    try await ClusterBench.run(place) { bench in
      try await bench.makeActiveService("blue")
      try await bench.apply([Fixture.deployment(replicas: 1)], .green, version: trouble.tag, sizes: ["web": 1])
      let seen = try await bench.wait(for: .green) { $0.problems.contains { $0.kind == trouble.kind } }
      #expect(!seen.isFullyReady)
    }
  }

  @Test("Pods of a neighbour or of nobody that the selector would match are strangers", arguments: ClusterBench.Place.available)
  func strangers(_ place: ClusterBench.Place) async throws {
    try await ClusterBench.run(place) { bench in
      try await bench.makeActiveService("blue")
      let byHand = Fixture.deployment(replicas: 1) { json in
        json["metadata", "name"] = "web-green"
        json["spec", "selector", "matchLabels", Label.color] = "green"
        json["spec", "template", "metadata", "labels", Label.color] = "green"
      }
      _ = try await bench.api.create(.deployment, bench.namespace, byHand)
      let seen = try await bench.wait(for: .green) { $0.readyPods == 1 }
      #expect(seen.sizes == ["web": 1])
      #expect(seen.strangers.contains("web-green"))
      // It is looked at and not touched.
      try await bench.driver.resize(.green, target: bench.target, sizes: ["web": 0], asOf: nil)
      try await bench.driver.discard(.green, sparing: nil, target: bench.target, asOf: nil, within: .seconds(5))
      #expect(try await bench.api.get(.deployment, bench.namespace, "web-green")["spec", "replicas"] == 1)
      let error = await #expect(throws: PortError.self) { try await bench.apply([Fixture.deployment()], .green) }
      #expect(error?.reason.contains("tagflip did not make it") == true)
    }
  }
}
