import ReleaseEngine
import ReleaseModel
import Synchronization
import Testing

/// `previewReplicas`: the new color is small until its smoke test has passed, and users come to all of it.
@Suite struct PreviewSizeTests {
  let world = SimulatedWorld()

  private func prepare(_ change: (inout ReleaseScript) -> Void = { _ in }) async {
    await world.begin()
    await world.release("1.0.0")
    world.planFor("1.1.0") { $0.previewReplicas = 1 }
    world.script("1.1.0", change)
    world.repository.push("web/v1.1.0")
    world.tap.arm()
  }

  private func steps(_ record: AuditRecord?) -> [String] { (record?.steps ?? []).map { "\($0.step) \($0.result)" } }

  @Test func `it is smoke-tested with few pods, grown to what runs now, and flipped to when all are ready`() async throws {
    await prepare()
    let smoked = Sizes()
    world.tap.before("gates.check.preview") { [world] in smoked.note(world.size(.green)) }
    let report = await world.run()
    #expect(report.all.compactMap(\.outcome) == [.promoted])
    #expect(smoked.all == [1] && world.size(.green) == 3)
    let record = try #require(world.records.last)
    #expect(steps(record).suffix(5) == ["deploy passed", "smoke passed", "deploy passed", "cutover passed", "bake passed"])
    #expect(record.steps.filter { $0.step == .deploy }.map(\.detail) == ["1 of 1 pods ready", "3 of 3 pods ready"])
    #expect(record.steps.first { $0.step == .headroom }?.detail.hasSuffix("; 1 of the pods until smoke has passed") == true)
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `what runs now is looked at just before, since it may have grown meanwhile`() async {
    await prepare()
    world.tap.before("gates.check.preview") { [world] in
      world.cluster.edit { $0.colors[SimulatedWorld.web]?[.blue]?.desired = ["web": 5] }
    }
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
    #expect(world.size(.green) == 5)
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `what this release asks for counts, and a preview larger than that is no larger`() async {
    await prepare()
    world.planFor("1.1.0") { $0.previewReplicas = 9 }
    await world.run()
    #expect(world.records.last?.steps.filter { $0.step == .deploy }.map(\.detail) == ["3 of 3 pods ready", "3 of 3 pods ready"])
  }

  @Test func `room for the full size is demanded, unless the plan only warns`() async {
    await prepare()
    world.cluster.edit { $0.shortages = ["quota pods: 1 left, 3 needed"] }
    let report = await world.run()
    #expect(report.all.contains { if case .waiting(let reason, _) = $0 { reason.contains("1 left, 3 needed") } else { false } })
    #expect(world.tap.count("environments.apply") == 0)
    world.planFor("1.1.0") { plan in
      plan.previewReplicas = 1
      plan.headroom = .warn
    }
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
    #expect(world.size(.green) == 3)
  }

  @Test(arguments: [PodProblem.Kind.notCreated, .unschedulable])
  func `a color that cannot grow fails unexposed, within its limit`(_ kind: PodProblem.Kind) async throws {
    await prepare { $0.growthProblem = kind }
    await world.run()
    #expect(world.outcomes.last == "1.1.0 failed")
    let record = try #require(world.records.last)
    #expect(record.conclusion?.exposed == false)
    #expect(steps(record).suffix(3) == ["deploy passed", "smoke passed", "deploy failed"])
    #expect((record.steps.last?.ms ?? .max) < 31_000)
    #expect(world.web.selection == .color(.blue) && world.size(.green) == 0 && world.size(.blue) == 3)
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `a failed smoke test costs the preview size alone`() async {
    await prepare { $0.smoke = .failed }
    await world.run()
    #expect(world.outcomes.last == "1.1.0 failed")
    // To 0, and nothing before.
    #expect(world.tap.count("environments.resize") == 1)
  }

  @Test(arguments: [PortTap.Fault.killedBefore, .killedAfter, .lostAnswer])
  func `killed before or after it was scaled, the next run goes on`(_ fault: PortTap.Fault) async {
    await prepare()
    world.tap.arm([.init(name: "environments.resize", occurrence: 1): fault])
    await world.run()
    world.tap.revive()
    if fault == .killedAfter { #expect(world.size(.green) == 3 && world.web.selection == .color(.blue)) }
    world.clock.advance(.seconds(61))
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes.last == "1.1.0 promoted")
    #expect(world.size(.green) == 3)
    world.clock.advance(.seconds(200))
    #expect(await world.runUntilQuiet())
    #expect(Judgement(world).complaints == [])
  }

  @Test func `a journal that is lost at that moment costs nothing but its words`() async {
    await prepare()
    world.tap.arm([.init(name: "environments.resize", occurrence: 1): .killedAfter])
    await world.run()
    world.tap.revive()
    world.cluster.edit { $0.documents[.journal(SimulatedWorld.web)] = nil }
    world.clock.advance(.seconds(61))
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes.last == "1.1.0 promoted")
    #expect(world.size(.green) == 3)
  }

  @Test func `one that somebody makes smaller just before the flip is not flipped to`() async throws {
    await prepare()
    // In another world nobody does: there the look before the flip is found, the one at the new color before the one at the old.
    let clean = SimulatedWorld(copyOf: world)
    clean.tap.arm()
    await clean.run()
    let looks = clean.tap.log.prefix { $0 != PortTap.Call(name: "services.change", occurrence: 2) }.filter { $0.name == "colors.observe" }
    let look = try #require(looks.dropLast().last)
    world.tap.before(look.name, look.occurrence) { [world] in
      world.cluster.edit { $0.colors[SimulatedWorld.web]?[.green]?.desired = ["web": 2] }
    }
    await world.run()
    #expect(world.outcomes.last == "1.1.0 failed")
    #expect(world.records.last?.reason?.hasPrefix("made smaller just before the cutover") == true)
    #expect(world.records.last?.conclusion?.quarantines == false)
  }

  @Test func `a person who goes back while it grows aborts it`() async {
    await prepare { $0.startup = .seconds(5) }
    world.tap.before("environments.resize") { [world] in
      _ = try? await Rollback(world.installation(), service: SimulatedWorld.web, reason: "not today", force: false).run()
    }
    await world.run()
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes.last == "1.1.0 aborted")
    #expect(world.size(.green) == 0 && world.size(.blue) == 3)
    #expect(world.rules.broken.isEmpty)
  }
}

/// Sizes that a test saw.
private final class Sizes: Sendable {
  private let seen = Mutex<[Int]>([])

  var all: [Int] { seen.withLock { $0 } }

  func note(_ size: Int) { seen.withLock { $0.append(size) } }
}
