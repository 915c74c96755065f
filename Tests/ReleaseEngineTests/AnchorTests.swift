import ReleaseEngine
import ReleaseModel
import Testing

/// The audit branch is rewritten, reset or deleted by somebody: the next run notices, starts nothing new, and still goes back where users
/// are on something bad.
@Suite struct AnchorTests {
  let world = SimulatedWorld()

  private func live(_ versions: String...) async {
    await world.begin()
    for version in versions { await world.release(version) }
  }

  private func reseal() async throws(PortError) -> Reseal.Report {
    guard case .committed(let report) = try await Reseal(world.installation(), reason: "the disk was lost").run() else {
      throw PortError(.invalid, attempted: "reseal", reason: "nothing was committed")
    }
    return report
  }

  @Test func `each record moves the anchor`() async {
    await live("1.0.0")
    #expect(world.index?.audit == AuditAnchor(commit: world.audit.tip ?? "", records: world.records.count))
  }

  @Test func `a run that has nothing else to do notices that the branch was rewritten`() async {
    await live("1.0.0")
    #expect(await world.runUntilQuiet())
    world.audit.forget()
    let report = await world.run()
    #expect(!report.endedEarly)
    #expect(report.failures.map(\.kind) == [.corrupt])
    #expect(report.failures.first?.reason.contains("somebody rewrote, reset or deleted it") == true)
    #expect(report.failures.first?.hint?.contains("tagflip audit reseal --reason") == true)
  }

  @Test func `nothing new is released until the branch is restored`() async {
    await live("1.0.0")
    let kept = SimulatedAudit(tap: world.tap)
    kept.take(world.audit)
    world.audit.forget()
    world.repository.push("web/v1.1.0")
    await world.run()
    #expect(world.web.marker.version == SimulatedWorld.version("1.0.0") && world.history == [])
    world.audit.take(kept)
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
  }

  @Test func `going back needs no intact branch, and its record waits for one`() async throws {
    await world.begin()
    await world.release("1.0.0")
    world.repository.push("web/v1.1.0")
    await world.run()
    world.audit.forget()
    _ = try await Rollback(world.installation(), service: SimulatedWorld.web, reason: "worse", force: false).run()
    #expect(world.web.marker.version == SimulatedWorld.version("1.0.0"))
    await world.run()
    #expect(world.history == [], "nothing is appended to a branch that is not what it was")
    #expect(!world.web.marker.pending.isEmpty, "the marker keeps what is not recorded")
    _ = try await reseal()
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes == ["1.1.0 rolled-back"])
    #expect(world.web.marker.pending.isEmpty)
  }

  @Test func `a bad release goes back by itself while the branch is being rewritten`() async {
    await live("1.0.0")
    world.script("1.1.0") { $0.degradesAfter = .seconds(1) }
    world.repository.push("web/v1.1.0")
    world.tap.arm()
    world.tap.before("services.traffic") { [world] in world.audit.forget() }
    await world.run()
    #expect(world.web.marker.version == SimulatedWorld.version("1.0.0"))
    #expect(world.web.marker.pending.map(\.outcome) == [.rolledBack])
  }

  @Test func `accepting a rewritten branch is a record of every service, and says what was lost`() async throws {
    await live("1.0.0")
    let lost = world.index?.audit
    world.audit.forget()
    let report = try await reseal()
    #expect(report.lost == lost && report.found == nil)
    let record = try #require(world.records.last)
    #expect(record.event == .resealed && record.reason == "the disk was lost" && record.reseal?.lost == lost && record.reseal?.found == nil)
    #expect(world.index?.audit == report.head)
    #expect(await world.runUntilQuiet())
    #expect(!world.history.contains { $0.hasPrefix("plan") }, "old tags are not replayed")
  }

  @Test func `a branch that is intact cannot be accepted as another`() async {
    await live("1.0.0")
    let before = world.history
    let error = await #expect(throws: PortError.self) { try await reseal() }
    #expect(error?.kind == .conflict)
    #expect(world.history == before)
  }

  @Test func `a run that was held up does not move the anchor back`() async throws {
    await live("1.0.0")
    let old = try #require(world.index?.audit)
    await world.release("1.1.0")
    let now = try #require(world.index?.audit)
    try await IndexKeeper(world.ports).update { index in index.anchor(old) }
    #expect(world.index?.audit == now)
  }
}
