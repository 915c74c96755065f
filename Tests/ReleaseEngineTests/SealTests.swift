import Digests
@testable import ReleaseEngine
import ReleaseModel
import Testing

/// A journal that does not bear the installation's seal is a claim: no gate opens by it, and the record says so.
@Suite struct SealTests {
  let world = SimulatedWorld()

  /// Kills the run in the bake of 1.1.0, two seconds into it.
  private func killedInBake() async {
    await world.begin()
    await world.release("1.0.0")
    world.planFor("1.1.0") { $0.bake.durationMs = 60_000 }
    world.repository.push("web/v1.1.0")
    world.tap.arm([.init(name: "gates.check.active", occurrence: 3): .killedAfter])
    await world.run()
    world.tap.revive()
    world.tap.arm()
    #expect(world.web.selection == .color(.green) && world.journal?.open != nil)
    world.clock.advance(.seconds(61))
  }

  private func forge(_ change: (inout Journal) -> Void) throws {
    var journal = try #require(world.journal)
    change(&journal)
    let text = try CanonicalJSON.text(of: journal)
    let seal = world.cluster.edit { $0.documents[.journal(SimulatedWorld.web)]?.text.split(separator: "\n").last.map(String.init) } ?? ""
    world.cluster.edit { $0.documents[.journal(SimulatedWorld.web)]?.text = "\(text)\n\(seal)" }
  }

  @Test func `a bake that somebody else says was watched is watched anew, and what he said of steps is on record as claimed`() async throws
  {
    await killedInBake()
    let before = try #require(world.journal?.open)
    try forge { journal in
      journal.open?.bakedMs = 3_600_000
      journal.open?.steps.append(
        StepRecord(step: .bake, startedAt: before.announcedAt, ms: 60_000, result: .passed, detail: "believe me"))
    }
    let start = world.clock.elapsed
    await world.run()
    #expect(world.clock.elapsed - start >= .seconds(60), "the whole bake, from its beginning")
    #expect(world.outcomes == ["1.0.0 promoted", "1.1.0 promoted"])
    let record = try #require(world.records.last { $0.event == .outcome })
    #expect(record.claimed.contains { $0.detail == "believe me" })
    #expect(!record.steps.contains { $0.detail == "believe me" })
    #expect(record.remarks.contains { $0.contains("seal") })
    #expect(world.rules.broken == [])
  }

  @Test func `a journal without any seal is a claim too`() async throws {
    await killedInBake()
    world.cluster.edit { state in
      guard let document = state.documents[.journal(SimulatedWorld.web)] else { return }
      state.documents[.journal(SimulatedWorld.web)]?.text = document.text.journalLine
    }
    await world.run()
    #expect(world.outcomes == ["1.0.0 promoted", "1.1.0 promoted"])
    #expect(world.records.last?.claimed.isEmpty == false)
  }

  @Test func `a journal that was sealed for another service, or at another time, does not count`() throws {
    let seal = SimulatedWorld.seal
    let first = try #require(try seal.stamp("{}", of: SimulatedWorld.web, after: nil))
    let second = try #require(try seal.stamp("{}", of: SimulatedWorld.web, after: first))
    #expect(try seal.objection(to: "{}", stamp: second, of: SimulatedWorld.web) == nil)
    #expect(second.number == 2 && second.previous == first.seal && first.seal != second.seal)
    #expect(try seal.objection(to: "{}", stamp: second, of: SimulatedWorld.name("api")) != nil)
    #expect(try seal.objection(to: "{ }", stamp: second, of: SimulatedWorld.web) != nil)
    var moved = second
    moved.number = 3
    #expect(try seal.objection(to: "{}", stamp: moved, of: SimulatedWorld.web) != nil)
    moved = second
    moved.previous = nil
    #expect(try seal.objection(to: "{}", stamp: moved, of: SimulatedWorld.web) != nil)
    let other = JournalSeal.key(Array("another installation's".utf8))
    #expect(try other.objection(to: "{}", stamp: second, of: SimulatedWorld.web) != nil)
    #expect(try JournalSeal.none.objection(to: "{}", stamp: nil, of: SimulatedWorld.web) == nil)
  }

  @Test func `without the key nothing is released, and users can be sent back all the same`() async throws {
    await killedInBake()
    let missing = PortError(.configuration, attempted: "find the installation's key", reason: "it is missing")
    var installation = world.installation()
    installation.ports.seal = .unavailable(missing)
    let report = await ReleaseRun(installation).run()
    #expect(report.results[SimulatedWorld.web]?.contains(.failed(missing)) == true)
    #expect(world.web.selection == .color(.green) && world.outcomes.count == 1)
    let back = try await Rollback(installation, service: SimulatedWorld.web, reason: "worse", force: false).run()
    #expect(back.change == .wentBack(to: .blue, patchMs: 4))
    await world.run()
    #expect(world.outcomes == ["1.0.0 promoted", "1.1.0 rolled-back"])
    #expect(world.rules.broken == [])
  }
}
