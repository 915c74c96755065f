import ReleaseEngine
import ReleaseModel
import Testing

/// Git, and everything else, may be away: what users are on does not depend on it.
@Suite struct OutageTests {
  let world = SimulatedWorld()

  private func cutGit() { for name in ["tags.", "plans.", "audit."] { world.tap.cut(name) } }
  private func restoreGit() { for name in ["tags.", "plans.", "audit."] { world.tap.restore(name) } }

  private func live(degrades: Bool = false) async {
    await world.begin()
    await world.release("1.0.0")
    if degrades { world.script("1.1.0") { $0.degradesAfter = .seconds(1) } }
    world.repository.push("web/v1.1.0")
    world.tap.arm()
  }

  @Test func `users go back although Git is away, and the outcome is pushed by a later run exactly once`() async {
    await live(degrades: true)
    world.tap.before("gates.check.active", 2) { cutGit() }
    await world.run()
    #expect(world.web.selection == .color(.blue))
    #expect(world.web.marker.pending.count == 1)
    #expect(world.size(.green) == 0)
    #expect(world.outcomes == ["1.0.0 promoted"])
    await world.run()
    #expect(world.web.marker.pending.count == 1)
    restoreGit()
    await world.run()
    #expect(world.outcomes == ["1.0.0 promoted", "1.1.0 rolled-back"])
    #expect(world.web.marker.pending.isEmpty)
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes.count == 2)
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `an open rollout is found and finished although Git is away`() async {
    await live(degrades: true)
    world.tap.arm([.init(name: "gates.check.active", occurrence: 2): .killedBefore])
    await world.run()
    world.tap.revive()
    #expect(world.web.selection == .color(.green))
    cutGit()
    world.clock.advance(.seconds(61))
    let report = await world.run()
    #expect(world.web.selection == .color(.blue))
    #expect(report.failures.count == 1)
    restoreGit()
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes == ["1.0.0 promoted", "1.1.0 rolled-back"])
    #expect(world.records.last { $0.event == .outcome }?.interruptions.count == 1)
  }

  @Test func `without Git nothing is announced or changed`() async {
    await live()
    world.tap.cut("audit.append")
    let report = await world.run()
    #expect(report.all.contains { if case .failed = $0 { true } else { false } })
    #expect(world.tap.count("environments.apply") == 0)
    world.tap.restore("audit.append")
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes == ["1.0.0 promoted", "1.1.0 promoted"])
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `a plan that a later run pushes supersedes the lower tags all the same`() async {
    await live()
    world.script("1.2.0") { $0.smoke = .failed }
    world.repository.push("web/v1.2.0")
    world.tap.cut("audit.append")
    await world.run()
    world.tap.restore("audit.append")
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes == ["1.0.0 promoted", "1.2.0 failed"])
    #expect(world.history.contains("superseded 1.1.0"))
  }

  @Test func `an API server that does not answer for a while costs nobody the way back`() async {
    await live(degrades: true)
    world.tap.before("gates.check.active", 3) { [world] in world.tap.cut("services.") }
    world.tap.before("clock.sleep", 30) { [world] in world.tap.restore("services.") }
    await world.run()
    #expect(world.outcomes == ["1.0.0 promoted", "1.1.0 rolled-back"])
    #expect(world.web.selection == .color(.blue))
    #expect(world.rules.broken.isEmpty)
  }

  /// Half-seconds, in which a run waits for an API server that does not answer: up to some minutes.
  @Test(arguments: [5, 60, 400])
  func `an API server that is away in the bake of a good release costs that release nothing but time`(_ waits: Int) async {
    let api = ["services.", "colors.", "environments.", "state.", "leases.", "identity."]
    await live()
    world.tap.before("gates.check.active", 3) { [world] in
      for port in api { world.tap.cut(port) }
      world.tap.before("clock.sleep", world.tap.count("clock.sleep") + waits) { for port in api { world.tap.restore(port) } }
    }
    let before = world.clock.elapsed
    await world.run()
    #expect(world.clock.elapsed - before > .milliseconds(500 * waits))
    #expect(world.outcomes == ["1.0.0 promoted", "1.1.0 promoted"])
    #expect(world.web.selection == .color(.green))
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `the run's deadline does not keep users from going back`() async {
    await live(degrades: true)
    world.tap.before("gates.check.active", 3) { [world] in world.clock.advance(.seconds(1000)) }
    await world.run()
    #expect(world.web.selection == .color(.blue))
  }

  @Test func `a Lease that another run has taken does not keep users from going back`() async {
    await live(degrades: true)
    world.tap.before("gates.check.active", 3) { [world] in
      world.clock.advance(.seconds(25))
      world.cluster.edit { $0.leases[SimulatedWorld.web] = ("another", world.clock.time + .seconds(60)) }
    }
    await world.run()
    #expect(world.web.selection == .color(.blue))
    world.clock.advance(.seconds(61))
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes == ["1.0.0 promoted", "1.1.0 rolled-back"])
    #expect(world.rules.broken.isEmpty)
  }
}
