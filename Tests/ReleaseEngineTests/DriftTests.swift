import ReleaseModel
import Testing

@testable import ReleaseEngine

/// Users that another hand moved while no rollout was open: nothing new is built beside them until a person settles it.
@Suite struct DriftTests {
  let world = SimulatedWorld()

  private func prepare() async {
    await world.begin()
    await world.release("1.0.0")
    // Its standby stays warm.
    world.repository.push("web/v1.1.0")
    await world.run()
  }

  @Test func `users that another hand moved are where nothing is built beside, until a person settles it`() async throws {
    await prepare()
    world.cluster.pointByHand(SimulatedWorld.target(), to: .color(.blue))
    world.repository.push("web/v1.2.0")
    let report = await world.run()
    let error = report.all.compactMap { if case .failed(let error) = $0 { error } else { nil } }.first
    #expect(error?.kind == .conflict && error?.hint?.contains("tagflip settle web --restore") == true, "\(report.all)")
    #expect(error?.reason.contains("the marker says green (1.1.0)") == true, "\(report.all)")
    #expect(world.web.selection == .color(.blue), "nothing is put right by itself")
    #expect(world.outcomes == ["1.0.0 promoted", "1.1.0 promoted"])

    let restored = try await Settle(world.installation(), target: SimulatedWorld.target(), way: .restore, reason: "a slip").run()
    #expect(restored.color == .green && restored.isRecorded && world.web.selection == .color(.green))
    #expect(world.records.last?.event == .settled && world.records.last?.conclusion?.to == .green)
    await world.release("1.3.0")
    #expect(world.outcomes.last == "1.3.0 promoted")
    #expect(world.rules.broken.isEmpty, "\(world.rules.broken)")
  }

  @Test func `a return to the standby by another hand that is accepted is a rollback: what it left is quarantined and stops`() async throws
  {
    await prepare()
    world.cluster.pointByHand(SimulatedWorld.target(), to: .color(.blue))
    let accepted = try await Settle(world.installation(), target: SimulatedWorld.target(), way: .accept, reason: "1.1.0 lost orders").run()
    #expect(accepted.color == .blue && accepted.version?.text == "1.0.0" && accepted.isRecorded)
    #expect(world.web.marker.version?.text == "1.0.0" && world.web.marker.standby == nil)
    let record = try #require(world.records.last)
    #expect(record.outcome == .rolledBack && record.version?.text == "1.1.0" && record.conclusion?.quarantines == true)
    #expect(record.conclusion?.actor == "foreign:kubectl-edit")
    #expect(record.reason?.contains("\(SimulatedCluster.bot) accepted it: 1.1.0 lost orders") == true, "\(record.reason ?? "")")
    #expect(world.size(.green) == 0 && world.journal?.live?.plan.tag.version.text == "1.0.0")
    world.repository.push("web/v1.2.0")
    await world.run()
    #expect(world.records.last { $0.event == .plan }?.plan?.fromVersion?.text == "1.0.0")
    #expect(world.outcomes.last == "1.2.0 promoted")
    #expect(world.rules.broken.isEmpty, "\(world.rules.broken)")
  }

  @Test func `what another hand did is accepted where nobody knows what runs there: what it left stands by as it is`() async throws {
    await prepare()
    _ = try await Retire(world.installation(), service: SimulatedWorld.web).run()
    // Somebody starts the cold color by hand, forgets the marker's standby, and points users at it.
    world.cluster.edit { state in
      state.colors[SimulatedWorld.web]?[.blue]?.desired = ["web": 3]
      state.services["web"]?.marker.standby = nil
    }
    world.cluster.pointByHand(SimulatedWorld.target(), to: .color(.blue))
    let accepted = try await Settle(world.installation(), target: SimulatedWorld.target(), way: .accept, reason: "we need it").run()
    #expect(accepted.color == .blue && accepted.version == nil)
    #expect(world.records.last?.event == .settled && world.records.last?.conclusion?.from == .green)
    #expect(world.web.marker.standby?.color == .green && world.web.marker.standby?.temperature == .warm)
    #expect(world.web.marker.standby?.version?.text == "1.1.0" && world.web.marker.standby?.warmUntil != nil)
    #expect(world.web.marker.rollout == world.cluster.color(.blue, of: SimulatedWorld.web)?.rollout)
    #expect(world.journal?.live?.rollout != world.records.last { $0.outcome == .promoted }?.rollout, "the journal follows")
    world.clock.advance(.seconds(61))
    world.repository.push("web/v1.2.0")
    await world.run()
    #expect(world.outcomes.last == "1.2.0 promoted")
  }

  @Test func `there is nothing to settle where users are where the marker says`() async throws {
    await prepare()
    let error = await #expect(throws: PortError.self) {
      try await Settle(world.installation(), target: SimulatedWorld.target(), way: .restore, reason: "?").run()
    }
    #expect(error?.kind == .conflict && error?.reason.contains("there is nothing to settle") == true)
    #expect(world.records.last?.outcome == .promoted)
  }

  @Test func `users are not brought back to a color that is not ready`() async throws {
    await prepare()
    world.cluster.pointByHand(SimulatedWorld.target(), to: .color(.blue))
    world.cluster.edit { state in
      let sizes = state.colors[SimulatedWorld.web]?[.green]?.desired ?? [:]
      state.colors[SimulatedWorld.web]?[.green]?.desired = sizes.mapValues { _ in 0 }
    }
    let error = await #expect(throws: PortError.self) {
      try await Settle(world.installation(), target: SimulatedWorld.target(), way: .restore, reason: "a slip").run()
    }
    #expect(error?.kind == .conflict && error?.reason.hasPrefix("green is not ready") == true, "\(error?.reason ?? "")")
    #expect(world.web.selection == .color(.blue))
  }
}
