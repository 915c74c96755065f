import ReleaseModel
import Testing

@testable import ReleaseEngine

/// What acts without the Service: it follows users, and runs first where it must.
@Suite struct RunnerTests {
  let world = SimulatedWorld()

  private func live() async {
    world.withRunners("1.0.0", "1.1.0", "1.2.0")
    await world.begin()
    await world.release("1.0.0")
  }

  @Test func `a consumer is held until users come, stops where they were, and only then starts where they are`() async {
    await live()
    #expect(world.isConsuming(.blue) == true)
    world.repository.push("web/v1.1.0")
    world.tap.arm()
    let cluster = world.cluster
    world.tap.before("services.change", 2) {
      // The flip: all is built, nothing was handed over.
      #expect(cluster.color(.green, of: SimulatedWorld.web)?.runner?.startedAt == nil)
      #expect(cluster.color(.blue, of: SimulatedWorld.web)?.runner?.startedAt != nil)
    }
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
    #expect(world.isConsuming(.green) == true && world.isConsuming(.blue) == false)
    let steps = world.records.last?.steps ?? []
    #expect(steps.contains { $0.detail.hasPrefix("what runs only when active was handed over; it ran in neither color for at most") })
    #expect(world.rules.broken.isEmpty, "\(world.rules.broken)")
    let writes = world.tap.count("runners.hand")
    world.clock.advance(.seconds(200))
    #expect(await world.runUntilQuiet())
    #expect(world.tap.count("runners.hand") == writes, "what is as it should be is not written again")
  }

  @Test func `a consumer that does not end in time is not run twice: users go back`() async {
    await live()
    world.script("1.0.0") { $0.consumerEnds = .seconds(60) }
    world.repository.push("web/v1.1.0")
    await world.run()
    _ = await world.runUntilQuiet()
    #expect(world.outcomes.last == "1.1.0 rolled-back", "\(world.history)")
    #expect(world.records.last { $0.event == .outcome }?.reason?.contains("Pod worker-blue-1 of blue has not ended yet") == true)
    #expect(world.isConsuming(.blue) == true && world.isConsuming(.green) == false)
    #expect(world.rules.broken.isEmpty, "\(world.rules.broken)")
  }

  @Test func `a consumer that does not get ready takes users back, and itself`() async {
    await live()
    world.script("1.1.0") { $0.consumerIsBroken = true }
    world.repository.push("web/v1.1.0")
    await world.run()
    #expect(world.outcomes.last == "1.1.0 rolled-back")
    #expect(world.records.last { $0.event == .outcome }?.reason?.contains("Deployment worker-green: 0 of 1 pods ready") == true)
    #expect(world.isConsuming(.blue) == true && world.isConsuming(.green) == false)
  }

  @Test func `a person goes back after promotion, and the consumer with the users`() async throws {
    await live()
    world.repository.push("web/v1.1.0")
    await world.run()
    _ = try await Rollback(world.installation(), service: SimulatedWorld.web, reason: "orders fail", force: false).run()
    #expect(world.isConsuming(.blue) == true && world.isConsuming(.green) == false)
    #expect(world.rules.broken.isEmpty, "\(world.rules.broken)")
  }

  @Test func `a release that has no consumer any more stops the one that there was`() async {
    await live()
    world.repository.push("web/v1.3.0")
    await world.run()
    #expect(world.outcomes.last == "1.3.0 promoted")
    #expect(world.isConsuming(.green) == nil && world.isConsuming(.blue) == false)
  }

  @Test func `the first release starts its consumer; withdrawn, it holds it`() async {
    world.withRunners("1.0.0") { $0.first = .withdraw }
    await world.begin()
    world.script("1.0.0") { $0.degradesAfter = .seconds(2) }
    world.repository.push("web/v1.0.0")
    await world.run()
    #expect(world.web.selection == .nothing && world.isConsuming(.blue) == false)
    #expect(world.rules.broken.isEmpty, "\(world.rules.broken)")
  }

  @Test func `a Job runs before the color's pods are started, and its failure is never exposed`() async {
    await live()
    world.script("1.1.0") { $0.job = (.seconds(3), true) }
    world.repository.push("web/v1.1.0")
    await world.run()
    #expect(world.outcomes.last == "1.1.0 failed")
    #expect(world.cluster.color(.green, of: SimulatedWorld.web)?.desired.isEmpty == true, "no pod of it was started")
    #expect(
      world.records.last?.reason
        == "Job migrate-green, which must succeed before the color's pods are started, failed: BackoffLimitExceeded")
    #expect(world.isConsuming(.blue) == true)
    world.script("1.2.0") { $0.job = (.seconds(3600), false) }
    world.repository.push("web/v1.2.0")
    await world.run()
    #expect(world.records.last?.reason == "Job migrate-green has not ended after 20 s")
  }

  @Test func `what a Job and a hand-over may take counts when a run's deadline is asked`() async {
    await live()
    world.settings { $0.runDeadlineMs = 170_000 }
    world.planFor("1.1.0") { plan in
      plan.runs = [RunRule(kind: .job, name: "migrate", runs: .beforeCutover, withinMs: 60_000)]
    }
    world.repository.push("web/v1.1.0")
    let report = await world.run()
    let error = report.all.compactMap { if case .failed(let error) = $0 { error } else { nil } }.first
    #expect(error?.kind == .configuration && error?.reason.contains("exceed what is left of the run's deadline") == true, "\(report.all)")
    #expect(world.outcomes == ["1.0.0 promoted"])
    // Without the Job there is time.
    world.planFor("1.1.0") { $0.runs = nil }
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
  }

  @Test func `where nothing acts without the Service nobody is asked about it`() async {
    await world.begin()
    await world.release("1.0.0")
    world.tap.arm()
    await world.release("1.1.0")
    #expect(world.tap.count("runners.read") + world.tap.count("runners.hand") == 0)
  }
}
