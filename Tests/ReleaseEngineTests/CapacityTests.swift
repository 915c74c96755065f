import ReleaseEngine
import ReleaseModel
import Testing

/// The new color gets what the old one has, and autoscalers are pinned for as long as somebody may need their pods.
@Suite struct CapacityTests {
  let world = SimulatedWorld()

  private func live(autoscaled: Bool = false, replicas: Int? = 3) async {
    world.repository.edit { ($0.autoscaled, $0.replicas) = (autoscaled, replicas) }
    await world.begin()
    await world.release("1.0.0")
  }

  /// Somebody, or an autoscaler, has changed the size of what users are on.
  private func scale(_ color: Color, to size: Int) {
    world.cluster.edit { state in
      let names = state.colors[SimulatedWorld.web]?[color]?.desired ?? [:]
      state.colors[SimulatedWorld.web]?[color]?.desired = names.mapValues { _ in size }
    }
  }

  private func pin(_ color: Color) -> Int? {
    world.cluster.color(color, of: SimulatedWorld.web)?.pinned?.values.reduce(0, +)
  }

  // replicas of the manifest before and after; what runs when 1.1.0 is tagged; what 1.1.0 gets
  static let sizes: [(Int?, Int?, Int, Int)] = [
    (3, 3, 3, 3),
    // Somebody scaled what is live: as many as users are on.
    (3, 3, 7, 7), (3, 3, 1, 1),
    // The release itself asks for another size.
    (3, 5, 3, 5), (3, 2, 7, 2),
    // A manifest that names none.
    (nil, nil, 4, 4), (3, nil, 4, 4),
  ]

  @Test("Without an autoscaler the manifest's replicas count where the release changes them, else what runs", arguments: sizes)
  func parity(_ before: Int?, _ after: Int?, _ running: Int, _ expected: Int) async {
    await live(replicas: before)
    scale(.blue, to: running)
    world.repository.edit { $0.replicas = after }
    world.repository.push("web/v1.1.0")
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
    #expect(world.size(.green) == expected)
    #expect(world.size(.blue) == running, "a rollback finds what it left")
  }

  @Test func `with an autoscaler the present size counts, whatever the manifest says`() async {
    await live(autoscaled: true)
    scale(.blue, to: 6)
    world.repository.edit { $0.replicas = 2 }
    world.repository.push("web/v1.1.0")
    await world.run()
    #expect(world.size(.green) == 6)
  }

  @Test func `the new color is pinned until the bake ends, the old one from the flip until it is cold`() async {
    await live(autoscaled: true)
    scale(.blue, to: 5)
    world.repository.push("web/v1.1.0")
    world.tap.arm()
    world.tap.before("services.change", 2) { [self] in
      // The flip: nothing of what users are on was touched.
      #expect(pin(.green) == 5 && pin(.blue) == nil)
    }
    world.tap.before("gates.check.control") { [self] in
      #expect(world.web.selection == .color(.green))
      #expect(pin(.green) == 5 && pin(.blue) == 5)
    }
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
    #expect(pin(.green) == nil, "free to breathe")
    #expect(pin(.blue) == 5, "an idle standby would shrink below what a rollback needs")
    _ = try? await Rollback(world.installation(), service: SimulatedWorld.web, reason: "worse", force: false).run()
    #expect(world.web.selection == .color(.blue) && world.size(.blue) == 5)
    #expect(pin(.blue) == nil, "users are back on it")
    #expect(world.rules.broken.isEmpty)
  }

  // Where a run is killed: at the flip, when traffic had moved, when the standby is pinned, in the bake, when the outcome is decided, when the
  // new color is to be given back.
  static let kills: [PortTap.Call] = [
    .init(name: "services.change", occurrence: 2), .init(name: "services.traffic", occurrence: 2),
    .init(name: "environments.resize", occurrence: 1), .init(name: "gates.check.control", occurrence: 2),
    .init(name: "services.change", occurrence: 3), .init(name: "environments.unpin", occurrence: 1),
  ]

  @Test(arguments: kills, [PortTap.Fault.killedBefore, .killedAfter])
  func `autoscalers are pinned and given back as well by whoever goes on after a kill`(_ call: PortTap.Call, _ fault: PortTap.Fault) async {
    await live(autoscaled: true)
    scale(.blue, to: 5)
    world.repository.push("web/v1.1.0")
    world.tap.arm([call: fault])
    await world.run()
    #expect(world.tap.isDead, "\(call) was reached")
    world.tap.revive()
    world.clock.advance(.seconds(31))
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
    #expect(pin(.green) == nil && pin(.blue) == 5)
    #expect(world.size(.green) == 5 && world.size(.blue) == 5)
    #expect(world.rules.broken.isEmpty)
  }
}
