import ReleaseModel
import Synchronization
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
    let outcome = world.records.last { $0.event == .outcome }
    #expect(outcome?.reason?.contains("Pod worker-blue-1 of blue has not ended yet") == true)
    #expect(outcome?.conclusion?.quarantines == false, "the old color's pods are not the new version's fault")
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
    #expect(world.records.last { $0.event == .outcome }?.conclusion?.quarantines == true)
    #expect(world.isConsuming(.blue) == true && world.isConsuming(.green) == false)
  }

  @Test func `users are watched while it is handed over: a version that fails goes back at once, whatever still ends in the old color`()
    async
  {
    await live()
    world.script("1.0.0") { $0.consumerEnds = .seconds(15) }
    world.script("1.1.0") { $0.degradesAfter = .seconds(1) }
    world.repository.push("web/v1.1.0")
    await world.run()
    #expect(world.outcomes.last == "1.1.0 rolled-back")
    let conclusion = world.records.last { $0.event == .outcome }?.conclusion
    #expect(conclusion?.reason.contains("handed over") == false && conclusion?.quarantines == true, "\(conclusion?.reason ?? "")")
    #expect(conclusion.flatMap { end in end.flippedAt.map { end.decidedAt - $0 < .seconds(10) } } == true)
    #expect(world.isConsuming(.green) == false && world.rules.broken.isEmpty, "\(world.rules.broken)")
    world.clock.advance(.seconds(60))
    #expect(await world.runUntilQuiet())
    #expect(world.isConsuming(.blue) == true)
  }

  /// How many rounds of checks were the bake's last, since anybody looked at what is handed over.
  private var roundsAfterHandOver: Int {
    let names = world.tap.log.map(\.name)
    guard let end = names.lastIndex(of: "gates.check.active") else { return 0 }
    return names[...end].reversed().prefix { $0 != "runners.read" }.count { $0 == "gates.check.active" }
  }

  @Test func `a bake is not over before the hand-over is, and what came over was watched`() async {
    await live()
    world.script("1.0.0") { $0.consumerEnds = .seconds(12) }
    world.repository.push("web/v1.1.0")
    world.tap.arm()
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted", "\(world.history)")
    let bake = world.records.last { $0.event == .outcome }?.steps.last { $0.step == .bake }
    #expect((bake?.ms ?? 0) > 12_000, "longer than its 3 s")
    #expect(roundsAfterHandOver >= 2, "as many as a failure takes, with the consumer there")
  }

  @Test func `what was handed over just before a kill is watched by the next run, however long the bake was already`() async {
    await live()
    world.script("1.0.0") { $0.consumerEnds = .seconds(12) }
    world.repository.push("web/v1.1.0")
    world.tap.arm([.init(name: "runners.hand", occurrence: 2): .killedAfter])
    await world.run()
    world.tap.revive()
    world.clock.advance(.seconds(120))
    world.tap.arm()
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted", "\(world.history)")
    #expect(roundsAfterHandOver >= 2)
    let steps = world.records.last { $0.event == .outcome }?.steps ?? []
    let words = steps.last { $0.detail.hasPrefix("what runs only when active was handed over") }?.detail
    #expect(words?.hasSuffix("for at most 2 min 12 s") == true, "the whole of it, not this run's part: \(words ?? "not on record")")
  }

  @Test func `a CronJob that was suspended is given a moment, since its controller may not have seen it`() async {
    for version in ["1.0.0", "1.1.0"] { world.script(version) { $0.consumerIsSchedule = true } }
    await live()
    world.repository.push("web/v1.1.0")
    world.tap.arm()
    let clock = world.clock
    let held = Mutex(Duration.zero)
    let waited = Mutex(Duration.zero)
    world.tap.before("runners.hand", 1) { held.withLock { $0 = clock.elapsed } }
    world.tap.before("runners.hand", 2) { waited.withLock { $0 = clock.elapsed - held.withLock { $0 } } }
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
    #expect(waited.withLock { $0 } >= .seconds(3))
  }

  @Test func `each move is another hand-over: who comes back writes what he wrote before`() async throws {
    await live()
    func handed() -> String? { world.cluster.color(.blue, of: SimulatedWorld.web)?.runner?.handed }
    let first = handed()
    world.repository.push("web/v1.1.0")
    await world.run()
    _ = try await Rollback(world.installation(), service: SimulatedWorld.web, reason: "orders fail", force: false).run()
    #expect(world.isConsuming(.blue) == true)
    #expect(first != nil && handed() != first, "a hold that is still in flight meets another resourceVersion")
  }

  @Test(arguments: [PortError.Kind.forbidden, .invalid, .notFound, .conflict])
  func `a hand-over that is refused holds up nothing else, and is done once it is not`(_ kind: PortError.Kind) async throws {
    await live()
    world.repository.push("web/v1.1.0")
    await world.run()
    world.tap.refuse("runners.hand", kind)
    let report = try await Rollback(world.installation(), service: SimulatedWorld.web, reason: "orders fail", force: false).run()
    #expect(report.recorded && world.outcomes.last == "1.1.0 rolled-back" && world.size(.green) == 0)
    #expect(world.records.last?.remarks.contains { $0.contains("not handed over yet") && $0.contains("it is refused") } == true)
    #expect(await !world.run().endedEarly, "another look is due")
    let sweepAt = world.index?.services[SimulatedWorld.web]?.sweepAt
    world.tap.refuse("runners.hand", nil)
    await world.run()
    #expect(world.isConsuming(.blue) == true && world.isConsuming(.green) == false)
    #expect(world.index?.services[SimulatedWorld.web]?.sweepAt == sweepAt && sweepAt != nil, "what may land late is still looked for")
    #expect(world.rules.broken.isEmpty, "\(world.rules.broken)")
    world.clock.advance(.seconds(200))
    #expect(await world.runUntilQuiet())
  }

  @Test func `a consumer that only the release that was left had is stopped by the bot, where a person may not`() async throws {
    world.withRunners("1.1.0")
    await world.begin()
    await world.release("1.0.0")
    world.repository.push("web/v1.1.0")
    await world.run()
    #expect(world.isConsuming(.green) == true)
    world.tap.refuse("runners.hand", .forbidden)
    _ = try await Rollback(world.installation(), service: SimulatedWorld.web, reason: "orders fail", force: false).run()
    #expect(world.isConsuming(.green) == true, "the person may not")
    world.tap.refuse("runners.hand", nil)
    await world.run()
    #expect(world.isConsuming(.green) == false)
    world.clock.advance(.seconds(200))
    #expect(await world.runUntilQuiet())
    world.tap.arm()
    world.repository.push("other")
    await world.run()
    #expect(world.tap.count("runners.read") == 0, "nothing is left of it")
  }

  @Test func `a selector without a color leaves it where it is, and it goes on when users are on a color again`() async {
    await live()
    world.script("1.0.0") { $0.consumerEnds = .seconds(5) }
    world.repository.push("web/v1.1.0")
    world.tap.arm()
    let cluster = world.cluster
    world.tap.before("runners.hand", 2) {
      cluster.edit {
        $0.services["web"]?.selection = .uncolored; $0.services["web"]?.version += 1
      }
    }
    await world.run()
    #expect(world.outcomes.last == "1.1.0 aborted", "\(world.history)")
    world.cluster.edit {
      $0.services["web"]?.selection = .color(.green)
      $0.services["web"]?.version += 1
    }
    world.clock.advance(.seconds(10))
    #expect(await !world.run().endedEarly, "it is not forgotten")
    #expect(world.isConsuming(.green) == true && world.isConsuming(.blue) == false)
  }

  @Test func `what somebody sized to nothing by hand where users are stays as he wants it`() async {
    await live()
    world.cluster.edit { $0.colors[SimulatedWorld.web]?[.blue]?.runner?.startedAt = nil }
    world.clock.advance(.seconds(200))
    #expect(await world.runUntilQuiet())
    #expect(world.isConsuming(.blue) == false)
  }

  @Test func `a Job that takes longer than pods may does not use up their time`() async {
    world.withRunners("1.0.0") { $0.deploy.readyWithinMs = 5000 }
    await world.begin()
    world.script("1.0.0") { $0.job = (.seconds(15), false) }
    world.repository.push("web/v1.0.0")
    await world.run()
    #expect(world.outcomes == ["1.0.0 promoted"], "\(world.records.last?.reason ?? "")")
  }

  @Test func `a person goes back after promotion, and the consumer with the users`() async throws {
    await live()
    world.repository.push("web/v1.1.0")
    await world.run()
    _ = try await Rollback(world.installation(), service: SimulatedWorld.web, reason: "orders fail", force: false).run()
    #expect(world.isConsuming(.blue) == true && world.isConsuming(.green) == false)
    #expect(world.rules.broken.isEmpty, "\(world.rules.broken)")
  }

  @Test func `a consumer that does not end after a return holds up neither the record nor the bad color's end, and comes back when it has`()
    async throws
  {
    await live()
    world.repository.push("web/v1.1.0")
    await world.run()
    world.script("1.1.0") { $0.consumerEnds = .seconds(600) }
    let report = try await Rollback(world.installation(), service: SimulatedWorld.web, reason: "orders fail", force: false).run()
    #expect(report.recorded && world.outcomes.last == "1.1.0 rolled-back" && world.size(.green) == 0)
    #expect(
      world.records.last?.remarks.contains(HandOver.leftOver("Pod worker-green-1 of green has not ended yet")) == true,
      "\(world.records.last?.remarks ?? [])")
    #expect(world.isConsuming(.blue) == false && world.isConsuming(.green) == false, "in neither, never in both")
    let status = try await StatusQuery(world.installation()).run(SimulatedWorld.web).services.first
    #expect(status?.handOverLeft == "Pod worker-green-1 of green has not ended yet")
    #expect(await !world.run().endedEarly, "another look is due")
    #expect(world.isConsuming(.blue) == false)
    world.clock.advance(.seconds(600))
    #expect(await world.runUntilQuiet())
    #expect(world.isConsuming(.blue) == true)
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
        == "Job migrate-green, which must succeed before the color's pods are started, failed: BackoffLimitExceeded; see what it said: "
        + "kubectl -n shop logs job/migrate-green")
    #expect(world.isConsuming(.blue) == true)
    world.script("1.2.0") { $0.job = (.seconds(3600), false) }
    world.repository.push("web/v1.2.0")
    await world.run()
    #expect(world.records.last?.reason?.hasPrefix("Job migrate-green has not ended after 20 s; see what it does: kubectl") == true)
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
    world.planFor("1.1.0") { plan in
      plan.runs = [RunRule(kind: .deployment, name: "worker", runs: .whenActive, withinMs: 60_000)]
    }
    let again = await world.run()
    #expect(again.all.contains { if case .failed(let error) = $0 { error.kind == .configuration } else { false } }, "\(again.all)")
    // Without them there is time.
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
