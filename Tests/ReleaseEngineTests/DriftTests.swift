import ReleaseModel
import Testing

@testable import ReleaseEngine

/// What another hand changed while no rollout was open: told, and nothing new is built beside it.
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

  @Test func `what another hand did is accepted: the marker names it, and what it left stands by`() async throws {
    await prepare()
    world.cluster.pointByHand(SimulatedWorld.target(), to: .color(.blue))
    let accepted = try await Settle(world.installation(), target: SimulatedWorld.target(), way: .accept, reason: "1.1.0 lost orders").run()
    #expect(accepted.color == .blue && accepted.version?.text == "1.0.0")
    #expect(world.web.marker.version?.text == "1.0.0" && world.web.marker.standby?.color == .green)
    #expect(world.web.marker.standby?.version?.text == "1.1.0" && world.web.marker.standby?.warmUntil != nil)
    world.repository.push("web/v1.2.0")
    await world.run()
    #expect(world.records.last { $0.event == .plan }?.plan?.fromVersion?.text == "1.0.0")
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

  @Test func `a Deployment that is gone and objects that no rollout made are told`() throws {
    let version = try #require(Version("1.1.0"))
    let id = RolloutID(random: 7)
    let seen = ActiveService(
      uid: "u", resourceVersion: "7", selection: .color(.green), marker: Marker(fence: 3, rollout: id, version: version),
      address: ServiceAddress(namespace: "shop", name: "web", clusterIP: nil, ports: []), selectorManager: "tagflip")
    let color = ColorObservation(color: .green, workloads: [], objects: 1, rollouts: [id], strangers: ["debug-pod"])
    #expect(Drift(seen, colors: [color], live: nil).lines.isEmpty, "without a journal nothing tells what there should be")
    var moved = seen
    moved.selection = .nothing
    moved.selectorManager = nil
    #expect(
      Drift(moved, colors: [color], live: nil).lines.first?.hasSuffix("the marker says green (1.1.0): who moved them cannot be told")
        == true)
  }
}
