import ReleaseEngine
import ReleaseModel
import Testing

/// What two colors cost is forecast in the plan's record and measured in those of its end.
///
/// Three pods of half a core and one GiB each: an hour of them is 1.5 core-hours and 3 GiB-hours.
@Suite struct DoublingTests {
  let world = SimulatedWorld()

  private func live() async {
    await world.begin()
    await world.release("1.0.0")
  }

  private func record(_ event: AuditRecord.Event, _ version: String) -> AuditRecord? {
    world.records.last { $0.event == event && $0.version?.text == version }
  }

  /// What three pods cost for so long.
  private func cost(ms: Int, pods: Int = 3) -> DoublingCost {
    DoublingCost(SimulatedCluster.perPod * pods, ms: ms).rounded
  }

  @Test func `the first release doubles nothing`() async {
    await live()
    #expect(record(.plan, "1.0.0")?.doubling == nil && record(.outcome, "1.0.0")?.doubling == nil)
  }

  @Test func `a promotion tells what was forecast and what it was, and the retirement the rest`() async throws {
    await live()
    world.repository.push("web/v1.1.0")
    await world.run()
    let plan = try #require(record(.plan, "1.1.0"))
    // Images that may take 60 s, smoke within 10 s, a bake of 3 s, warm for 60 s.
    #expect(plan.doubling == Doubling(forecast: cost(ms: 133_000)))
    let outcome = try #require(record(.outcome, "1.1.0"))
    #expect(outcome.doubling?.forecast == plan.doubling?.forecast)
    let start = try #require(outcome.steps.first { $0.step == .deploy }?.startedAt)
    let decided = try #require(outcome.conclusion?.decidedAt)
    let ms = (decided - start).milliseconds
    #expect(ms > 3000 && ms < 20_000)
    #expect(outcome.doubling?.actual == cost(ms: ms))

    world.clock.advance(.seconds(61))
    await world.run()
    let retired = try #require(record(.retired, "1.0.0"))
    let end = try #require(retired.conclusion?.decidedAt)
    #expect(retired.doubling == Doubling(actual: cost(ms: (end - decided).milliseconds)))
    #expect(retired.conclusion?.doubled == retired.doubling?.actual)
  }

  @Test func `a standby that a new release takes the place of has its cost on record too`() async throws {
    await live()
    world.repository.push("web/v1.1.0")
    await world.run()
    world.clock.advance(.seconds(20))
    world.planFor("1.2.0") { $0.standby.whenWarm = .replace }
    world.repository.push("web/v1.2.0")
    await world.run()
    let decided = try #require(record(.outcome, "1.1.0")?.conclusion?.decidedAt)
    let retired = try #require(record(.retired, "1.0.0"))
    let end = try #require(retired.conclusion?.decidedAt)
    #expect((end - decided).milliseconds >= 20_000)
    #expect(retired.doubling?.actual == cost(ms: (end - decided).milliseconds))
  }

  @Test func `a failure costs what it built until it was decided`() async throws {
    await live()
    world.script("1.1.0") { $0.smoke = .failed }
    world.repository.push("web/v1.1.0")
    await world.run()
    let outcome = try #require(record(.outcome, "1.1.0"))
    let start = try #require(outcome.steps.first { $0.step == .deploy }?.startedAt)
    let decided = try #require(outcome.conclusion?.decidedAt)
    #expect(outcome.doubling?.actual == cost(ms: (decided - start).milliseconds))
  }

  @Test func `a rollback counts the drain`() async throws {
    await live()
    world.script("1.1.0") { $0.degradesAfter = .seconds(1) }
    world.repository.push("web/v1.1.0")
    await world.run()
    let outcome = try #require(record(.outcome, "1.1.0"))
    #expect(outcome.outcome == .rolledBack)
    let start = try #require(outcome.steps.first { $0.step == .deploy }?.startedAt)
    let decided = try #require(outcome.conclusion?.decidedAt)
    #expect(outcome.doubling?.actual == cost(ms: (decided - start).milliseconds + 10_000))
  }

  @Test func `a color that begins small costs less, and the forecast knows it`() async throws {
    await live()
    world.planFor("1.1.0") { plan in
      plan.previewReplicas = 1
      plan.smoke.checks[0].times = 1
    }
    world.repository.push("web/v1.1.0")
    await world.run()
    let outcome = try #require(record(.outcome, "1.1.0"))
    // One pod while it is built and smoke-tested, three while it grows (30 s), bakes and is kept.
    let forecast = DoublingCost(SimulatedCluster.perPod, ms: 70_000) + DoublingCost(SimulatedCluster.perPod * 3, ms: 93_000)
    #expect(outcome.doubling?.forecast == forecast.rounded)
    let deploys = outcome.steps.filter { $0.step == .deploy }.map(\.startedAt)
    let decided = try #require(outcome.conclusion?.decidedAt)
    try #require(deploys.count == 2)
    let actual =
      DoublingCost(SimulatedCluster.perPod, ms: (deploys[1] - deploys[0]).milliseconds)
      + DoublingCost(SimulatedCluster.perPod * 3, ms: (decided - deploys[1]).milliseconds)
    #expect(outcome.doubling?.actual == actual.rounded)
  }

  @Test func `a killed run costs time, which counts`() async throws {
    await live()
    world.repository.push("web/v1.1.0")
    world.tap.arm([.init(name: "environments.apply", occurrence: 1): .killedAfter])
    await world.run()
    world.tap.revive()
    world.clock.advance(.seconds(61))
    #expect(await world.runUntilQuiet())
    let outcome = try #require(record(.outcome, "1.1.0"))
    #expect(outcome.outcome == .promoted)
    #expect((outcome.doubling?.actual?.ms ?? 0) > 61_000)
  }

  @Test func `a journal that was lost leaves out what nobody knows any more`() async throws {
    await live()
    world.repository.push("web/v1.1.0")
    world.tap.arm([.init(name: "environments.apply", occurrence: 1): .killedAfter])
    await world.run()
    world.tap.revive()
    world.cluster.edit { $0.documents[.journal(SimulatedWorld.web)] = nil }
    world.clock.advance(.seconds(61))
    #expect(await world.runUntilQuiet())
    #expect(record(.plan, "1.1.0")?.doubling?.forecast != nil)
    let outcome = try #require(record(.outcome, "1.1.0"))
    #expect(outcome.outcome == .promoted && outcome.doubling == nil)
    world.clock.advance(.seconds(61))
    #expect(await world.runUntilQuiet())
    let retired = try #require(record(.retired, "1.0.0"))
    #expect(retired.doubling == nil && retired.conclusion?.doubled == nil)
  }

  @Test func `where nobody looked for room there is no forecast, and what the pods asked for is counted all the same`() async throws {
    await live()
    world.planFor("1.1.0") { $0.headroom = .off }
    world.repository.push("web/v1.1.0")
    await world.run()
    #expect(record(.plan, "1.1.0")?.doubling == nil)
    let outcome = try #require(record(.outcome, "1.1.0"))
    let start = try #require(outcome.steps.first { $0.step == .deploy }?.startedAt)
    let decided = try #require(outcome.conclusion?.decidedAt)
    #expect(outcome.doubling == Doubling(actual: cost(ms: (decided - start).milliseconds)))
  }
}
