import KubernetesModel
import ReleaseEngine
import ReleaseModel
import Testing

@testable import ClusterDriver

// Dry runs and room, over the embedded cluster and over a real API server alike.
@Suite struct RehearsalContractTests {
  static let objects = [Fixture.deployment(), Fixture.configMap(), Fixture.secret(), Fixture.budget(), Fixture.innerService()]

  private static func dryRun(
    _ bench: ClusterBench, _ objects: [JSON], _ color: Color, version: String = "1.4.0", against live: Color?
  ) async throws -> DryRun {
    try await bench.driver.dryRun(
      try bench.render(objects, color, version: version), sizes: ["web": 2], against: live, target: bench.target)
  }

  @Test("A dry run changes nothing and shows what would", arguments: ClusterBench.Place.available)
  func difference(_ place: ClusterBench.Place) async throws {
    try await ClusterBench.run(place) { bench in
      try await bench.makeActiveService("blue")
      let first = try await Self.dryRun(bench, Self.objects, .blue, against: nil)
      #expect(first.objections.isEmpty)
      #expect(first.difference.first?.hasPrefix("first release: ConfigMap web-blue, Secret web-blue") == true)
      #expect(try await bench.driver.observe(.blue, target: bench.target).isEmpty)

      try await bench.apply(Self.objects, .blue)
      try await bench.wait(for: .blue)
      let same = try await Self.dryRun(bench, Self.objects, .green, against: .blue)
      #expect(same == DryRun(objections: [], difference: ["no difference from blue"]))
      let next = try await Self.dryRun(bench, Self.objects, .green, version: "1.5.0", against: .blue)
      #expect(
        next.difference.filter { $0.hasPrefix("-") || $0.hasPrefix("+") } == [
          "--- Deployment web (blue)", "+++ Deployment web (green)", "-      - image: registry.example/web:1.4.0",
          "+      - image: registry.example/web:1.5.0",
        ])
    }
  }

  @Test("What a cold color still holds, even what cannot be changed, is in nobody's way", arguments: ClusterBench.Place.available)
  func overCold(_ place: ClusterBench.Place) async throws {
    try await ClusterBench.run(place) { bench in
      func fixed(_ value: String) -> JSON {
        var json = Fixture.configMap(data: ["A": value])
        json["immutable"] = true
        return json
      }
      try await bench.makeActiveService("blue")
      try await bench.apply([Fixture.deployment(), fixed("1")], .green, sizes: ["web": 0])
      let dryRun = try await Self.dryRun(bench, [Fixture.deployment(), fixed("2")], .green, against: nil)
      #expect(dryRun.objections.isEmpty)
    }
  }

  @Test("What the API server would refuse is an objection with its words", arguments: ClusterBench.Place.available)
  func objections(_ place: ClusterBench.Place) async throws {
    try await ClusterBench.run(place) { bench in
      try await bench.makeActiveService("blue")
      let badKey = try await Self.dryRun(bench, [Fixture.deployment(), Fixture.configMap(data: ["a b": "1"])], .green, against: nil)
      #expect(badKey.objections.first?.hasPrefix("ConfigMap web-green: ") == true, "\(badKey.objections)")
    }
  }

  @Test("A field that does not exist is an objection that names it", arguments: ClusterBench.Place.available)
  func unknownField(_ place: ClusterBench.Place) async throws {
    try await ClusterBench.run(place) { bench in
      try await bench.makeActiveService("blue")
      let typo = Fixture.deployment { $0["spec", "minReadySecond"] = 3 }
      let dryRun = try await Self.dryRun(bench, [typo], .green, against: nil)
      #expect(dryRun.objections.count == 1)
      #expect(dryRun.objections.first?.hasPrefix("Deployment web-green: ") == true)
      #expect(dryRun.objections.first?.contains("minReadySecond") == true, "\(dryRun.objections)")
    }
  }

  @Test("A foreign object in the way is the world's fault, not the tag's", arguments: ClusterBench.Place.available)
  func foreign(_ place: ClusterBench.Place) async throws {
    try await ClusterBench.run(place) { bench in
      try await bench.makeActiveService("blue")
      _ = try await bench.api.create(.configMap, bench.namespace, Fixture.configMap("web-green"))
      let error = await #expect(throws: PortError.self) {
        try await Self.dryRun(bench, [Fixture.deployment(), Fixture.configMap()], .green, against: nil)
      }
      #expect(error?.kind == .conflict && error?.reason.contains("tagflip did not make it") == true)
    }
  }

  @Test("A quota that is too small for two colors is a shortage", arguments: ClusterBench.Place.available)
  func quota(_ place: ClusterBench.Place) async throws {
    try await ClusterBench.run(place) { bench in
      func headroom(_ size: Int) async throws -> HeadroomReport {
        let deployment = Fixture.deployment { json in
          json.editEach("spec", "template", "spec", "containers") { $0["resources"] = ["requests": ["cpu": "100m", "memory": "64Mi"]] }
        }
        return try await bench.driver.headroom(
          for: try bench.render([deployment], .green), sizes: ["web": size], target: bench.target, reserved: [], fixedNodes: false)
      }
      let open = try await headroom(2)
      #expect(open.shortages.isEmpty && open.pods == 2 && open.milliCPU == 200 && open.memoryBytes == 128 << 20)
      #expect(open.detail == "2 pods, 200m CPU, 128Mi memory; no quota; nodes not checked (they are not fixed)")
      let quota: JSON = [
        "apiVersion": "v1", "kind": "ResourceQuota", "metadata": ["name": "small"],
        "spec": ["hard": ["pods": "3", "requests.cpu": "1"]],
      ]
      _ = try await bench.api.create(.resourceQuota, bench.namespace, quota)
      let full = try await headroom(4)
      #expect(full.shortages == ["quota small: pods: 4 needed, 3 of 3 left"])
      #expect(try await headroom(3).shortages.isEmpty)
    }
  }

  @Test("On fixed nodes pods must find places", arguments: ClusterBench.Place.available)
  func nodes(_ place: ClusterBench.Place) async throws {
    try await ClusterBench.run(place) { bench in
      func shortages(_ cpu: String) async throws -> [String] {
        let deployment = Fixture.deployment { json in
          json.editEach("spec", "template", "spec", "containers") { $0["resources"] = ["requests": ["cpu": .string(cpu)]] }
        }
        return try await bench.driver.headroom(
          for: try bench.render([deployment], .green), sizes: ["web": 2], target: bench.target, reserved: [], fixedNodes: true
        ).shortages
      }
      let small = try await shortages("10m")
      #expect(small.isEmpty)
      let large = try await shortages("1000")
      #expect(large.count == 1)
      #expect(large.first?.hasPrefix("no node takes 2 of the 2 pods of web: ") == true, "\(large)")
      #expect(large.first?.contains("cpu (1k needed, at most ") == true, "\(large)")
    }
  }

  private static func headroom(
    _ bench: ClusterBench, _ objects: [JSON], size: Int, reserved: [ServiceIndex.Reservation] = [], fixedNodes: Bool = false
  ) async throws -> HeadroomReport {
    try await bench.driver.headroom(
      for: try bench.render(objects, .green), sizes: ["web": size], target: bench.target, reserved: reserved, fixedNodes: fixedNodes)
  }

  private static func limit(_ bench: ClusterBench, pods: Int) async throws {
    let quota: JSON = [
      "apiVersion": "v1", "kind": "ResourceQuota", "metadata": ["name": "small"], "spec": ["hard": ["pods": .string("\(pods)")]],
    ]
    _ = try await bench.api.create(.resourceQuota, bench.namespace, quota)
  }

  @Test("What an autoscaler may ask for one day is told, and refused nothing", arguments: ClusterBench.Place.available)
  func maximum(_ place: ClusterBench.Place) async throws {
    try await ClusterBench.run(place) { bench in
      let objects = [Fixture.deployment(), Fixture.autoscaler(minimum: 2, maximum: 9)]
      let open = try await Self.headroom(bench, objects, size: 3)
      #expect(open.shortages.isEmpty && open.cautions.isEmpty && open.pods == 3)
      #expect(open.detail.hasSuffix("; fits at the autoscaler's maximum of 9 too"))
      try await Self.limit(bench, pods: 5)
      let narrow = try await Self.headroom(bench, objects, size: 3)
      #expect(narrow.shortages.isEmpty)
      #expect(
        narrow.cautions == [
          "fits at the present size of 3; at the autoscaler's maximum of 9, quota small: pods: 9 needed, 5 of 5 left"
        ])
      // What does not fit now is short, and no more is said of one day.
      let short = try await Self.headroom(bench, objects, size: 6)
      #expect(short.shortages == ["quota small: pods: 6 needed, 5 of 5 left"] && short.cautions.isEmpty)
    }
  }

  @Test("Room that another rollout counts on is taken, as far as it has not taken it itself", arguments: ClusterBench.Place.available)
  func reserved(_ place: ClusterBench.Place) async throws {
    try await ClusterBench.run(place) { bench in
      let neighbour = try #require(ServiceName("api"))
      func reservation(_ namespace: String) -> ServiceIndex.Reservation {
        ServiceIndex.Reservation(
          service: neighbour, rollout: Fixture.otherRollout, cluster: "test", namespace: namespace, pods: 2, milliCPU: 0, memoryBytes: 0,
          expires: Timestamp(milliseconds: 0))
      }
      try await Self.limit(bench, pods: 4)
      let own = [reservation(bench.namespace)]
      let held = try await Self.headroom(bench, [Fixture.deployment()], size: 3, reserved: own)
      #expect(held.shortages == ["quota small: pods: 5 needed, 4 of 4 left"])
      let elsewhere = try await Self.headroom(bench, [Fixture.deployment()], size: 3, reserved: [reservation("elsewhere")])
      #expect(elsewhere.shortages.isEmpty)

      // Once its pods are there they are in the quota's count.
      let pod: JSON = [
        "apiVersion": "v1", "kind": "Pod",
        "metadata": ["name": "neighbour", "labels": [Label.rollout: .string(Fixture.otherRollout.text)]],
        "spec": ["containers": [["name": "main", "image": "registry.example/api:1"]]],
      ]
      _ = try await bench.api.create(.pod, bench.namespace, pod)
      // Real controllers count a moment later: the pod's own place is then counted once more or once less, never the reservation's.
      let begun = try await Self.headroom(bench, [Fixture.deployment()], size: 2, reserved: own)
      #expect(begun.shortages.isEmpty, "\(begun.shortages)")
    }
  }
}
