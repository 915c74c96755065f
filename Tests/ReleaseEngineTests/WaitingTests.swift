import ReleaseEngine
import ReleaseModel
import Testing

/// Waiting is a state, not an outcome: nothing is announced, and the tag stays undecided.
@Suite struct WaitingTests {
  let world = SimulatedWorld()

  private func live() async {
    await world.begin()
    await world.release("1.0.0")
    await world.release("1.1.0")
  }

  private func isWaiting(_ report: RunReport) -> Bool {
    report.all.contains { if case .waiting = $0 { true } else { false } }
  }

  @Test func `a freeze holds a tag back until it ends`() async {
    await live()
    let until = world.clock.time + .seconds(300)
    world.settings { $0.freezes = [FreezeWindow(from: ManualClock.epoch, until: until, reason: "the holidays")] }
    world.repository.push("web/v1.2.0")
    let report = await world.run()
    #expect(report.all == [.waiting(reason: "frozen: the holidays", until: until)])
    #expect(world.outcomes.count == 2)
    world.clock.advance(.seconds(301))
    await world.run()
    #expect(world.outcomes.last == "1.2.0 promoted")
  }

  @Test func `a warm standby is not taken away from a rollback: the tag waits for its window's end`() async {
    await live()
    world.repository.push("web/v1.2.0")
    await world.run()
    world.repository.push("web/v1.3.0")
    let until = world.web.marker.standby?.warmUntil
    let report = await world.run()
    #expect(isWaiting(report))
    #expect(world.index?.services[SimulatedWorld.web]?.due == until)
    #expect(world.size(.green) == 3)
    world.clock.advance(.seconds(61))
    await world.run()
    #expect(world.outcomes.last == "1.3.0 promoted")
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `with standby: replace the tag takes its place at once, and that is on record`() async {
    await live()
    world.repository.push("web/v1.2.0")
    await world.run()
    world.planFor("1.3.0") { $0.standby.whenWarm = .replace }
    world.repository.push("web/v1.3.0")
    await world.run()
    #expect(world.history.suffix(3) == ["plan 1.3.0", "retired 1.1.0", "promoted 1.3.0"])
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `no room for a second environment is waited for`() async {
    await live()
    world.cluster.edit { $0.shortages = ["quota pods: 1 left, 3 needed"] }
    world.repository.push("web/v1.2.0")
    let report = await world.run()
    #expect(isWaiting(report))
    #expect(world.outcomes.count == 2)
    world.cluster.edit { $0.shortages = [] }
    await world.run()
    #expect(world.outcomes.last == "1.2.0 promoted")
    #expect(world.index?.reservations.isEmpty == true)
  }

  @Test func `with headroom: warn the rollout goes ahead, and the record says that it was short`() async {
    await live()
    world.cluster.edit { $0.shortages = ["quota pods: 1 left, 3 needed"] }
    world.planFor("1.2.0") { $0.headroom = .warn }
    world.repository.push("web/v1.2.0")
    await world.run()
    #expect(world.outcomes.last == "1.2.0 promoted")
    #expect(world.records.last?.steps.first { $0.step == .headroom }?.result == .unknown)
  }

  @Test func `while the chosen tag waits, lower ones stay undecided`() async {
    await live()
    world.cluster.edit { $0.shortages = ["quota"] }
    world.repository.push("web/v1.2.0")
    world.repository.push("web/v1.3.0")
    await world.run()
    #expect(!world.history.contains("superseded 1.2.0"))
  }

  @Test func `a run whose deadline is shorter than the rollout's limits announces nothing`() async {
    await live()
    world.settings { $0.runDeadlineMs = 100_000 }
    world.repository.push("web/v1.2.0")
    world.tap.arm()
    let report = await world.run()
    #expect(report.all.contains { if case .failed(let error) = $0 { error.kind == .configuration } else { false } })
    #expect(world.tap.count("environments.apply") == 0)
    #expect(world.journal?.open == nil)
    #expect(world.history.last == "retired 1.0.0")
  }

  @Test func `a service that another run works on is left alone`() async {
    await live()
    let renew: @Sendable () -> Void = { [world] in
      world.cluster.edit { [world] in $0.leases[SimulatedWorld.web] = ("another", world.clock.time + .seconds(30)) }
    }
    renew()
    world.repository.push("web/v1.2.0")
    world.tap.arm()
    world.tap.before("clock.sleep", 3) { renew() }
    let report = await world.run()
    #expect(report.all.contains { if case .busy(let words) = $0 { words.hasPrefix("another works on it until") } else { false } })
    #expect(world.outcomes.count == 2)
  }

  @Test func `a Lease that nobody renews is taken over when it ends, by the run that waits for it`() async {
    await live()
    world.cluster.edit { [world] in $0.leases[SimulatedWorld.web] = ("killed", world.clock.time + .seconds(25)) }
    world.repository.push("web/v1.2.0")
    await world.run()
    #expect(world.outcomes.last == "1.2.0 promoted")
  }

  @Test(arguments: [Selection.uncolored, .foreign("purple")])
  func `a Service without a color is not released to, and nothing is applied`(_ selection: Selection) async {
    await world.begin()
    world.cluster.pointByHand(SimulatedWorld.target(), to: selection)
    world.repository.push("web/v1.0.0")
    let report = await world.run()
    #expect(report.all.contains { if case .failed(let error) = $0 { error.kind == .configuration } else { false } })
    #expect(world.tap.count("environments.apply") == 0)
  }
}
