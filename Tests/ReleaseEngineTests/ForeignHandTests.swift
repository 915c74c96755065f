import ReleaseEngine
import ReleaseModel
import Testing

/// Other hands than tagflip's on the active Service: seen, never overwritten, and on record by name.
@Suite struct ForeignHandTests {
  let world = SimulatedWorld()

  private func prepare() async {
    await world.begin()
    await world.release("1.0.0")
    world.repository.push("web/v1.1.0")
    world.tap.arm()
  }

  @Test func `a hand that points back during the bake has rolled back, and is named`() async {
    await prepare()
    world.tap.before("gates.check.active", 3) { [world] in
      world.cluster.pointByHand(SimulatedWorld.target(), to: .color(.blue))
    }
    let report = await world.run()
    #expect(report.all.compactMap(\.outcome) == [.rolledBack])
    #expect(world.records.last?.actor == "foreign:kubectl-edit")
    #expect(world.web.selection == .color(.blue))
    #expect(world.web.marker.version?.text == "1.0.0")
    #expect(world.web.marker.standby == nil)
    #expect(world.size(.green) == 0)
    #expect(world.records.last?.conclusion?.quarantines == true)
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `a hand that withdraws a first release has rolled back, and is named`() async {
    await world.begin()
    world.repository.push("web/v1.0.0")
    world.tap.arm()
    world.tap.before("gates.check.active", 2) { [world] in world.cluster.pointByHand(SimulatedWorld.target(), to: .nothing) }
    await world.run()
    #expect(world.outcomes == ["1.0.0 rolled-back"])
    #expect(world.records.last?.actor == "foreign:kubectl-edit")
    #expect(world.web.marker.version == nil)
  }

  @Test(arguments: [Selection.color(.green), .foreign("purple"), .uncolored, .nothing])
  func `a foreign edit of the selector before the flip aborts, and stands`(_ selection: Selection) async {
    await prepare()
    world.tap.before("rehearsals.headroom") {}
    world.tap.before("gates.check.preview") { [world] in world.cluster.pointByHand(SimulatedWorld.target(), to: selection) }
    await world.run()
    #expect(world.outcomes.last == "1.1.0 aborted")
    #expect(world.records.last?.actor == "foreign:kubectl-edit")
    #expect(world.records.last?.conclusion?.exposed == false)
    #expect(world.web.selection == selection)
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `a selector without the color during the bake aborts, and neither color is stopped`() async {
    await prepare()
    world.tap.before("gates.check.active", 3) { [world] in world.cluster.pointByHand(SimulatedWorld.target(), to: .uncolored) }
    await world.run()
    #expect(world.outcomes.last == "1.1.0 aborted")
    #expect(world.records.last?.conclusion?.exposed == true)
    #expect(world.size(.green) == 3)
    #expect(world.size(.blue) == 3)
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `another field that somebody touches is no reason to stop`() async {
    await prepare()
    for occurrence in 1...4 {
      world.tap.before("services.change", occurrence) { [world] in world.cluster.touch(SimulatedWorld.target()) }
    }
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `a Service that somebody touches without end is given up, and the next run goes on`() async {
    await prepare()
    for occurrence in 2...11 {
      world.tap.before("services.change", occurrence) { [world] in world.cluster.touch(SimulatedWorld.target()) }
    }
    let report = await world.run()
    #expect(report.all.contains { if case .failed(let error) = $0 { error.kind == .conflict } else { false } })
    #expect(world.journal?.open != nil)
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes == ["1.0.0 promoted", "1.1.0 promoted"])
  }

  @Test func `a higher fence makes a run yield without touching anything more`() async {
    await prepare()
    world.tap.before("gates.check.preview") { [world] in
      world.cluster.edit { $0.services["web"]?.marker.fence += 10 }
      world.cluster.touch(SimulatedWorld.target())
    }
    let report = await world.run()
    #expect(report.all.contains { if case .busy = $0 { true } else { false } })
    #expect(world.web.selection == .color(.blue))
    #expect(world.journal?.open != nil)
    #expect(world.size(.green) == 3)
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes == ["1.0.0 promoted", "1.1.0 promoted"])
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `a journal that another run wrote stops this one`() async {
    await prepare()
    world.tap.before("gates.check.preview") { [world] in
      world.cluster.edit { state in
        guard let document = state.documents[.journal(SimulatedWorld.web)] else { return }
        state.documents[.journal(SimulatedWorld.web)] = StoredDocument(text: document.text, revision: "rev-of-another")
      }
    }
    let report = await world.run()
    #expect(report.all.contains { if case .failed(let error) = $0 { error.kind == .conflict } else { false } })
    #expect(world.web.selection == .color(.blue))
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes == ["1.0.0 promoted", "1.1.0 promoted"])
  }

  @Test func `a flip whose answer is lost is found by reading again`() async {
    await prepare()
    world.tap.arm([.init(name: "services.change", occurrence: 2): .lostAnswer])
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
    #expect(world.records.last?.cutover != nil)
    #expect(world.rules.broken.isEmpty)
  }
}
