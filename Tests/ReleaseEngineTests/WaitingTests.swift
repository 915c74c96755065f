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
    let step = world.records.last?.steps.first { $0.step == .headroom }
    #expect(step?.result == .unknown)
    #expect(step?.detail.hasPrefix("short: quota pods: 1 left, 3 needed; ") == true)
  }

  @Test func `with headroom: off nobody looks for room, and the record says so`() async {
    await live()
    world.cluster.edit { $0.shortages = ["quota pods: 1 left, 3 needed"] }
    world.planFor("1.2.0") { $0.headroom = .off }
    world.repository.push("web/v1.2.0")
    world.tap.arm()
    await world.run()
    #expect(world.outcomes.last == "1.2.0 promoted")
    #expect(world.tap.count("rehearsals.headroom") == 0)
    let step = world.records.last?.steps.first { $0.step == .headroom }
    #expect(step?.result == .skipped && step?.detail == "headroom: off")
  }

  @Test func `room that a rollout counts on is reserved until it cannot need it any more`() async throws {
    await live()
    let limits = world.clock.time
    world.repository.push("web/v1.2.0")
    world.tap.arm([PortTap.Call(name: "environments.apply", occurrence: 1): .killedBefore])
    await world.run()
    world.tap.revive()
    let reservation = try #require(world.index?.reservations.first)
    #expect(reservation.pods == 3 && reservation.namespace == "shop")
    // Ready within 30 s, smoke within 10 s, a bake of 3 s, images that may take 60 s, and two minutes.
    #expect(reservation.expires >= limits + .seconds(223) && reservation.expires < limits + .seconds(230))
  }

  @Test func `where connections are moved, room is reserved for load balancers too`() async throws {
    await live()
    let limits = world.clock.time
    world.planFor("1.2.0") { $0.connections = .long }
    world.repository.push("web/v1.2.0")
    world.tap.arm([PortTap.Call(name: "environments.apply", occurrence: 1): .killedBefore])
    await world.run()
    world.tap.revive()
    let reservation = try #require(world.index?.reservations.first)
    // Connections that may take 30 s to move, and five minutes: whether load balancers have to be waited for shows only right before the flip.
    #expect(reservation.expires >= limits + .seconds(553) && reservation.expires < limits + .seconds(560))
  }

  @Test func `what others reserved is counted until it expires, on the cluster that it is in`() async throws {
    await live()
    let world = world
    func reservation(_ cluster: String, _ namespace: String, seconds: Int) throws -> ServiceIndex.Reservation {
      ServiceIndex.Reservation(
        service: try #require(ServiceName("api")), rollout: RolloutID(random: UInt64(seconds)), cluster: cluster, namespace: namespace,
        pods: 1, milliCPU: 1, memoryBytes: 1, expires: world.clock.time + .seconds(seconds))
    }
    let there = try [
      reservation("default", "shop", seconds: 600), reservation("default", "bank", seconds: 500),
      reservation("default", "shop", seconds: 0),
      reservation("other", "shop", seconds: 400),
    ]
    let keeper = IndexKeeper(world.ports)
    try await keeper.update { $0.reservations = there }
    world.repository.push("web/v1.2.0")
    await world.run()
    #expect(world.outcomes.last == "1.2.0 promoted")
    #expect(world.cluster.edit { $0.reserved } == Array(there.prefix(2)))
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
