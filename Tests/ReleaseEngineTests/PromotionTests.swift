import ReleaseEngine
import ReleaseModel
import Testing

/// A tag that is good: from the first sight of a service to a standby that went cold.
@Suite struct PromotionTests {
  let world = SimulatedWorld()

  @Test func `the first sight of a service notes what exists and releases none`() async {
    world.repository.push("web/v1.0.0")
    world.repository.push("web/v1.1.0")
    let report = await world.run()
    #expect(report.all == [.noted(tags: 2)])
    #expect(world.history == ["noted"])
    #expect(world.web.selection == .nothing)
    #expect(world.tap.count("environments.apply") == 0)
    #expect(await world.runUntilQuiet())
    #expect(world.history == ["noted"])
  }

  @Test func `a first release is promoted from none`() async {
    await world.begin()
    world.repository.push("web/v1.0.0")
    let report = await world.run()
    #expect(report.all.compactMap(\.outcome) == [.promoted])
    #expect(world.web.selection == .color(.blue))
    #expect(world.web.marker.version?.text == "1.0.0")
    #expect(world.web.marker.standby == nil)
    #expect(world.web.marker.pending.isEmpty)
    #expect(world.history == ["noted", "plan 1.0.0", "promoted 1.0.0"])
    #expect(world.notifier.notices.map(\.record.outcome) == [.promoted])
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `a second release keeps the first one warm, and retires it when its window has ended`() async {
    await world.begin()
    await world.release("1.0.0")
    world.repository.push("web/v1.1.0")
    await world.run()
    #expect(world.web.selection == .color(.green))
    #expect(world.web.marker.standby?.color == .blue)
    #expect(world.web.marker.standby?.temperature == .warm)
    #expect(world.size(.blue) == 3)
    let early = await world.run()
    #expect(early.all.isEmpty)
    #expect(world.size(.blue) == 3)
    world.clock.advance(.seconds(61))
    let late = await world.run()
    #expect(late.all == [.retired(SimulatedWorld.version("1.0.0"))])
    #expect(world.size(.blue) == 0)
    #expect(world.cluster.color(.blue, of: SimulatedWorld.web) != nil, "its objects stay")
    #expect(world.web.marker.standby?.temperature == .cold)
    #expect(world.history.suffix(3) == ["plan 1.1.0", "promoted 1.1.0", "retired 1.0.0"])
    #expect(await world.runUntilQuiet())
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `a third release deletes what its color still held`() async {
    await world.begin()
    for version in ["1.0.0", "1.1.0", "1.2.0"] { await world.release(version) }
    #expect(world.web.selection == .color(.blue))
    #expect(world.cluster.color(.blue, of: SimulatedWorld.web)?.version?.text == "1.2.0")
    #expect(world.tap.count("environments.discard") == 1)
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `a run that has nothing to do lists the refs once, reads the index once and ends`() async {
    await world.begin()
    await world.release("1.0.0")
    #expect(await world.runUntilQuiet())
    world.tap.arm()
    let report = await world.run()
    #expect(report.endedEarly)
    #expect(Set(world.tap.log.map(\.description)) == ["tags.listing#1", "state.load.index#1", "identity.now#1", "notifier.heartbeat#1"])
  }

  @Test func `the record of a promotion tells each step with its time`() async throws {
    await world.begin()
    await world.release("1.0.0")
    let record = try #require(world.records.first { $0.event == .outcome })
    #expect(record.steps.map(\.step) == [.verify, .headroom, .plan, .deploy, .smoke, .cutover, .bake])
    #expect(record.steps.allSatisfy { $0.result == .passed })
    #expect(record.cutover?.endpoints == 3)
    #expect(record.conclusion?.flippedAt != nil)
    #expect(record.interruptions.isEmpty)
  }
}

extension RunReport.Result {
  /// The outcome, where there is one.
  var outcome: Outcome? {
    if case .ended(let conclusion, _) = self { conclusion.outcome } else { nil }
  }
}
