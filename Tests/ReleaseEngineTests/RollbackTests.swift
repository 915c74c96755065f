import ReleaseEngine
import ReleaseModel
import Testing

/// `tagflip rollback` and `tagflip retire`, whatever else is under way.
@Suite struct RollbackTests {
  let world = SimulatedWorld()

  /// 1.1.0 is live on green; 1.0.0 is its warm standby.
  private func promoted() async {
    await world.begin()
    await world.release("1.0.0")
    world.repository.push("web/v1.1.0")
    await world.run()
    world.tap.arm()
  }

  private func rollback(force: Bool = false) async throws -> Rollback.Report {
    try await Rollback(world.installation(), service: SimulatedWorld.web, reason: "orders fail", force: force).run()
  }

  private func expectBack() {
    #expect(world.web.selection == .color(.blue))
    #expect(world.web.marker.version?.text == "1.0.0")
    #expect(world.web.marker.standby == nil)
    #expect(world.web.marker.pending.isEmpty)
    #expect(world.size(.blue) == 3)
    #expect(world.size(.green) == 0)
    #expect(world.journal?.open == nil)
    #expect(world.journal?.live?.plan.tag.version.text == "1.0.0")
    #expect(world.web.marker.rollout == world.journal?.live?.rollout)
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `users go back to a warm standby at once, and the version is quarantined`() async throws {
    await promoted()
    let report = try await rollback()
    #expect(report.change == .wentBack(to: .blue, patchMs: 4))
    #expect(report.recorded)
    expectBack()
    #expect(world.outcomes == ["1.0.0 promoted", "1.1.0 promoted", "1.1.0 rolled-back"])
    #expect(world.records.last?.conclusion?.quarantines == true)
    #expect(world.records.last?.reason == "orders fail")
    #expect(await world.runUntilQuiet())
    world.repository.push("web/v1.1.1")
    await world.run()
    #expect(world.outcomes.last == "1.1.1 promoted")
  }

  @Test
  func `who may not see all that an environment is made of goes back all the same, and the bot looks later for what killed runs left`()
    async throws
  {
    await promoted()
    var installation = world.installation()
    installation.ports.environments = PartlyHidden(base: installation.ports.environments)
    let report = try await Rollback(installation, service: SimulatedWorld.web, reason: "orders fail", force: false).run()
    #expect(report.change == .wentBack(to: .blue, patchMs: 4))
    #expect(report.recorded && report.leftTo == nil)
    expectBack()
    #expect(world.index?.services[SimulatedWorld.web]?.sweepAt != nil, "the sweep stays due")
    #expect(await world.runUntilQuiet())
  }

  @Test func `a rollback asks neither Git nor the Lease, and is recorded later exactly once`() async throws {
    await promoted()
    for name in ["tags.", "plans.", "audit."] { world.tap.cut(name) }
    let report = try await rollback()
    #expect(report.change == .wentBack(to: .blue, patchMs: 4))
    #expect(!report.recorded)
    #expect(world.web.selection == .color(.blue))
    for name in ["tags.", "plans.", "audit."] { world.tap.restore(name) }
    #expect(await world.runUntilQuiet())
    expectBack()
    #expect(world.outcomes == ["1.0.0 promoted", "1.1.0 promoted", "1.1.0 rolled-back"])
  }

  @Test func `what follows a rollback is left to the run that has the Lease, or to the next one`() async throws {
    await promoted()
    world.cluster.edit { [world] in $0.leases[SimulatedWorld.web] = ("another", world.clock.time + .seconds(30)) }
    let report = try await rollback()
    #expect(report.leftTo == "another")
    #expect(world.web.selection == .color(.blue))
    world.clock.advance(.seconds(31))
    #expect(await world.runUntilQuiet())
    expectBack()
  }

  @Test func `a Lease that cannot be asked for does not make a rollback look undone`() async throws {
    await promoted()
    world.tap.cut("leases.")
    let report = try await rollback()
    #expect(report.change == .wentBack(to: .blue, patchMs: 4))
    world.tap.restore("leases.")
    #expect(await world.runUntilQuiet())
    expectBack()
  }

  @Test func `a cold standby is warmed, proved and gone back to`() async throws {
    await promoted()
    world.clock.advance(.seconds(61))
    await world.run()
    #expect(world.web.marker.standby?.temperature == .cold)
    let report = try await rollback()
    guard case .wentBack(to: .blue, _) = report.change else { throw Unexpected(report) }
    expectBack()
  }

  @Test func `a cold standby that does not get ready is not gone back to, and goes cold again`() async throws {
    await promoted()
    world.clock.advance(.seconds(61))
    await world.run()
    world.script("1.0.0") { $0.problem = (.crashLoop, nil) }
    await #expect(throws: PortError.self) { _ = try await rollback() }
    #expect(world.web.selection == .color(.green))
    #expect(world.web.marker.standby?.temperature == .warming)
    world.clock.advance(.seconds(31))
    #expect(await world.runUntilQuiet())
    #expect(world.web.marker.standby?.temperature == .cold)
    #expect(world.size(.blue) == 0)
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `no new rollout takes the color of a standby that is being warmed`() async throws {
    await promoted()
    world.clock.advance(.seconds(61))
    await world.run()
    world.repository.push("web/v1.2.0")
    world.tap.arm()
    world.tap.before("environments.resize") { [world] in
      let report = await world.run()
      #expect(report.all.contains { if case .waiting = $0 { true } else { false } })
    }
    _ = try await rollback()
    expectBack()
  }

  @Test func `without a standby there is nothing to go back to`() async throws {
    await world.begin()
    await world.release("1.0.0")
    await #expect(throws: PortError.self) { _ = try await rollback() }
    #expect(world.web.selection == .color(.blue))
  }

  @Test func `a service that tagflip never released cannot be rolled back`() async throws {
    await #expect(throws: PortError.self) { _ = try await rollback() }
  }

  @Test func `a standby without a ready pod is refused, unless a person insists`() async throws {
    await promoted()
    world.script("1.0.0") { $0.losesPodsAfter = .zero }
    await #expect(throws: PortError.self) { _ = try await rollback() }
    #expect(world.web.selection == .color(.green))
    _ = try await rollback(force: true)
    #expect(world.web.selection == .color(.blue))
  }

  @Test func `a rollback during the bake ends the open rollout, beside the run that works on it`() async throws {
    await world.begin()
    await world.release("1.0.0")
    world.repository.push("web/v1.1.0")
    world.tap.arm()
    world.tap.before("gates.check.active", 2) {
      let report = try? await rollback()
      #expect(report?.change == .wentBack(to: .blue, patchMs: 4))
      #expect(report?.leftTo != nil)
    }
    let report = await world.run()
    #expect(report.all.compactMap(\.outcome) == [.rolledBack])
    expectBack()
    #expect(world.outcomes == ["1.0.0 promoted", "1.1.0 rolled-back"])
    #expect(world.records.last?.reason == "orders fail")
  }

  @Test func `a rollback before exposure aborts, beside the run that works on it`() async throws {
    await world.begin()
    await world.release("1.0.0")
    world.repository.push("web/v1.1.0")
    world.tap.arm()
    world.tap.before("gates.check.preview") {
      let report = try? await rollback()
      #expect(report?.change == .aborted)
    }
    await world.run()
    expectBack()
    #expect(world.outcomes == ["1.0.0 promoted", "1.1.0 aborted"])
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes.count == 2)
  }

  @Test func `a rollback after its run was killed finishes the rollout itself`() async throws {
    await world.begin()
    await world.release("1.0.0")
    world.repository.push("web/v1.1.0")
    world.tap.arm([.init(name: "gates.check.active", occurrence: 2): .killedBefore])
    await world.run()
    world.tap.revive()
    world.clock.advance(.seconds(61))
    let report = try await rollback()
    #expect(report.recorded)
    expectBack()
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes == ["1.0.0 promoted", "1.1.0 rolled-back"])
  }

  @Test func `an attempt that was aborted before its plan reached Git is not made again`() async throws {
    await world.begin()
    await world.release("1.0.0")
    world.repository.push("web/v1.1.0")
    world.repository.push("web/v1.2.0")
    world.tap.cut("audit.append")
    await world.run()
    let report = try await rollback()
    #expect(report.change == .aborted)
    world.tap.restore("audit.append")
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes == ["1.0.0 promoted", "1.2.0 aborted"])
    #expect(world.history.contains("plan 1.2.0"))
    #expect(world.history.contains("superseded 1.1.0"))
    #expect(world.tap.count("environments.apply") == 1)
  }

  @Test func `a promotion that Git does not know yet can be rolled back too`() async throws {
    await world.begin()
    await world.release("1.0.0")
    world.repository.push("web/v1.1.0")
    world.tap.arm()
    world.tap.before("gates.check.active", 2) { [world] in world.tap.cut("audit.append") }
    await world.run()
    #expect(world.web.marker.pending.map(\.outcome) == [.promoted])
    let report = try await rollback()
    #expect(report.change == .wentBack(to: .blue, patchMs: 4))
    #expect(world.web.selection == .color(.blue))
    world.tap.restore("audit.append")
    #expect(await world.runUntilQuiet())
    expectBack()
    #expect(world.outcomes == ["1.0.0 promoted", "1.1.0 promoted", "1.1.0 rolled-back"])
  }

  @Test func `a first release that is baking cannot be rolled back, and says so`() async throws {
    await world.begin()
    world.repository.push("web/v1.0.0")
    world.tap.arm()
    world.tap.before("gates.check.active", 2) {
      await #expect(throws: PortError.self) { _ = try await rollback() }
    }
    await world.run()
    #expect(world.outcomes == ["1.0.0 promoted"])
  }

  @Test func `two rollbacks at once flip once`() async throws {
    await promoted()
    world.tap.before("services.change") { _ = try? await rollback() }
    await #expect(throws: PortError.self) { _ = try await rollback() }
    expectBack()
    #expect(world.outcomes.count { $0 == "1.1.0 rolled-back" } == 1)
  }

  // MARK: retire

  @Test func `retire makes the standby cold before its window ends, and lets a waiting tag go ahead`() async throws {
    await promoted()
    world.repository.push("web/v1.2.0")
    await world.run()
    let retired = try await Retire(world.installation(), service: SimulatedWorld.web).run()
    #expect(retired?.version?.text == "1.0.0")
    #expect(world.size(.blue) == 0)
    #expect(world.history.last == "retired 1.0.0")
    await world.run()
    #expect(world.outcomes.last == "1.2.0 promoted")
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `retire finds nothing to do where no standby is warm`() async throws {
    await world.begin()
    await world.release("1.0.0")
    #expect(try await Retire(world.installation(), service: SimulatedWorld.web).run() == nil)
  }

  @Test func `retire leaves the standby of an open bake alone, also when its run was killed`() async throws {
    await world.begin()
    await world.release("1.0.0")
    world.repository.push("web/v1.1.0")
    world.tap.arm([.init(name: "gates.check.active", occurrence: 2): .killedBefore])
    await world.run()
    world.tap.revive()
    world.clock.advance(.seconds(61))
    await #expect(throws: PortError.self) { _ = try await Retire(world.installation(), service: SimulatedWorld.web).run() }
    #expect(world.size(.blue) == 3)
  }

  @Test func `a rollout that opens while retire waits for the Lease keeps its standby`() async throws {
    await world.begin()
    await world.release("1.0.0")
    world.repository.push("web/v1.1.0")
    world.tap.arm()
    world.tap.before("leases.hold") { [world] in
      world.tap.arm([.init(name: "gates.check.active", occurrence: 2): .killedBefore])
      await world.run()
      world.tap.revive()
      world.clock.advance(.seconds(61))
    }
    await #expect(throws: PortError.self) { _ = try await Retire(world.installation(), service: SimulatedWorld.web).run() }
    #expect(world.size(.blue) == 3)
    #expect(world.web.marker.standby?.temperature == .warm)
  }

  @Test func `rollback and retire cannot both win`() async throws {
    await promoted()
    world.tap.before("services.change") { [world] in
      _ = try? await Retire(world.installation(), service: SimulatedWorld.web).run()
    }
    await #expect(throws: PortError.self) { _ = try await rollback() }
    #expect(world.web.selection == .color(.green))
    #expect(world.web.marker.standby?.temperature == .cold)
    #expect(world.rules.broken.isEmpty)
  }
}

/// A value that is not what the test can go on with.
struct Unexpected: Error {
  let value: String

  init(_ value: some Any) { self.value = "\(value)" }
}

/// Environments as a person on call sees them, who may list no Secret.
private struct PartlyHidden: Environments {
  let base: any Environments

  func apply(
    _ environment: Environment, rollout: RolloutID, sizes: [String: Int], atMost limit: Int?, target: ServiceTarget
  ) async throws(PortError) {
    try await base.apply(environment, rollout: rollout, sizes: sizes, atMost: limit, target: target)
  }

  func resize(_ color: Color, target: ServiceTarget, sizes: [String: Int], asOf fence: UInt64?) async throws(PortError) {
    try await base.resize(color, target: target, sizes: sizes, asOf: fence)
  }

  func unpin(_ color: Color, target: ServiceTarget) async throws(PortError) { try await base.unpin(color, target: target) }

  func discard(
    _ color: Color, sparing rollout: RolloutID?, target: ServiceTarget, asOf fence: UInt64?, within limit: Duration
  ) async throws(PortError) {
    throw PortError(.forbidden, attempted: "list secrets", reason: "secrets is forbidden")
  }
}
