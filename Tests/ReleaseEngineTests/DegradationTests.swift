import ReleaseEngine
import ReleaseModel
import Testing

/// A version that is bad once users see it: they go back.
@Suite struct DegradationTests {
  let world = SimulatedWorld()

  private func release(_ change: (inout ReleaseScript) -> Void) async -> RunReport {
    await world.begin()
    await world.release("1.0.0")
    world.script("1.1.0", change)
    world.repository.push("web/v1.1.0")
    return await world.run()
  }

  /// The standby dies once the bake goes on; no control is probed, so that its failing is not taken for a common cause.
  private func loseStandby() {
    world.tap.before("services.traffic", 2) { [world] in world.tap.cut("services.preview") }
    world.tap.before("gates.check.active", 3) { [world] in world.script("1.0.0") { $0.losesPodsAfter = .zero } }
  }

  private func expectReturned() {
    #expect(world.web.selection == .color(.blue))
    #expect(world.web.marker.version?.text == "1.0.0")
    #expect(world.web.marker.standby == nil)
    #expect(world.web.marker.pending.isEmpty)
    #expect(world.size(.blue) == 3)
    #expect(world.size(.green) == 0)
    #expect(world.outcomes == ["1.0.0 promoted", "1.1.0 rolled-back"])
    #expect(world.journal?.open == nil)
    #expect(world.journal?.live?.plan.tag.version.text == "1.0.0")
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `failing checks in the bake send users back and quarantine the version`() async {
    let report = await release { $0.degradesAfter = .seconds(1) }
    #expect(report.all.compactMap(\.outcome) == [.rolledBack])
    expectReturned()
    #expect(world.records.last?.conclusion?.quarantines == true)
    #expect(world.records.last?.conclusion?.exposed == true)
    #expect(world.records.last?.actor == SimulatedCluster.bot)
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes.count == 2)
  }

  @Test func `lost pods in the bake send users back`() async {
    _ = await release { $0.losesPodsAfter = .milliseconds(1500) }
    expectReturned()
  }

  @Test func `the bad color drains before it is scaled to 0`() async {
    await world.begin()
    await world.release("1.0.0")
    world.script("1.1.0") { $0.degradesAfter = .seconds(1) }
    world.repository.push("web/v1.1.0")
    world.tap.arm()
    _ = await world.run()
    expectReturned()
    let narrations = world.narrator.narrations
    #expect(
      narrations.contains { if case .progress(_, .rollback, let detail) = $0 { detail.hasPrefix("green drains for") } else { false } })
    let decided = world.records.last?.conclusion?.decidedAt ?? ManualClock.epoch
    #expect(world.clock.time - decided >= .seconds(10))
  }

  @Test func `traffic that does not follow the selector sends users back, and blames no version`() async {
    await world.begin()
    await world.release("1.0.0")
    world.cluster.edit { $0.trafficIsStuck = true }
    world.repository.push("web/v1.1.0")
    await world.run()
    expectReturned()
    #expect(world.records.last?.conclusion?.quarantines == false)
  }

  @Test func `both colors failing alike is no reason to go back`() async {
    await world.begin()
    await world.release("1.0.0")
    world.planFor("1.1.0") { $0.bake.durationMs = 60_000 }
    world.script("1.1.0") { $0.degradesAfter = .seconds(1) }
    world.repository.push("web/v1.1.0")
    world.tap.arm()
    // The standby, probed as a control through the preview Service, fails as well, until the cause is gone.
    world.tap.before("gates.check.control", 1) { [world] in world.script("1.0.0") { $0.smoke = .failed } }
    world.tap.before("gates.check.preview", 12) { [world] in world.script("1.1.0") { $0.degradesAfter = nil } }
    await world.run()
    #expect(world.web.selection == .color(.green))
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `a standby without ready pods cannot be gone back to, which is said at the end only`() async throws {
    await world.begin()
    await world.release("1.0.0")
    world.script("1.1.0") { $0.degradesAfter = .seconds(1) }
    world.repository.push("web/v1.1.0")
    world.tap.arm()
    loseStandby()
    let report = await world.run()
    #expect(report.all.compactMap(\.outcome) == [.rollbackFailed])
    #expect(world.web.selection == .color(.green), "users stay on what serves at all")
    #expect(world.web.marker.standby?.color == .blue, "it stays for a person")
    #expect(world.size(.blue) == 3)
    #expect(world.size(.green) == 3)
    let conclusion = try #require(world.records.last?.conclusion)
    #expect(conclusion.decidedAt - (conclusion.flippedAt ?? conclusion.decidedAt) > .seconds(10), "the rest of the bake, and a while")
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `a standby that gets ready after a while is gone back to then`() async {
    await world.begin()
    await world.release("1.0.0")
    world.script("1.1.0") { $0.degradesAfter = .seconds(1) }
    world.repository.push("web/v1.1.0")
    world.tap.arm()
    loseStandby()
    world.tap.before("clock.sleep", 20) { [world] in world.script("1.0.0") { $0.losesPodsAfter = nil } }
    await world.run()
    expectReturned()
  }

  @Test func `after a failed rollback a person can force it`() async throws {
    await world.begin()
    await world.release("1.0.0")
    world.script("1.1.0") { $0.degradesAfter = .seconds(1) }
    world.repository.push("web/v1.1.0")
    world.tap.arm()
    loseStandby()
    await world.run()
    let rollback = Rollback(world.installation(), service: SimulatedWorld.web, reason: "worse", force: true)
    let report = try await rollback.run()
    #expect(report.change == .wentBack(to: .blue, patchMs: 4))
    #expect(world.web.selection == .color(.blue))
    #expect(world.journal?.live?.plan.tag.version.text == "1.0.0")
    #expect(world.web.marker.rollout == world.journal?.live?.rollout)
    #expect(world.size(.green) == 0)
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `a first release that degrades stays exposed, since there is nothing to go back to`() async {
    await world.begin()
    world.script("1.0.0") { $0.degradesAfter = .seconds(1) }
    world.repository.push("web/v1.0.0")
    await world.run()
    #expect(world.outcomes == ["1.0.0 failed-exposed"])
    #expect(world.web.selection == .color(.blue))
    #expect(world.size(.blue) == 3)
    #expect(world.records.last?.conclusion?.quarantines == true)
    world.repository.push("web/v1.0.1")
    await world.run()
    #expect(world.outcomes.last == "1.0.1 promoted")
    #expect(world.web.selection == .color(.green))
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `a first release may be withdrawn instead`() async {
    await world.begin()
    world.planFor("1.0.0") { $0.first = .withdraw }
    world.script("1.0.0") { $0.degradesAfter = .seconds(1) }
    world.repository.push("web/v1.0.0")
    await world.run()
    #expect(world.outcomes == ["1.0.0 rolled-back"])
    #expect(world.web.selection == .nothing)
    #expect(world.web.marker.version == nil)
    #expect(world.size(.blue) == 0)
    #expect(world.rules.broken.isEmpty)
  }
}
