import ReleaseModel
import Testing

@testable import ReleaseEngine

/// What counts as changed by another hand, and what does not. Pure: one look's values, each with one thing that is otherwise.
@Suite struct DriftFindingTests {
  /// 1.1.0 is live on green, and 1.0.0 stands by warm on blue.
  struct Scene {
    var seen: ActiveService
    var live: LiveRelease
    var green: ColorHoldings
    var blue: ColorHoldings

    var lines: [String] {
      Drift(seen, colors: [blue.observation, green.observation], live: live, held: [green, blue]).lines
    }
  }

  private func scene() async throws -> Scene {
    let world = SimulatedWorld()
    await world.begin()
    await world.release("1.0.0")
    world.repository.push("web/v1.1.0")
    await world.run()
    let target = SimulatedWorld.target()
    return Scene(
      seen: try await world.cluster.read(target), live: try #require(world.journal?.live),
      green: try await world.cluster.holdings(of: .green, planned: nil, target: target),
      blue: try await world.cluster.holdings(of: .blue, planned: nil, target: target))
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var lines: [String]
    var change: @Sendable (inout Scene) -> Void

    init(_ name: String, _ lines: [String], _ change: @escaping @Sendable (inout Scene) -> Void) {
      (testDescription, self.lines, self.change) = (name, lines, change)
    }
  }

  static let found: [Case] = [
    Case("larger", ["Deployment web-green has 5 pods, the release left it 3 (last written by kubectl)"]) { scene in
      scene.green.observation.workloads[0].desired = 5
      scene.green.hands["web-green"] = ColorHoldings.Hands(size: "kubectl")
    },
    Case("smaller", ["Deployment web-green has 1 pod, the release left it 3"]) { $0.green.observation.workloads[0].desired = 1 },
    Case(
      "another image",
      [
        "Deployment web-green runs registry.example/web:debug in container web, the release left it registry.example/web:1.1.0 (last written by kubectl-set)"
      ]
    ) { scene in
      scene.green.observation.workloads[0].asked["web"] = "registry.example/web:debug"
      scene.green.hands["web-green"] = ColorHoldings.Hands(images: ["web": "kubectl-set"])
    },
    Case("a container more", ["Deployment web-green has a container tap that the release did not have, with registry.example/tap:1"]) {
      $0.green.observation.workloads[0].asked["tap"] = "registry.example/tap:1"
    },
    Case("a container less", ["Deployment web-green lacks the container web, which the release left with registry.example/web:1.1.0"]) {
      $0.green.observation.workloads[0].asked = [:]
    },
    Case("gone", ["ConfigMap web-green, which users were on, is gone"]) { $0.green.gone = ["ConfigMap web-green"] },
    Case("remade", ["Secret web-green does not carry the rollout's id any more: somebody made it anew, or took its label"]) {
      $0.green.remade = ["Secret web-green"]
    },
    Case("a stranger", ["green holds what no rollout made: ConfigMap debug"]) { $0.green.strangers = ["ConfigMap debug"] },
    Case("the standby is smaller", ["Deployment web-blue, which a rollback rests on, has 1 pod, the release left it 3"]) {
      $0.blue.observation.workloads[0].desired = 1
    },
    Case("the standby lacks an object", ["ConfigMap web-blue, which a rollback rests on, is gone"]) {
      $0.blue.gone = ["ConfigMap web-blue"]
    },
    Case(
      "the standby has another image",
      ["Deployment web-blue, which a rollback rests on, runs x in container web, the release left it registry.example/web:1.0.0"]
    ) { $0.blue.observation.workloads[0].asked["web"] = "x" },
    Case(
      "moved",
      ["the Service selects blue, and the marker says green (1.1.0): kubectl-edit wrote the selector"]
    ) { scene in
      scene.seen.selection = .color(.blue)
      scene.seen.selectorManager = "kubectl-edit"
      // Of a color that users are not on nothing more is told.
      scene.green.gone = ["ConfigMap web-green"]
    },
    Case(
      "moved by nobody knows whom",
      ["the Service selects tagflip.dev/color: none, and the marker says green (1.1.0): who moved them cannot be told"]
    ) {
      ($0.seen.selection, $0.seen.selectorManager) = (.nothing, nil)
    },
    Case("hostile names", ["green holds what no rollout made: Pod a[31m b"]) { $0.green.strangers = ["Pod a\u{1B}[31m\u{202E} b\n"] },
  ]

  @Test("What another hand changed is told in one line", arguments: found)
  func isFound(_ one: Case) async throws {
    var scene = try await scene()
    #expect(scene.lines.isEmpty, "\(scene.lines)")
    one.change(&scene)
    #expect(scene.lines == one.lines)
  }

  // What looks changed and is not, or of what nobody knows how it was.
  static let unfound: [Case] = [
    Case("an autoscaler sizes it", []) { scene in
      scene.green.observation.workloads[0].desired = 7
      scene.green.scaled = ["web-green"]
    },
    Case("whether an autoscaler sizes it cannot be seen", []) { scene in
      scene.green.observation.workloads[0].desired = 7
      scene.green.scaled = nil
    },
    Case("the journal does not say how large it was", []) { scene in
      scene.live.sizes = nil
      scene.live.standbySizes = [:]
      scene.green.observation.workloads[0].desired = 7
      scene.blue.observation.workloads[0].desired = 7
    },
    Case("the journal does not say what it ran", []) { scene in
      scene.live.images = nil
      scene.live.before?.images = nil
      scene.green.observation.workloads[0].asked = ["web": "x"]
      scene.blue.observation.workloads[0].asked = ["web": "x"]
    },
    Case("the journal is of another release", []) { scene in
      scene.live.rollout = RolloutID(random: 99)
      scene.green.observation.workloads[0].desired = 7
    },
    Case("the standby is cold", []) { scene in
      scene.seen.marker.standby?.temperature = .cold
      scene.blue.observation.workloads[0].desired = 0
    },
    Case("the standby is being started", []) { scene in
      scene.seen.marker.standby?.temperature = .warming
      scene.blue.observation.workloads[0].desired = 0
    },
    Case("what stands by was adopted, and no rollout made it", []) { scene in
      scene.seen.marker.adoption = Adoption(color: .blue, deployment: "web", uid: "u", selector: [:], narrowing: [:])
      scene.seen.marker.standby?.rollout = nil
      scene.blue.strangers = ["Deployment web"]
    },
    Case("what stands by was made by hand", []) { scene in
      scene.seen.marker.standby?.rollout = nil
      scene.blue.strangers = ["Deployment web-blue"]
    },
    Case("a Deployment that is handed over has no size of its own", []) { scene in
      scene.green.observation.apart = [WorkloadObservation(name: "worker", desired: 4, ready: 4, isSettled: true)]
    },
  ]

  @Test("What tagflip does itself, and what nobody knows, is no drift", arguments: unfound)
  func isNotFound(_ one: Case) async throws {
    var scene = try await scene()
    one.change(&scene)
    #expect(scene.lines == [])
  }

  @Test func `an autoscaler that somebody deleted is told, and not the size that it had made`() async throws {
    var scene = try await scene()
    scene.green.gone = ["HorizontalPodAutoscaler web-green"]
    scene.green.observation.workloads[0].desired = 7
    #expect(scene.lines == ["HorizontalPodAutoscaler web-green, which users were on, is gone"])
  }

  @Test func `a report holds so many findings, counts the rest, and tells one from another`() throws {
    let many = (1...40).map { DriftFinding(.gone, color: .blue, object: "ConfigMap c\($0)") }
    let at = Timestamp(milliseconds: 1000)
    let report = DriftReport(since: at, all: many)
    #expect(report.findings.count == 30 && report.more == 10)
    let rollout = RolloutID(random: 1)
    #expect(report.digest(of: rollout) == DriftReport(since: at + .seconds(5), all: many).digest(of: rollout), "whenever it was seen")
    #expect(report.digest(of: rollout) != report.digest(of: RolloutID(random: 2)), "of another release it is news")
    #expect(report.digest(of: rollout) != DriftReport(since: at, all: Array(many.dropLast(10))).digest(of: rollout))
    #expect(DriftReport(since: at, all: []).digest(of: rollout) == nil)
  }

  @Test func `each finding says what to do next`() {
    let target = SimulatedWorld.target()
    func hint(_ kind: DriftFinding.Kind, isStandby: Bool = false, container: String? = nil, left: String? = nil, found: String? = nil)
      -> String
    {
      DriftFinding(
        kind, color: .green, isStandby: isStandby, object: "Deployment web-green", container: container, left: left, found: found
      )
      .hint(target)
    }
    #expect(
      hint(.size, left: "3", found: "5") == "put it back: kubectl -n shop scale deployment/web-green --replicas=3; or release a new version"
    )
    #expect(
      hint(.image, container: "app", left: "x:1", found: "x:2")
        == "put it back: kubectl -n shop set image deployment/web-green app=x:1; or release a new version")
    #expect(hint(.size, isStandby: true, left: "3").hasSuffix("; a rollback may find less than it needs until then"))
    #expect(hint(.moved).hasPrefix("say what is right: tagflip settle web --restore"))
    #expect(hint(.gone).hasPrefix("make it as it was"))
    #expect(hint(.stranger).contains("-l tagflip.dev/color=green"))
  }
}
