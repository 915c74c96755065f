import KubernetesModel
import RehearsalCluster
import ReleaseEngine
import ReleaseModel
import Synchronization
import Testing

@testable import ClusterDriver

// What acts without the Service, over the embedded cluster and over a real API server alike.
@Suite struct RunnerContractTests {
  private static let objects = [
    Fixture.deployment(), Fixture.configMap(), Fixture.serviceAccount(), Fixture.worker, Fixture.nightly, Fixture.migration(),
  ]

  @Test func `what acts without the Service is rendered like the rest, held, and says when it runs`() throws {
    let environment = try Fixture.render(Self.objects, runs: Fixture.runs, identity: .perColor)
    #expect(environment.served.map(\.name) == ["web"])
    #expect(environment.workloads.map(\.runs) == [.beforeCutover, nil, .whenActive, .whenActive])
    let applied = try AppliedObject.all(environment, rollout: Fixture.rollout, sizes: ["web": 2])
    func object(_ name: String) throws -> JSON { try #require(applied.first { $0.json.name == name }?.json) }
    let worker = try object("worker-green")
    #expect(worker["spec", "replicas"]?.int == 0 && worker.annotations["tagflip.dev/size"] == "2")
    #expect(worker.annotations["tagflip.dev/runs"] == "when-active")
    let nightly = try object("nightly-green")
    #expect(nightly["spec", "suspend"]?.bool == true)
    let pod = try #require(nightly["spec", "jobTemplate", "spec", "template"])
    for labels in [nightly.labels, nightly["spec", "jobTemplate", "metadata", "labels"]?.strings, pod["metadata", "labels"]?.strings] {
      #expect(labels?["tagflip.dev/color"] == "green" && labels?["tagflip.dev/rollout"] == Fixture.rollout.text)
    }
    #expect(pod["spec", "serviceAccountName"]?.string == "web-green", "each color has its own")
    #expect(pod["spec", "containers"]?[0]?["image"]?.string == "registry.example/web:1.4.0")
    #expect(pod["spec", "containers"]?[0]?["envFrom"]?[0]?["configMapRef", "name"]?.string == "web-green")
    let account = try object("web-green")
    #expect(account.labels["tagflip.dev/color"] == "green")
    #expect(try object("migrate-green").annotations["tagflip.dev/runs"] == "before-cutover")
    // The Job before the pods, the CronJob last.
    #expect(applied.map(\.json.name) == ["web-green", "web-green", "migrate-green", "web-green", "worker-green", "nightly-green"])
  }

  private func bench(_ place: ClusterBench.Place, _ body: @escaping @Sendable (ClusterBench, UInt64) async throws -> Void) async throws {
    try await ClusterBench.run(place) { bench in
      try await bench.makeActiveService("blue")
      let seen = try await bench.driver.read(bench.target)
      let marked = try #require(try await bench.change(seen, to: nil).applied)
      try await body(bench, marked.marker.fence)
    }
  }

  private func apply(_ bench: ClusterBench, _ objects: [JSON], _ color: Color) async throws {
    let environment = try Fixture.render(
      objects, color, namespace: bench.namespace,
      runs: Fixture.runs.filter { rule in objects.contains { $0.name == rule.name && $0["kind"]?.string == rule.kind.rawValue } })
    try await bench.driver.apply(environment, rollout: Fixture.rollout, sizes: ["web": 1], atMost: nil, target: bench.target)
  }

  private func wait(_ bench: ClusterBench, _ color: Color, _ holds: (RunnersObservation) -> Bool) async throws -> RunnersObservation {
    for _ in 0..<400 {
      let seen = try await bench.driver.runners(color, target: bench.target)
      if holds(seen) { return seen }
      try await Task.sleep(for: .milliseconds(50))
    }
    let seen = try await bench.driver.runners(color, target: bench.target)
    Issue.record("still \(seen)")
    return seen
  }

  @Test(
    "A consumer and a CronJob are held, started and held again, and a size set by hand comes back", arguments: ClusterBench.Place.available)
  func handed(_ place: ClusterBench.Place) async throws {
    try await bench(place) { bench, fence in
      try await apply(
        bench, [Fixture.deployment(), Fixture.configMap(), Fixture.serviceAccount(), Fixture.worker, Fixture.nightly], .green)
      let color = try await bench.wait(for: .green)
      #expect(color.sizes == ["web": 1] && color.apart.map(\.name) == ["worker"] && color.desiredPods == 1)
      let held = try await bench.driver.runners(.green, target: bench.target)
      #expect(held.whenActive.map(\.title) == ["CronJob nightly-green", "Deployment worker-green"])
      #expect(held.whenActive.allSatisfy { $0.isHeld && $0.handed == nil } && !held.isHanded(active: false, for: "r-1"))

      try await bench.driver.hand(.green, isActive: true, for: "r-1", target: bench.target, asOf: fence)
      let started = try await wait(bench, .green) { $0.isHanded(active: true, for: "r-1") && $0.complaint == nil && !$0.acting.isEmpty }
      #expect(started.acting.count == 2 && started.acting.allSatisfy { $0.hasPrefix("Pod worker-green-") }, "\(started.acting)")
      // Sizing a color says nothing of what is handed over.
      try await bench.driver.resize(.green, target: bench.target, sizes: ["web": 2, "worker": 0], asOf: nil)
      #expect(try await bench.driver.runners(.green, target: bench.target).isHanded(active: true, for: "r-1"))

      let worker = try await bench.api.get(.deployment, bench.namespace, "worker-green")
      try await bench.api.scale(worker, bench.namespace, to: 3)
      try await bench.driver.hand(.green, isActive: false, for: "r-2", target: bench.target, asOf: fence)
      let gone = try await wait(bench, .green) { $0.acting.isEmpty }
      #expect(gone.isHanded(active: false, for: "r-2") && gone.complaint == nil)
      #expect(try await bench.api.get(.cronJob, bench.namespace, "nightly-green")["spec", "suspend"]?.bool == true)
      try await bench.driver.hand(.green, isActive: true, for: "r-3", target: bench.target, asOf: fence)
      #expect(try await bench.api.get(.deployment, bench.namespace, "worker-green")["spec", "replicas"]?.int == 3)

      try await bench.driver.discard(.green, sparing: nil, target: bench.target, asOf: nil, within: .seconds(30))
      #expect(try await bench.driver.runners(.green, target: bench.target) == RunnersObservation())
    }
  }

  /// Answers the second PATCH of the consumer as if a controller had written its status in between.
  private final class BusyController: RequestInterceptor {
    private let patches = Mutex(0)
    var count: Int { patches.withLock { $0 } }

    func verdict(method: String, path: String) -> Interception {
      guard method == "PATCH", path.contains("/deployments/worker-green?") else { return .proceed }
      let number = patches.withLock { count in
        count += 1
        return count
      }
      return number == 2 ? .refuse(status: 409, text: "the object has been modified", retryAfter: nil) : .proceed
    }
  }

  @Test func `a status that a controller writes in between does not end a hand-over`() async throws {
    let controller = BusyController()
    try await ClusterBench.run(.embedded, interceptor: controller) { bench in
      try await bench.makeActiveService("blue")
      let marked = try #require(try await bench.change(try await bench.driver.read(bench.target), to: nil).applied)
      try await apply(bench, [Fixture.deployment(), Fixture.worker], .green)
      try await bench.driver.hand(.green, isActive: true, for: "r-1", target: bench.target, asOf: marked.marker.fence)
      #expect(try await bench.driver.runners(.green, target: bench.target).isHanded(active: true, for: "r-1"))
    }
    #expect(controller.count >= 3)
  }

  @Test("Who was held up hands nothing over: by the fence, and by what another one wrote", arguments: ClusterBench.Place.available)
  func late(_ place: ClusterBench.Place) async throws {
    try await bench(place) { bench, fence in
      try await apply(bench, [Fixture.deployment(), Fixture.worker], .green)
      let error = await #expect(throws: PortError.self) {
        try await bench.driver.hand(.green, isActive: true, for: "r-1", target: bench.target, asOf: fence - 1)
      }
      #expect(error?.kind == .conflict)
      let stale = try await bench.api.get(.deployment, bench.namespace, "worker-green")
      // Held already: it is written all the same, so that what was read before does not count any more.
      try await bench.driver.hand(.green, isActive: false, for: "r-2", target: bench.target, asOf: fence)
      let late = await #expect(throws: PortError.self) {
        _ = try await bench.api.merge(
          .deployment, bench.namespace, "worker-green",
          ["metadata": ["resourceVersion": stale["metadata", "resourceVersion"] ?? .null], "spec": ["replicas": 2]])
      }
      #expect(late?.kind == .conflict)
      #expect(try await bench.driver.runners(.green, target: bench.target).whenActive.first?.isHeld == true)
    }
  }

  @Test func `a consumer that its manifest wants at nothing is handed over all the same`() async throws {
    try await bench(.embedded) { bench, fence in
      try await apply(bench, [Fixture.deployment(), Fixture.deployment("worker", replicas: 0)], .green)
      try await bench.driver.hand(.green, isActive: true, for: "r-1", target: bench.target, asOf: fence)
      let started = try await bench.driver.runners(.green, target: bench.target)
      #expect(started.isHanded(active: true, for: "r-1") && started.complaint == nil && started.whenActive.first?.isHeld == true)
    }
  }

  @Test("A Job that must run first is told from one that failed", arguments: ClusterBench.Place.available, ["succeed", "fail"])
  func first(_ place: ClusterBench.Place, _ command: String) async throws {
    try await bench(place) { bench, _ in
      try await apply(bench, [Fixture.deployment(), Fixture.migration(command)], .green)
      let ended = try await wait(bench, .green) { $0.jobs.first.map { $0.state != .running } ?? false }
      #expect(ended.jobs.map(\.name) == ["migrate-green"])
      if command == "succeed" {
        #expect(ended.jobs.first?.state == .succeeded)
      } else if case .failed(let words)? = ended.jobs.first?.state {
        #expect(words.contains("BackoffLimitExceeded"), "\(words)")
      } else {
        Issue.record("\(ended)")
      }
      // A killed run's successor applies again: nothing changes, nothing fails.
      try await apply(bench, [Fixture.deployment(), Fixture.migration(command)], .green)
    }
  }

  @Test func `a consumer that the Service selects, and one that it should and does not, are told before anything is applied`() throws {
    let service = Fixture.activeService("none")
    func objections(_ objects: [JSON], _ runs: [RunRule]?) throws -> [String] {
      let applied = try AppliedObject.all(try Fixture.render(objects, runs: runs), rollout: nil, sizes: [:])
      return ServiceFit(service: service, color: .green).objections(to: applied)
    }
    #expect(try objections([Fixture.deployment(), Fixture.worker], [Fixture.runs[0]]).isEmpty)
    #expect(
      try objections([Fixture.deployment(), Fixture.worker], nil).first?.contains(
        "runs: [{kind: Deployment, name: worker, runs: when-active}]") == true)
    let reached = Fixture.changed(Fixture.worker) { worker in
      worker["spec", "selector", "matchLabels"] = ["app": "web", "tier": "back"]
      worker["spec", "template", "metadata", "labels"] = ["app": "web", "tier": "back"]
    }
    let web = Fixture.changed(Fixture.deployment()) { deployment in
      deployment["spec", "selector", "matchLabels", "tier"] = "front"
      deployment["spec", "template", "metadata", "labels", "tier"] = "front"
    }
    #expect(
      try objections([web, reached], [Fixture.runs[0]]).first?.contains("selects its pods, and runs says that it acts without it") == true)
  }
}
