import ReleaseModel
import Testing

@testable import ReleaseEngine

/// What served users before tagflip came stands for a color, and is given back, whatever happens in between.
@Suite struct AdoptionTests {
  private func inPlace() async -> SimulatedWorld {
    let world = SimulatedWorld()
    world.cluster.edit { state in
      state.inPlace = 3
      state.services["web"]?.selection = .uncolored
    }
    await world.begin()
    world.tap.arm()
    return world
  }

  private func adopt(_ world: SimulatedWorld) async throws(PortError) -> Adopt.Report {
    try await Adopt(
      world.installation(), target: SimulatedWorld.target(), version: SimulatedWorld.version("0.9.0"), reason: "we move to tags"
    ).run()
  }

  private func leave(_ world: SimulatedWorld) async throws(PortError) -> Leave.Report {
    try await Leave(world.installation(), target: SimulatedWorld.target(), reason: "we stop").run()
  }

  private func moves(_ world: SimulatedWorld) -> [AuditRecord.Event] {
    world.records.map(\.event).filter { [.adopted, .left, .settled].contains($0) }
  }

  @Test func `a consumer that was released over what was adopted is stopped by a later run, where a person may not`() async throws {
    let world = await inPlace()
    _ = try await adopt(world)
    world.withRunners("1.0.0")
    world.repository.push("web/v1.0.0")
    await world.run()
    #expect(world.isConsuming(.green) == true)
    world.tap.refuse("runners.hand", .forbidden)
    _ = try await Rollback(world.installation(), service: SimulatedWorld.web, reason: "orders fail", force: false).run()
    #expect(world.web.marker.rollout == nil && world.isConsuming(.green) == true)
    world.tap.refuse("runners.hand", nil)
    await world.run()
    #expect(world.isConsuming(.green) == false)
  }

  @Test func `what is live is adopted, released over, gone back to and left as it was`() async throws {
    let world = await inPlace()
    let adopted = try await adopt(world)
    #expect(adopted.isRecorded && adopted.traffic?.endpoints == 3)
    #expect(world.web.selection == .color(.blue) && world.web.marker.version?.text == "0.9.0")
    #expect(world.records.last?.event == .adopted && world.records.last?.conclusion?.to == .blue)
    world.repository.push("web/v1.0.0")
    await world.run()
    #expect(world.outcomes == ["1.0.0 promoted"] && world.web.selection == .color(.green))
    #expect(world.size(.green) == 3, "as many pods as were live")
    let refused = await #expect(throws: PortError.self) { try await leave(world) }
    #expect(refused?.kind == .conflict && refused?.hint?.contains("tagflip rollback web") == true)
    _ = try await Rollback(world.installation(), service: SimulatedWorld.web, reason: "orders fail", force: false).run()
    #expect(world.web.selection == .color(.blue) && world.size(.blue) == 3 && world.size(.green) == 0)
    #expect(try await leave(world).isRecorded)
    #expect(world.web.selection == .uncolored && world.web.marker.adoption == nil)
    #expect(moves(world) == [.adopted, .left])
    #expect(world.rules.broken.isEmpty, "\(world.rules.broken)")
  }

  /// Whatever becomes of one call: users are where they were, and the trail says what the Service is.
  @Test(arguments: PortTap.Fault.allCases)
  func `a fault at any call of adopt leaves users on the same pods, and what the Service says on record`(fault: PortTap.Fault) async throws
  {
    let pattern = await inPlace()
    _ = try await adopt(pattern)
    let calls = pattern.tap.log
    #expect(calls.count > 10)
    for call in calls where call.isWrite || fault != .killedAfter {
      let world = await inPlace()
      world.tap.arm([call: fault])
      _ = try? await adopt(world)
      world.tap.revive()
      world.tap.arm()
      #expect(await world.runUntilQuiet(), "\(fault) at \(call)")
      let isAdopted = world.web.selection == .color(.blue)
      #expect(isAdopted ? world.web.marker.adoption != nil : world.web.selection == .uncolored, "\(fault) at \(call)")
      #expect(world.web.marker.pending.isEmpty, "\(fault) at \(call)")
      let told = moves(world)
      #expect(told == [.adopted] || told == [.adopted, .left] || told == [], "\(fault) at \(call): \(told)")
      #expect((told.last == .adopted) == isAdopted, "\(fault) at \(call): \(told)")
      #expect(world.cluster.color(.blue, of: SimulatedWorld.web)?.desired ?? ["web": 3] == ["web": 3], "\(fault) at \(call)")
      #expect(world.rules.broken.isEmpty, "\(fault) at \(call): \(world.rules.broken)")
    }
  }

  @Test func `endpoints that do not settle undo it, and both are on record`() async throws {
    let world = await inPlace()
    world.cluster.edit { $0.trafficIsStuck = true }
    let error = await #expect(throws: PortError.self) { try await adopt(world) }
    #expect(error?.kind == .conflict && error?.hint?.hasPrefix("it is as it was before") == true, "\(String(describing: error))")
    #expect(world.web.selection == .uncolored && world.web.marker.adoption == nil)
    #expect(moves(world) == [.adopted, .left])
    world.cluster.edit { $0.trafficIsStuck = false }
    #expect(try await adopt(world).isRecorded, "it can be tried again")
  }

  @Test func `endpoints that nobody can see undo it`() async throws {
    let world = await inPlace()
    world.tap.cut("services.traffic")
    let error = await #expect(throws: PortError.self) { try await adopt(world) }
    #expect(error?.reason.contains("could not be seen") == true, "\(String(describing: error))")
    #expect(world.web.selection == .uncolored && moves(world) == [.adopted, .left])
  }

  @Test func `endpoints that the caller may not see undo it`() async throws {
    let world = await inPlace()
    var installation = world.installation()
    installation.ports.services = BlindServices(base: installation.ports.services)
    let error = await #expect(throws: PortError.self) {
      try await Adopt(
        installation, target: SimulatedWorld.target(), version: SimulatedWorld.version("0.9.0"), reason: "we move to tags"
      ).run()
    }
    #expect(error?.reason.contains("you may not list endpointslices") == true, "\(String(describing: error))")
    #expect(world.web.selection == .uncolored && moves(world) == [.adopted, .left])
  }

  @Test func `fewer endpoints than there were ready pods undo it`() async throws {
    let world = await inPlace()
    // One pod was let go between the look and the PATCH.
    world.tap.before("services.change") { world.cluster.edit { $0.inPlace = 2 } }
    let error = await #expect(throws: PortError.self) { try await adopt(world) }
    #expect(error?.kind == .conflict && world.web.selection == .uncolored, "\(String(describing: error))")
  }

  @Test func `who changed the Service meanwhile is not overwritten by the undo`() async throws {
    let world = await inPlace()
    world.cluster.edit { $0.trafficIsStuck = true }
    world.tap.before("services.traffic") { world.cluster.pointByHand(SimulatedWorld.target(), to: .foreign("purple")) }
    let error = await #expect(throws: PortError.self) { try await adopt(world) }
    #expect(error?.hint?.contains("somebody has changed it since") == true, "\(String(describing: error))")
    #expect(world.web.selection == .foreign("purple"))
  }

  @Test func `killed between giving the adopted standby up and stopping its pods, the next run stops them`() async throws {
    let world = await inPlace()
    _ = try await adopt(world)
    world.repository.push("web/v1.0.0")
    await world.run()
    #expect(world.size(.blue) == 3, "warm")
    world.tap.arm([PortTap.Call(name: "environments.resize", occurrence: 1): .killedBefore])
    _ = try? await Retire(world.installation(), service: SimulatedWorld.web).run()
    #expect(world.web.marker.standby?.temperature == .cold && world.size(.blue) == 3)
    world.tap.revive()
    world.tap.arm()
    world.clock.advance(.seconds(61))
    #expect(await world.runUntilQuiet())
    #expect(world.size(.blue) == 0)
    #expect(world.records.count { $0.event == .retired } == 1)
    // Scaled up again it is its owner's.
    world.cluster.edit { $0.colors[SimulatedWorld.web]?[.blue]?.desired = ["web": 3] }
    #expect(await world.runUntilQuiet())
    #expect(world.size(.blue) == 3)
    #expect(world.rules.broken.isEmpty, "\(world.rules.broken)")
  }

  @Test func `one workload on each side is given the size of what was live, whatever it is called`() async throws {
    let world = await inPlace()
    world.cluster.edit { $0.inPlace = 5 }
    _ = try await adopt(world)
    // The release calls it otherwise.
    world.cluster.edit { $0.colors[SimulatedWorld.web]?[.blue]?.desired = ["shop": 5] }
    world.repository.push("web/v1.0.0")
    await world.run()
    #expect(world.outcomes == ["1.0.0 promoted"] && world.size(.green) == 5)
  }
}

/// Services whose endpoints the caller may not see.
private struct BlindServices: ActiveServices {
  let base: any ActiveServices

  func read(_ target: ServiceTarget) async throws(PortError) -> ActiveService { try await base.read(target) }

  func change(
    _ target: ServiceTarget, seen: ActiveService, selector: SelectorChange?, marker: Marker
  ) async throws(PortError) -> ChangeResult {
    try await base.change(target, seen: seen, selector: selector, marker: marker)
  }

  func traffic(_ target: ServiceTarget, to colors: [Color], within limit: Duration) async throws(PortError) -> TrafficReport {
    throw PortError(.forbidden, attempted: "list endpointslices", reason: "you may not list endpointslices")
  }

  func preview(_ target: ServiceTarget, color: Color, rollout: RolloutID) async throws(PortError) -> ServiceAddress {
    try await base.preview(target, color: color, rollout: rollout)
  }
}
