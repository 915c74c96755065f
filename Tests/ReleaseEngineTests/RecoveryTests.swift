import ReleaseEngine
import ReleaseModel
import Testing

/// What a killed run, a careless hand or a lost document leave behind is found and set right by the runs that follow.
@Suite struct RecoveryTests {
  let world = SimulatedWorld()

  private func live(_ versions: String...) async {
    await world.begin()
    for version in versions { await world.release(version) }
  }

  /// 1.1.0 is exposed, and the run that watched it is dead.
  private func killInBake(degrades: Bool = false) async {
    await live("0.9.0", "1.0.0")
    if degrades { world.script("1.1.0") { $0.degradesAfter = .seconds(1) } }
    world.repository.push("web/v1.1.0")
    world.tap.arm([.init(name: "gates.check.active", occurrence: 3): .killedAfter])
    await world.run()
    world.tap.revive()
    world.tap.arm()
    world.clock.advance(.seconds(61))
  }

  enum Loss: String, CaseIterable, Sendable {
    case lost
    case damaged

    func befall(_ document: StateDocument, in world: SimulatedWorld) {
      world.cluster.edit { state in
        switch self {
        case .lost: state.documents[document] = nil
        case .damaged: state.documents[document]?.text = "{\"open\": tomorrow"
        }
      }
    }
  }

  @Test(arguments: Loss.allCases)
  func `a journal that is lost in a bake is built anew, and the record says what is unknown`(_ loss: Loss) async throws {
    await killInBake(degrades: true)
    loss.befall(.journal(SimulatedWorld.web), in: world)
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes.last == "1.1.0 rolled-back")
    let record = try #require(world.records.last { $0.event == .outcome })
    #expect(record.remarks.contains { $0.contains("was built anew") && $0.contains("unknown") })
    #expect(Judgement(world).complaints == [])
  }

  @Test(arguments: Loss.allCases)
  func `a journal that is lost before exposure is built anew, and the rollout goes on`(_ loss: Loss) async {
    await live("1.0.0")
    world.repository.push("web/v1.1.0")
    world.tap.arm([.init(name: "environments.apply", occurrence: 1): .killedAfter])
    await world.run()
    world.tap.revive()
    loss.befall(.journal(SimulatedWorld.web), in: world)
    world.clock.advance(.seconds(61))
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes.last == "1.1.0 promoted")
    #expect(Judgement(world).complaints == [])
  }

  /// Found by seed 825: the run that was held up had read the journal before, and the Service after.
  @Test func `a run that was held up forgets no outcome whose journal is still open`() async {
    await live("1.0.0")
    world.repository.push("web/v1.1.0")
    world.tap.arm([.init(name: "audit.append", occurrence: 2): .killedAfter])
    world.tap.before("services.read") { [world] in
      // Another promotes it, and is killed once the outcome is in Git.
      await world.run()
      world.tap.revive()
    }
    await world.run()
    #expect(world.journal?.open != nil && world.web.marker.pending.map(\.outcome) == [.promoted])
    #expect(await world.runUntilQuiet())
    world.clock.advance(.seconds(200))
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes == ["1.0.0 promoted", "1.1.0 promoted"])
    #expect(Judgement(world).complaints == [])
  }

  /// Found by seeds 2661 and 4692: it had raised no fence of its own, and the Service that it read next was another release's.
  @Test func `a run that stood still before it went back decides nothing that others have decided, recorded and left behind`() async throws
  {
    await killInBake(degrades: true)
    // The last that a run writes before it goes back, as the same run does it undisturbed.
    let rehearsal = SimulatedWorld(copyOf: world)
    await rehearsal.run()
    let log = rehearsal.tap.log
    let flipBack = try #require(log.firstIndex { $0.name == "services.change" })
    let last = try #require(log[..<flipBack].last { $0.name == "state.save.journal" })
    world.tap.before(last.name, last.occurrence) { [world] in
      world.clock.advance(.seconds(61))
      await world.run()
      await world.release("1.9.0")
      #expect(world.outcomes.suffix(2) == ["1.1.0 rolled-back", "1.9.0 promoted"])
    }
    let before = world.rules.decided.count
    let report = await world.run()
    #expect(world.rules.decided.count == before + 2)
    #expect(world.rules.broken == [])
    #expect(world.web.marker.pending == [])
    // Nothing is wrong that a person would have to look at.
    #expect(report.failures.isEmpty)
    #expect(report.all.contains { if case .busy = $0 { true } else { false } })
    #expect(await world.runUntilQuiet())
    world.clock.advance(.seconds(200))
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes.suffix(2) == ["1.1.0 rolled-back", "1.9.0 promoted"])
    #expect(Judgement(world).complaints == [])
  }

  @Test func `an announcement whose journal was lost before its plan got into Git is given up, and the tag is announced anew`() async {
    await live("1.0.0")
    world.repository.push("web/v1.1.0")
    world.tap.arm([.init(name: "audit.append", occurrence: 1): .killedBefore])
    await world.run()
    world.tap.revive()
    Loss.lost.befall(.journal(SimulatedWorld.web), in: world)
    world.clock.advance(.seconds(61))
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes.last == "1.1.0 promoted")
    #expect(Judgement(world).complaints == [])
  }

  @Test(arguments: Loss.allCases)
  func `the journal of a service at rest is built anew, and a rollback to its cold standby still works`(_ loss: Loss) async throws {
    await live("0.9.0", "1.0.0")
    world.repository.push("web/v1.1.0")
    await world.run()
    world.clock.advance(.seconds(200))
    await world.run()
    loss.befall(.journal(SimulatedWorld.web), in: world)
    world.cluster.edit { $0.documents[.index] = nil }
    await world.run()
    let live = try #require(world.journal?.live)
    #expect(live.rollout == world.web.marker.rollout && live.replicas == nil && live.standbySizes == ["web": 3])
    _ = try await Rollback(world.installation(), service: SimulatedWorld.web, reason: "worse", force: false).run()
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes.last == "1.1.0 rolled-back")
    #expect(Judgement(world).complaints == [])
  }

  @Test(arguments: Loss.allCases)
  func `a person goes back by the marker alone where the journal is lost and Git is away`(_ loss: Loss) async throws {
    await killInBake()
    loss.befall(.journal(SimulatedWorld.web), in: world)
    for port in ["tags.", "plans.", "audit."] { world.tap.cut(port) }
    let report = try await Rollback(world.installation(), service: SimulatedWorld.web, reason: "worse", force: false).run()
    #expect(report.change == .wentBack(to: .green, patchMs: 4))
    #expect(world.web.marker.version == SimulatedWorld.version("1.0.0"))
    for port in ["tags.", "plans.", "audit."] { world.tap.restore(port) }
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes.last == "1.1.0 rolled-back")
    #expect(Judgement(world).complaints == [])
  }

  @Test(arguments: Loss.allCases)
  func `an index that is lost is made anew from the journals, and open work is found although Git is away`(_ loss: Loss) async {
    await killInBake(degrades: true)
    loss.befall(.index, in: world)
    for port in ["tags.", "plans.", "audit."] { world.tap.cut(port) }
    await world.run()
    #expect(world.web.selection == .color(.green))
    for port in ["tags.", "plans.", "audit."] { world.tap.restore(port) }
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes.last == "1.1.0 rolled-back")
    #expect(Judgement(world).complaints == [])
  }

  @Test func `open work is found by the catalog where index and journal are lost`() async {
    await killInBake(degrades: true)
    Loss.lost.befall(.index, in: world)
    Loss.lost.befall(.journal(SimulatedWorld.web), in: world)
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes.last == "1.1.0 rolled-back")
    #expect(Judgement(world).complaints == [])
  }

  /// Each run begins the wait for traffic anew: killed often enough, none of them ever came to the bake that would have gone back.
  @Test func `a color that loses its pods is gone back from although every run that looks is killed within seconds`() async {
    await live("0.9.0", "1.0.0")
    world.script("1.1.0") { $0.losesPodsAfter = .seconds(2) }
    world.repository.push("web/v1.1.0")
    world.tap.arm([.init(name: "gates.check.active", occurrence: 3): .killedAfter])
    await world.run()
    for _ in 0..<20 where world.web.selection == .color(.blue) {
      world.tap.revive()
      world.clock.advance(.seconds(40))
      // A run gets to one look at the traffic, or to three rounds of the bake.
      world.tap.arm([
        .init(name: "services.traffic", occurrence: 2): .killedAfter, .init(name: "gates.check.active", occurrence: 4): .killedAfter,
      ])
      await world.run()
    }
    world.tap.revive()
    #expect(world.web.selection == .color(.green))
    world.tap.arm()
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes.last == "1.1.0 rolled-back")
    #expect(world.records.last { $0.event == .outcome }?.conclusion?.quarantines == true)
  }

  @Test func `what a late apply left in the color that users are on is removed, and in a standby too`() async {
    await live("1.0.0")
    world.repository.push("web/v1.1.0")
    await world.run()
    let stray = RolloutID(random: 99)
    world.cluster.edit { state in
      for color in Color.allCases { _ = state.colors[SimulatedWorld.web]?[color]?.strays.insert(stray) }
    }
    world.clock.advance(.seconds(20))
    await world.run()
    for color in Color.allCases { #expect(world.cluster.color(color, of: SimulatedWorld.web)?.strays.isEmpty == true) }
  }

  @Test func `three minutes after a rollout one more look is due, and then nothing`() async {
    await live("1.0.0")
    #expect(await world.runUntilQuiet())
    world.repository.push("web/v1.1.0")
    await world.run()
    world.clock.advance(.seconds(100))
    #expect(await world.runUntilQuiet())
    world.cluster.edit { _ = $0.colors[SimulatedWorld.web]?[.green]?.strays.insert(RolloutID(random: 99)) }
    world.clock.advance(.seconds(130))
    #expect(await world.run().endedEarly == false)
    #expect(world.cluster.color(.green, of: SimulatedWorld.web)?.strays.isEmpty == true)
    #expect(await world.runUntilQuiet())
  }

  @Test func `a run that is told to stop in a bake parks it, says that nobody watches, and gives up the Lease`() async {
    await live("1.0.0")
    world.repository.push("web/v1.1.0")
    world.tap.arm()
    world.tap.before("gates.check.active", 3) { [world] in world.clock.tellToStop() }
    let report = await world.run()
    guard case .parked(let words) = report.all.last else {
      Issue.record("\(report.all)")
      return
    }
    #expect(words.hasPrefix("told to stop; users are on 1.1.0 after"))
    #expect(words.hasSuffix("and nobody watches it until the next run goes on"))
    #expect(world.cluster.edit { $0.leases }.isEmpty)
    world.clock.tellToStop(false)
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes.last == "1.1.0 promoted")
    #expect(world.records.last { $0.event == .outcome }?.interruptions.count == 1)
    #expect(Judgement(world).complaints == [])
  }

  @Test func `a run that is told to stop while it goes back has gone back`() async {
    await live("1.0.0")
    world.script("1.1.0") { $0.degradesAfter = .seconds(1) }
    world.repository.push("web/v1.1.0")
    world.tap.arm()
    world.tap.before("services.change", 3) { [world] in world.clock.tellToStop() }
    await world.run()
    #expect(world.web.selection == .color(.blue))
    world.clock.tellToStop(false)
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes.last == "1.1.0 rolled-back")
    #expect(Judgement(world).complaints == [])
  }

  @Test func `a run that is told to stop decides on nothing new`() async {
    await live("1.0.0")
    world.repository.push("web/v1.1.0")
    world.clock.tellToStop()
    await world.run()
    #expect(world.history.last == "promoted 1.0.0")
    world.clock.tellToStop(false)
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
  }

  @Test func `nothing that existed is released after the audit branch was deleted`() async {
    await live("1.0.0")
    world.repository.push("web/v1.1.0")
    await world.run()
    world.audit.forget()
    world.clock.advance(.seconds(200))
    let report = await world.run()
    #expect(report.failures.map(\.kind) == [.corrupt])
    #expect(world.history == [], "a branch that is not what it was is not continued")
    await #expect(throws: Never.self) { try await Reseal(world.installation(), reason: "the disk was lost").run() }
    #expect(await world.runUntilQuiet())
    #expect(world.history == ["resealed", "retired 1.0.0", "noted"])
    #expect(!world.history.contains { $0.hasPrefix("plan") })
    #expect(world.web.marker.version == SimulatedWorld.version("1.1.0"))
    world.repository.push("web/v1.2.0")
    await world.run()
    #expect(world.outcomes.last == "1.2.0 promoted")
  }

  @Test func `a retry of a service that no run has seen is refused`() async {
    world.repository.push("web/v1.0.0")
    await #expect(throws: PortError.self) {
      try await Wish(.retry, world.installation(), service: SimulatedWorld.web, version: SimulatedWorld.version("1.0.0"), reason: "now")
        .run()
    }
    await world.run()
    #expect(world.history == ["noted"])
  }
}
