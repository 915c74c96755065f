import ReleaseModel
import Testing

@testable import ReleaseEngine

/// `connections: long`: established connections move to the new color, since the old one's pods are replaced while the bake watches.
@Suite struct ConnectionTests {
  let world = SimulatedWorld()

  private func tagged(_ connections: Connections? = .long, replicas: Int = 3) async {
    world.repository.edit { $0.replicas = replicas }
    await world.begin()
    await world.release("1.0.0")
    world.planFor("1.1.0") { $0.connections = connections }
    world.repository.push("web/v1.1.0")
    world.tap.arm()
  }

  private var moved: ConnectionsMoved? { world.records.last { $0.event == .outcome }?.cutover?.connections }

  @Test func `each pod of the standby is replaced once, each ready before the next, and the record says so`() async throws {
    await tagged()
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
    #expect(moved == ConnectionsMoved(replaced: 3, pods: 3))
    #expect(world.tap.count("standbyPods.replace") == 3)
    #expect(world.cluster.color(.blue, of: SimulatedWorld.web)?.replaced.count == 3)
    #expect(world.rules.broken.isEmpty)
    let plan = try #require(world.records.last { $0.event == .plan })
    #expect(plan.remarks == ["connections: long: after the flip blue's 3 pods are replaced one at a time, so that established ones move"])
  }

  @Test func `no pod is replaced while a load balancer may still send to it`() async throws {
    await tagged()
    world.cluster.edit { $0.services["web"]?.podBalancers = ["an annotation"] }
    let (cluster, clock) = (world.cluster, world.clock)
    world.tap.before("standbyPods.replace") {
      let flipped = cluster.service(SimulatedWorld.target())?.exposedAt ?? .zero
      #expect(clock.elapsed - flipped >= PodBalancers.patience - .seconds(1), "\(clock.elapsed - flipped)")
    }
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
    #expect(moved == ConnectionsMoved(replaced: 3, pods: 3))
  }

  @Test(arguments: [Connections.short, nil])
  func `without it no pod is touched`(_ connections: Connections?) async {
    await tagged(connections)
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
    #expect(moved == nil)
    #expect(world.tap.count("standbyPods.replace") == 0)
  }

  @Test func `the bake goes on until all are replaced and what came over was watched`() async throws {
    // Each successor takes longer than the whole bake.
    world.script("1.0.0") { $0.startup = .seconds(4) }
    await tagged()
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
    #expect(moved == ConnectionsMoved(replaced: 3, pods: 3))
    let bake = try #require(world.records.last?.steps.last { $0.step == .bake })
    #expect(bake.ms >= 3 * 4000 + 2 * 1000)
  }

  @Test func `a version that breaks under what comes over goes back`() async {
    world.script("1.0.0") { $0.startup = .seconds(4) }
    world.script("1.1.0") { $0.degradesAfter = .seconds(6) }
    await tagged()
    await world.run()
    // By the bake's own 3 s it would have been promoted.
    #expect(world.outcomes.last == "1.1.0 rolled-back")
    #expect(world.web.selection == .color(.blue))
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `the only pod of a standby is not replaced`() async {
    await tagged(replicas: 1)
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
    #expect(moved?.replaced == 0 && moved?.pods == 1)
    #expect(moved?.stopped == "blue has one pod, and there would be nothing to go back to while its successor starts")
    #expect(world.tap.count("standbyPods.replace") == 0)
  }

  @Test func `a successor that does not get ready ends it, and the release goes on`() async {
    await tagged()
    world.script("1.0.0") { $0.successorsFail = true }
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
    #expect(world.tap.count("standbyPods.replace") == 1)
    #expect(moved?.stopped?.contains("blue was not whole again within 30 s") == true)
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `a bot that may not delete pods is told so once`() async {
    await tagged()
    var installation = world.installation()
    installation.ports.standbyPods = Forbidden()
    _ = await ReleaseRun(installation).run()
    #expect(world.outcomes.last == "1.1.0 promoted")
    #expect(moved?.replaced == 0)
    #expect(moved?.stopped?.contains("may not delete pods") == true)
  }

  @Test(arguments: [PortTap.Fault.killedBefore, .killedAfter])
  func `who goes on after a kill replaces no pod twice`(_ fault: PortTap.Fault) async {
    await tagged()
    world.tap.arm([.init(name: "standbyPods.replace", occurrence: 2): fault])
    await world.run()
    world.tap.revive()
    world.clock.advance(.seconds(31))
    world.tap.arm()
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
    #expect(moved == ConnectionsMoved(replaced: 3, pods: 3))
    #expect(world.tap.count("standbyPods.replace") == (fault == .killedAfter ? 1 : 2))
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `a person who goes back in its midst is not held up, and no pod that users are back on is touched`() async {
    await tagged()
    world.tap.before("standbyPods.replace", 2) { [world] in
      _ = try? await Rollback(world.installation(), service: SimulatedWorld.web, reason: "worse", force: false).run()
    }
    await world.run()
    #expect(world.web.selection == .color(.blue))
    #expect(world.cluster.color(.blue, of: SimulatedWorld.web)?.replaced.count == 1)
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes.last == "1.1.0 rolled-back")
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `pods that tagflip did not make are left alone`() async throws {
    world.cluster.edit { state in
      state.inPlace = 3
      state.services["web"]?.selection = .uncolored
    }
    await world.begin()
    _ = try await Adopt(
      world.installation(), target: SimulatedWorld.target(), version: SimulatedWorld.version("0.9.0"), reason: "we move to tags"
    ).run()
    world.planFor("1.1.0") { $0.connections = .long }
    world.repository.push("web/v1.1.0")
    await world.run()
    #expect(world.outcomes == ["1.1.0 promoted"])
    #expect(world.tap.count("standbyPods.replace") == 0)
    #expect(moved?.stopped == "tagflip did not make blue's pods, and leaves them alone")
  }

  private struct Forbidden: StandbyPods {
    func replace(_ pod: PlacedPod, of color: Color, target: ServiceTarget, asOf fence: UInt64) async throws(PortError) {
      throw PortError(.forbidden, attempted: "replace \(pod.name)", reason: "it may not delete pods")
    }
  }
}
