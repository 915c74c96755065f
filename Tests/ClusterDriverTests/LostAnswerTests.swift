import KubernetesModel
import RehearsalCluster
import ReleaseEngine
import ReleaseModel
import Synchronization
import Testing

@testable import ClusterDriver

// Answers get lost, requests get refused: what then is true must be read, never guessed.
@Suite struct LostAnswerTests {
  /// Carries the first write of each object out and breaks the connection instead of answering.
  private final class AnswerThief: RequestInterceptor {
    private let only: String
    private let robbed = Mutex<Set<String>>([])

    init(only: String = "") { self.only = only }

    func verdict(method: String, path: String) -> Interception {
      // Without a namespace there is no test.
      guard method != "GET", !path.contains("/api/v1/namespaces?"), path.contains(only) else { return .proceed }
      return robbed.withLock { $0.insert("\(method) \(path)").inserted } ? .dropAfter : .proceed
    }

    var count: Int { robbed.withLock { $0.count } }
  }

  @Test func `A flip whose answer is lost is unknown, and is not sent twice; the marker tells`() async throws {
    try await ClusterBench.run(.embedded, interceptor: AnswerThief(only: "/services/web?")) { bench in
      try await bench.makeActiveService("blue")
      let seen = try await bench.driver.read(bench.target)
      let error = await #expect(throws: PortError.self) { try await bench.change(seen, to: .color(.green)) }
      #expect(error?.kind == .unknown)
      let now = try await bench.driver.read(bench.target)
      #expect(now.selection == .color(.green) && now.marker == Marker(fence: 1, run: "test"))
    }
  }

  @Test func `A color is built, resized and deleted though the first answer of every write is lost`() async throws {
    let thief = AnswerThief(only: "-green")
    try await ClusterBench.run(.embedded, interceptor: thief) { bench in
      let (driver, target) = (bench.driver, bench.target)
      try await bench.makeActiveService("blue")
      try await bench.apply(
        [Fixture.deployment(), Fixture.configMap(), Fixture.autoscaler(minimum: 1, maximum: 5)], .green, sizes: ["web": 2])
      let ready = try await bench.wait(for: .green) { $0.isFullyReady && $0.readyPods == 2 }
      #expect(ready.rollouts == [Fixture.rollout] && ready.strangers.isEmpty)
      try await driver.resize(.green, target: target, sizes: ["web": 3], asOf: nil)
      try await bench.wait(for: .green) { $0.isFullyReady && $0.readyPods == 3 }
      try await driver.unpin(.green, target: target)
      let scaler = try await bench.api.get(.horizontalPodAutoscaler, bench.namespace, "web-green")
      #expect(scaler["spec", "minReplicas"] == 1)
      try await driver.discard(.green, sparing: nil, target: target, asOf: nil, within: .seconds(30))
      #expect(try await driver.observe(.green, target: target).isEmpty)
    }
    // Applies, the size, the autoscaler's patches and the deletes were all robbed once.
    #expect(thief.count >= 7, "\(thief.count)")
  }

  @Test func `A document whose answer is lost is unknown, and saving it once more finds it saved`() async throws {
    try await ClusterBench.run(.embedded, interceptor: AnswerThief(only: "/configmaps")) { bench in
      let driver = bench.driver
      let error = await #expect(throws: PortError.self) { try await driver.save(.index, text: "a", expecting: nil) }
      #expect(error?.kind == .unknown)
      let stored = try #require(try await driver.load(.index))
      #expect(try await driver.save(.index, text: "a", expecting: nil) == .saved(revision: stored.revision))
      #expect(try await driver.save(.index, text: "b", expecting: nil) == .lost)
    }
  }

  @Test func `A Lease whose answer is lost is held all the same`() async throws {
    try await ClusterBench.run(.embedded, interceptor: AnswerThief(only: "/leases")) { bench in
      let result = try await bench.driver.hold(bench.target.service, holder: "a", for: .seconds(60))
      guard case .held = result else {
        Issue.record("\(result)")
        return
      }
    }
  }

  @Test func `A right that is missing is named as the rule that gives it`() async throws {
    let denial = ClusterUsers.Denial(user: "rehearsal:admin", verb: "patch", resource: "services")
    try await ClusterBench.run(.embedded, denials: [denial]) { bench in
      try await bench.makeActiveService("blue")
      let seen = try await bench.driver.read(bench.target)
      let error = await #expect(throws: PortError.self) { try await bench.change(seen, to: .color(.green)) }
      #expect(error?.kind == .forbidden)
      #expect(
        error?.hint
          == "give tagflip, in a Role in the namespace \(bench.namespace): apiGroups [\"\"], resources [\"services\"], verbs [\"patch\"]"
      )
      #expect(try await bench.driver.read(bench.target) == seen)
    }
  }
}
