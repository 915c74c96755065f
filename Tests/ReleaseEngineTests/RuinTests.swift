import ReleaseEngine
import ReleaseModel
import Testing

/// Going back depends on the standby alone: not on the bad color, nor on Git, checks, notices or the Lease.
@Suite struct RuinTests {
  /// What can have become of the bad color by the time that somebody goes back.
  enum Ruin: String, CaseIterable, Sendable {
    case crashLooping
    case unready
    case scaledToNothing
    case deleted
    case mixedWithStrangers
    case withoutEndpoints

    func befall(_ state: inout SimulatedCluster.State) {
      let bad = SimulatedWorld.version("1.1.0")
      switch self {
      case .crashLooping: state.scripts[bad, default: ReleaseScript()].problem = (.crashLoop, nil)
      case .unready: state.scripts[bad, default: ReleaseScript()].losesPodsAfter = .zero
      case .scaledToNothing: state.colors[SimulatedWorld.web]?[.green]?.desired = ["web": 0]
      case .deleted: state.colors[SimulatedWorld.web]?[.green] = nil
      case .mixedWithStrangers: state.colors[SimulatedWorld.web]?[.green]?.strangers = ["web-green-by-hand"]
      case .withoutEndpoints: state.trafficIsStuck = true
      }
    }
  }

  @Test(arguments: Ruin.allCases)
  func `whatever became of the bad color, users go back at once`(_ ruin: Ruin) async throws {
    let world = SimulatedWorld()
    await world.begin()
    await world.release("1.0.0")
    world.repository.push("web/v1.1.0")
    await world.run()
    let end = world.clock.time + .seconds(30)
    world.cluster.edit { state in
      ruin.befall(&state)
      state.leases[SimulatedWorld.web] = ("another", end)
    }
    for port in ["tags.", "plans.", "audit.", "gates.", "notifier."] { world.tap.cut(port) }
    let report = try await Rollback(world.installation(), service: SimulatedWorld.web, reason: "worse", force: false).run()
    #expect(report.change == .wentBack(to: .blue, patchMs: 4))
    #expect(world.web.selection == .color(.blue) && world.web.marker.version == SimulatedWorld.version("1.0.0"))
    #expect(world.rules.broken == [])
  }
}
