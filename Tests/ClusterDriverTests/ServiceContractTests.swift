import KubernetesClient
import KubernetesModel
import ReleaseEngine
import ReleaseModel
import Testing

@testable import ClusterDriver

// The active Service: read, changed by one conditional PATCH, followed by its endpoints.
@Suite struct ServiceContractTests {
  @Test("A flip moves selector and marker at once, and traffic follows", arguments: ClusterBench.Place.available)
  func flip(_ place: ClusterBench.Place) async throws {
    try await ClusterBench.run(place) { bench in
      let (driver, target) = (bench.driver, bench.target)
      try await bench.makeActiveService()
      let first = try await driver.read(target)
      #expect(first.selection == .nothing && first.marker == Marker() && first.objection == nil)
      try await bench.apply([Fixture.deployment()], .blue)
      try await bench.wait(for: .blue)
      let before = try await driver.traffic(target, to: [.blue], within: .zero)
      #expect(!before.converged)

      let version = try Fixture.version()
      let flipped = try #require(
        try await bench.change(first, to: .color(.blue)) { marker in
          marker.rollout = Fixture.rollout
          marker.version = version
        }.applied)
      #expect(flipped.selection == .color(.blue) && flipped.marker.fence == 1 && flipped.marker.rollout == Fixture.rollout)
      #expect(try await driver.read(target) == flipped)
      let moved = try await driver.traffic(target, to: [.blue], within: .seconds(10))
      #expect(moved.converged && moved.endpoints == 2, "\(moved.detail)")
      #expect(try await !driver.traffic(target, to: [.green], within: .zero).converged)

      // Back to nothing: what the marker loses is gone.
      let withdrawn = try #require(
        try await bench.change(flipped, to: .nothing) { marker in
          marker.rollout = nil
          marker.version = nil
        }.applied)
      #expect(withdrawn.selection == .nothing && withdrawn.marker == Marker(fence: 2, run: "test"))
      #expect(withdrawn.selectorManager == "tagflip")
    }
  }

  @Test(
    "Both colors are reached for a while, nothing of either is stopped meanwhile, and one alone is as it was",
    arguments: ClusterBench.Place.available)
  func overlap(_ place: ClusterBench.Place) async throws {
    try await ClusterBench.run(place) { bench in
      let (driver, target) = (bench.driver, bench.target)
      try await bench.makeActiveService("blue")
      let before = try await driver.read(target)
      for color in Color.allCases {
        try await bench.apply([Fixture.deployment()], color)
        try await bench.wait(for: color)
      }
      let both = try #require(try await bench.change(before, to: .both(target.service)).applied)
      #expect(both.selection == .both && both.selector[Marker.colorLabel] == nil)
      let reached = try await driver.traffic(target, to: Color.allCases, within: .seconds(10))
      #expect(reached.converged && reached.endpoints == 4, "\(reached.detail)")
      #expect(try await !driver.traffic(target, to: [.green], within: .zero).converged)
      for color in Color.allCases {
        #expect(try await driver.observe(color, target: target).isFullyReady)
        let stopped = await #expect(throws: PortError.self) {
          try await driver.resize(color, target: target, sizes: ["web": 0], asOf: both.marker.fence)
        }
        #expect(stopped?.kind == .conflict, "\(String(describing: stopped))")
        let deleted = await #expect(throws: PortError.self) {
          try await driver.discard(color, sparing: nil, target: target, asOf: both.marker.fence, within: .zero)
        }
        #expect(deleted?.kind == .conflict, "\(String(describing: deleted))")
      }
      let alone = try #require(try await bench.change(both, to: .color(.green)).applied)
      #expect(alone.selection == .color(.green) && Set(alone.selector.keys) == Set(before.selector.keys))
      let moved = try await driver.traffic(target, to: [.green], within: .seconds(10))
      #expect(moved.converged && moved.endpoints == 2, "\(moved.detail)")
    }
  }

  @Test("Whoever comes second is refused and sees what is there", arguments: ClusterBench.Place.available)
  func refused(_ place: ClusterBench.Place) async throws {
    try await ClusterBench.run(place) { bench in
      try await bench.makeActiveService("blue")
      let seen = try await bench.driver.read(bench.target)
      let first = try #require(try await bench.change(seen, to: .color(.green)).applied)
      #expect(try await bench.change(seen, to: .color(.green)).refused == first)

      // Somebody's own annotation stays, somebody's edit of the selector is reported with his name.
      let client = bench.api.client
      _ = try await client.merge(
        .service, namespace: bench.namespace, name: "web", ["metadata": ["annotations": ["team": "shop"]]])
      let touched = try #require(try await bench.change(first, to: nil).refused)
      #expect(touched.selection == first.selection && touched.marker == first.marker)
      let second = try #require(try await bench.change(touched, to: nil).applied)
      #expect(second.marker.fence == 2)
      let service = try await bench.api.get(.service, bench.namespace, "web")
      #expect(service.annotations["team"] == "shop")
    }
  }

  @Test("A Service that was deleted and made anew is not the one that was seen", arguments: ClusterBench.Place.available)
  func remade(_ place: ClusterBench.Place) async throws {
    try await ClusterBench.run(place) { bench in
      try await bench.makeActiveService("blue")
      let seen = try await bench.driver.read(bench.target)
      try await bench.api.delete(.service, try await bench.api.get(.service, bench.namespace, "web"))
      let missing = await #expect(throws: PortError.self) { try await bench.driver.read(bench.target) }
      #expect(missing?.kind == .notFound && missing?.hint?.contains("create service clusterip web") == true)
      try await bench.makeActiveService("blue")
      #expect(try await bench.change(seen, to: .color(.green)).refused?.selection == .color(.blue))
    }
  }

  @Test("The preview Service follows a color, keeps its address, and is never somebody else's", arguments: ClusterBench.Place.available)
  func preview(_ place: ClusterBench.Place) async throws {
    try await ClusterBench.run(place) { bench in
      let (driver, target) = (bench.driver, bench.target)
      try await bench.makeActiveService("blue")
      let first = try await driver.preview(target, color: .green, rollout: Fixture.rollout)
      #expect(first.name == "web-preview" && first.ports == [ServiceAddress.Port(name: "http", number: 80)])
      #expect(first.clusterIP != nil)
      let second = try await driver.preview(target, color: .blue, rollout: Fixture.otherRollout)
      #expect(second == first)
      let service = try await bench.api.get(.service, bench.namespace, "web-preview")
      #expect(service["spec", "selector"] == ["app": "web", "tagflip.dev/color": "blue"])
      #expect(service.labels[Label.rollout] == Fixture.otherRollout.text)
      // It belongs to no color, so that no color's end takes it along.
      try await driver.discard(.green, sparing: nil, target: target, asOf: nil, within: .seconds(10))
      try await bench.api.delete(.service, try await bench.api.get(.service, bench.namespace, "web-preview"))
      var foreign = Fixture.activeService("green")
      foreign["metadata", "name"] = "web-preview"
      _ = try await bench.api.create(.service, bench.namespace, foreign)
      let error = await #expect(throws: PortError.self) { try await driver.preview(target, color: .green, rollout: Fixture.rollout) }
      #expect(error?.reason.contains("is not the preview Service of web") == true)
    }
  }

  @Test("Where a color's pods are is told of those that the Service would select", arguments: ClusterBench.Place.available)
  func placement(_ place: ClusterBench.Place) async throws {
    try await ClusterBench.run(place) { bench in
      let (driver, target) = (bench.driver, bench.target)
      var service = Fixture.activeService("blue")
      service["spec", "internalTrafficPolicy"] = "Local"
      _ = try await bench.api.create(.service, bench.namespace, service)
      #expect(try await driver.read(target).localPolicies == ["internalTrafficPolicy"])
      try await bench.apply([Fixture.deployment(), Fixture.deployment("worker", replicas: 1)], .green, sizes: ["web": 2, "worker": 1])
      try await bench.wait(for: .green)
      let placement = try await driver.placement(of: .green, target: target)
      let pods = try await bench.api.list(.pod, bench.namespace, labels: "app=web")
      #expect(Set(placement.pods.map(\.name)) == Set(pods.map(\.name)) && placement.pods.count == 2)
      #expect(placement.pods.allSatisfy { $0.isReady })
      #expect(Set(placement.nodes) == Set(pods.compactMap { $0["spec", "nodeName"]?.string }) && !placement.nodes.isEmpty)
      #expect(try await driver.placement(of: .blue, target: target) == Placement())
    }
  }

  @Test("A pod whose readiness gate is closed is not ready, whatever its containers say", arguments: ClusterBench.Place.available)
  func readinessGate(_ place: ClusterBench.Place) async throws {
    try await ClusterBench.run(place) { bench in
      try await bench.makeActiveService("green")
      let gated = Fixture.deployment(replicas: 1) { json in
        json["spec", "template", "spec", "readinessGates"] = [["conditionType": "example.com/registered"]]
      }
      try await bench.apply([gated], .green, sizes: ["web": 1])
      let start = ContinuousClock().now
      while true {
        let pods = try await bench.api.list(.pod, bench.namespace, labels: "app=web")
        let conditions = pods.first?["status", "conditions"]?.array ?? []
        if conditions.contains(where: { $0["type"] == "ContainersReady" && $0["status"] == "True" }) { break }
        try #require(ContinuousClock().now - start < .seconds(20), "\(pods)")
        try await Task.sleep(for: .milliseconds(50))
      }
      let seen = try await bench.driver.observe(.green, target: bench.target)
      #expect(seen.readyPods == 0 && seen.desiredPods == 1 && !seen.isFullyReady)
      #expect(try await bench.driver.placement(of: .green, target: bench.target).nodes.isEmpty)
      #expect(try await !bench.driver.traffic(bench.target, to: [.green], within: .zero).converged)
    }
  }

  @Test("A standby's pod is replaced, and none of what users are on or were sent back to", arguments: ClusterBench.Place.available)
  func replaced(_ place: ClusterBench.Place) async throws {
    try await ClusterBench.run(place) { bench in
      let (driver, target) = (bench.driver, bench.target)
      try await bench.makeActiveService("green")
      try await bench.apply([Fixture.deployment()], .blue)
      try await bench.wait(for: .blue)
      let before = try await driver.placement(of: .blue, target: target)
      let pod = try #require(before.pods.first)
      #expect(before.pods.count == 2 && !pod.uid.isEmpty && pod.createdAt != nil)
      let early = await #expect(throws: PortError.self) { try await driver.replace(pod, of: .blue, target: target, asOf: 7) }
      #expect(early?.kind == .conflict && early?.reason.contains("somebody has changed the Service web since") == true)
      let back = try #require(try await bench.change(try await driver.read(target), to: .color(.blue)).applied)
      let active = await #expect(throws: PortError.self) {
        try await driver.replace(pod, of: .blue, target: target, asOf: back.marker.fence)
      }
      #expect(active?.reason == "the Service web selects it")
      let away = try #require(try await bench.change(back, to: .color(.green)).applied)
      let untouched = try await driver.placement(of: .blue, target: target)
      #expect(untouched == before)
      try await driver.replace(pod, of: .blue, target: target, asOf: away.marker.fence)
      try await bench.wait(for: .blue)
      let after = try await driver.placement(of: .blue, target: target)
      let (old, new) = (Set(before.pods.map(\.uid)), Set(after.pods.map(\.uid)))
      #expect(after.pods.count == 2 && old.subtracting(new) == [pod.uid])
      // It is gone: what was asked for is so already.
      try await driver.replace(pod, of: .blue, target: target, asOf: away.marker.fence)
    }
  }
}
