import ReleaseModel
import Synchronization
import Testing

@testable import ReleaseEngine

/// `overlap`: users reach both colors for a while and then the new one alone, by two PATCHes, and can go back from either.
@Suite struct OverlapTests {
  let world = SimulatedWorld()

  /// 1.0.0 is live and 1.1.0 tagged, with an overlap of 3 s.
  private func tagged(
    _ change: (inout ServicePlan) -> Void = { _ in }, _ script: (inout ReleaseScript) -> Void = { _ in }
  ) async {
    await world.begin()
    await world.release("1.0.0")
    world.planFor("1.1.0") { plan in
      plan.overlapMs = 3000
      change(&plan)
    }
    world.script("1.1.0", script)
    world.repository.push("web/v1.1.0")
    world.tap.arm()
  }

  private func expectReturned() {
    #expect(world.web.selection == .color(.blue) && world.web.marker.version?.text == "1.0.0" && world.web.marker.standby == nil)
    #expect(world.size(.blue) == 3 && world.size(.green) == 0)
    #expect(world.outcomes == ["1.0.0 promoted", "1.1.0 rolled-back"])
    #expect(world.journal?.open == nil)
    #expect(world.rules.broken.isEmpty, "\(world.rules.broken)")
  }

  /// What the Service was set to by whom, in order, as the calls show it.
  private func changes() -> Int { world.tap.log.count { $0.name == "services.change" } }

  private var cutover: CutoverRecord? { world.records.last { $0.event == .outcome }?.cutover }

  @Test func `both colors serve for as long as the plan says, then the new one alone, and the record says so`() async throws {
    await tagged()
    let sighting = Sighting()
    world.tap.before("gates.check.alone", 2) { [world] in sighting.note(world) }
    await world.run()
    #expect(sighting.selection == .both && sighting.marker?.version?.text == "1.1.0" && sighting.marker?.standby?.color == .blue)
    #expect(sighting.pinned == ["web": 3], "the old color keeps its size while it has half of the load")
    #expect(world.outcomes.last == "1.1.0 promoted" && world.web.selection == .color(.green))
    // Take over, open, narrow, promote, forget.
    #expect(changes() == 5)
    let cutover = try #require(cutover)
    let overlap = try #require(cutover.overlap)
    #expect(overlap.watchedMs >= 3000 && overlap.patchMs == 4 && overlap.endpoints == 6 && overlap.hand == nil)
    #expect(overlap.convergedMs.map { $0 < 1000 } == true && cutover.convergedMs.map { $0 < 1000 } == true)
    #expect(overlap.servedMs.map { (3000..<5000).contains($0) } == true)
    #expect(overlap.narrowedAt.map { $0 > cutover.at } == true && cutover.endpoints == 3)
    #expect(world.records.last?.conclusion?.flippedAt == cutover.at)
    #expect(world.records.last { $0.event == .plan }?.remarks.first?.contains("not atomic") == true)
    #expect(world.rules.broken.isEmpty, "\(world.rules.broken)")
    #expect(await world.runUntilQuiet())
    #expect(world.size(.blue) == 0 || world.web.marker.standby?.temperature == .warm)
  }

  @Test func `a plan without it flips once`() async {
    await tagged { $0.overlapMs = nil }
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted" && changes() == 4)
    #expect(cutover != nil && cutover?.overlap == nil)
  }

  @Test func `the first release has nothing to share users with`() async {
    await world.begin()
    world.planFor("1.0.0") { $0.overlapMs = 3000 }
    world.repository.push("web/v1.0.0")
    await world.run()
    #expect(world.outcomes == ["1.0.0 promoted"] && cutover?.overlap == nil && world.records.last?.remarks == [])
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `a version that goes bad while users reach both is left in one PATCH, and stays out`() async {
    await tagged({ _ in }, { $0.degradesAfter = .seconds(1) })
    await world.run()
    expectReturned()
    // Take over, open, go back, forget: it never was alone.
    #expect(changes() == 4)
    #expect(world.records.last?.conclusion?.quarantines == true && world.records.last?.conclusion?.exposed == true)
    #expect(cutover?.overlap?.narrowedAt == nil && cutover?.overlap?.servedMs.map { $0 > 1000 } == true)
    #expect(world.tap.count("gates.check.alone") == 2, "the first check that fails is half of them")
  }

  @Test func `pods that end while users reach both send them back`() async {
    await tagged({ _ in }, { $0.losesPodsAfter = .milliseconds(2000) })
    await world.run()
    expectReturned()
  }

  @Test func `what is not ready any more at the end of the overlap is not left alone`() async {
    await tagged()
    // When the last round has passed that is noted; then the color is looked at once more.
    world.tap.before("gates.check.alone", 4) { [world] in
      world.tap.before("state.save.journal", world.tap.count("state.save.journal") + 1) {
        world.script("1.1.0") { $0.losesPodsAfter = .zero }
      }
    }
    await world.run()
    expectReturned()
    #expect(
      world.records.last?.conclusion?.reason.contains("just before blue was to be let go") == true,
      "\(world.records.last?.conclusion?.reason ?? "")")
  }

  @Test func `endpoints that do not hold both send users back, and nobody is to blame`() async {
    await tagged()
    world.tap.before("services.traffic", 2) { [world] in world.cluster.edit { $0.trafficIsStuck = true } }
    await world.run()
    expectReturned()
    #expect(world.records.last?.conclusion?.quarantines == false)
    #expect(world.records.last?.conclusion?.reason.contains("traffic did not reach both colors") == true)
  }

  @Test func `a person goes back while users reach both`() async throws {
    await tagged()
    world.tap.before("gates.check.alone", 2) { [world] in
      _ = try? await Rollback(world.installation(), service: SimulatedWorld.web, reason: "orders fail", force: false).run()
    }
    await world.run()
    #expect(await world.runUntilQuiet())
    expectReturned()
    #expect(world.records.last { $0.event == .outcome }?.conclusion?.reason == "orders fail")
  }

  @Test func `a person goes back although the journal is lost`() async throws {
    await tagged()
    world.tap.arm([.init(name: "gates.check.alone", occurrence: 2): .killedBefore])
    await world.run()
    world.tap.revive()
    #expect(world.web.selection == .both)
    world.cluster.edit { $0.documents[.journal(SimulatedWorld.web)] = nil }
    _ = try await Rollback(world.installation(), service: SimulatedWorld.web, reason: "orders fail", force: false).run()
    #expect(world.web.selection == .color(.blue))
    world.clock.advance(.seconds(61))
    #expect(await world.runUntilQuiet())
    expectReturned()
  }

  @Test(arguments: ["services.change", "services.traffic", "gates.check.alone"], PortTap.Fault.allCases)
  func `killed or cut off while users reach both, later runs go on with it`(_ name: String, _ fault: PortTap.Fault) async throws {
    await tagged()
    world.tap.arm([.init(name: name, occurrence: name == "services.change" ? 3 : 2): fault])
    await world.run()
    world.tap.revive()
    world.clock.advance(.seconds(61))
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes.last == "1.1.0 promoted" && world.web.selection == .color(.green))
    #expect(world.rules.broken.isEmpty, "\(world.rules.broken)")
  }

  @Test func `what one run has watched of the overlap, the next does not watch again`() async throws {
    await tagged { $0.overlapMs = 60_000 }
    world.tap.arm([.init(name: "gates.check.alone", occurrence: 40): .killedBefore])
    await world.run()
    world.tap.revive()
    let watched = try #require(world.journal?.open?.cutover?.overlap?.watchedMs)
    #expect(watched > 30_000)
    world.tap.arm()
    world.clock.advance(.seconds(61))
    await world.run()
    #expect(world.tap.log.count { $0.name == "gates.check.alone" } < 30)
    #expect(world.outcomes.last == "1.1.0 promoted")
    #expect(world.records.last { $0.event == .outcome }?.interruptions.first?.step == .cutover)
    #expect(cutover?.overlap?.servedMs.map { $0 > 100_000 } == true, "nobody watched for a minute, and both served all the same")
  }

  @Test func `a hand that points back while users reach both has rolled back, and is named`() async {
    await tagged()
    world.tap.before("gates.check.alone", 2) { [world] in world.cluster.pointByHand(SimulatedWorld.target(), to: .color(.blue)) }
    await world.run()
    expectReturned()
    #expect(world.records.last?.actor == "foreign:kubectl-edit")
  }

  @Test func `a hand that leaves the new color alone is gone on from, and told`() async {
    await tagged()
    world.tap.before("gates.check.alone", 2) { [world] in world.cluster.pointByHand(SimulatedWorld.target(), to: .color(.green)) }
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
    #expect(cutover?.overlap?.hand == "kubectl-edit" && cutover?.overlap?.patchMs == nil && cutover?.overlap?.servedMs == nil)
    #expect(world.records.last { $0.event == .outcome }?.remarks.contains { $0.hasPrefix("kubectl-edit left the new color alone") } == true)
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `a hand that lets users reach both again in the bake is not overwritten`() async {
    await tagged()
    world.tap.before("gates.check.active", 2) { [world] in world.cluster.pointByHand(SimulatedWorld.target(), to: .both) }
    await world.run()
    #expect(world.outcomes.last == "1.1.0 aborted" && world.web.selection == .both)
    #expect(world.size(.blue) == 3 && world.size(.green) == 3)
    world.clock.advance(.seconds(400))
    _ = await world.runUntilQuiet()
    #expect(world.size(.blue) == 3 && world.size(.green) == 3, "nothing is stopped that users reach")
    #expect(world.rules.broken.isEmpty, "\(world.rules.broken)")
    // Nothing new is released beside it, and a person settles it.
    world.repository.push("web/v1.2.0")
    await world.run()
    #expect(world.history.contains("plan 1.2.0") == false)
    await #expect(throws: PortError.self) { _ = try await Retire(world.installation(), service: SimulatedWorld.web).run() }
    let settled = try? await Settle(world.installation(), target: SimulatedWorld.target(), way: .restore, reason: "green").run()
    #expect(settled?.color == .green && world.web.selection == .color(.green))
  }

  @Test func `with no way back both go on serving, and a person goes back once he can`() async throws {
    await tagged({ _ in }, { $0.degradesAfter = .seconds(1) })
    world.tap.before("gates.check.alone", 2) { [world] in world.script("1.0.0") { $0.losesPodsAfter = .zero } }
    await world.run()
    #expect(world.outcomes.last == "1.1.0 rollback-failed" && world.web.selection == .both)
    #expect(world.size(.blue) == 3 && world.size(.green) == 3)
    world.script("1.0.0") { $0.losesPodsAfter = nil }
    _ = try await Rollback(world.installation(), service: SimulatedWorld.web, reason: "blue is well again", force: false).run()
    #expect(world.web.selection == .color(.blue) && world.web.marker.version?.text == "1.0.0")
    #expect(await world.runUntilQuiet())
    #expect(world.rules.broken.isEmpty, "\(world.rules.broken)")
  }

  @Test func `what was adopted is left by one flip, and the record says why`() async throws {
    world.cluster.edit { state in
      state.inPlace = 3
      state.services["web"]?.selection = .uncolored
    }
    await world.begin()
    _ = try await Adopt(world.installation(), target: SimulatedWorld.target(), version: nil, reason: "we move to tags").run()
    world.planFor("1.0.0") { $0.overlapMs = 3000 }
    world.repository.push("web/v1.0.0")
    await world.run()
    #expect(world.outcomes == ["1.0.0 promoted"] && cutover != nil && cutover?.overlap == nil)
    let words = "no overlap, the cutover is one flip: blue has pods that tagflip did not make"
    #expect(world.records.last?.remarks.contains { $0.hasPrefix(words) } == true)
    #expect(world.records.last { $0.event == .plan }?.remarks.contains { $0.hasPrefix(words) } == true)
    #expect(world.rules.broken.isEmpty, "\(world.rules.broken)")
  }

  @Test func `behind load balancers the old color's time counts from when it was let go`() async throws {
    await tagged { $0.standby.warmMs = 1000 }
    world.cluster.edit { $0.services["web"]?.podBalancers = [PodBalancerTests.sign] }
    world.script("1.0.0") { $0.targetsFollowAfter = .zero }
    world.script("1.1.0") { $0.targetsFollowAfter = .zero }
    await world.run()
    let narrowed = try #require(cutover?.overlap?.narrowedAt)
    let held = try #require(world.web.marker.standby?.heldUntil)
    #expect(held - narrowed > .seconds(295) && held - narrowed <= .seconds(300), "its gates opened before users left the other one")
    while world.size(.blue) > 0, world.clock.elapsed - world.web.leftAt < .seconds(1000) {
      world.clock.advance(.seconds(20))
      await world.run()
    }
    #expect(world.rules.broken.isEmpty, "\(world.rules.broken)")
  }

  @Test func `a node that the new color has left meanwhile keeps users from reaching it alone`() async {
    await tagged()
    world.cluster.edit { $0.services["web"]?.localPolicies = ["externalTrafficPolicy"] }
    world.tap.before("gates.check.alone", 3) { [world] in world.script("1.1.0") { $0.nodes = ["node-1"] } }
    await world.run()
    expectReturned()
    #expect(world.records.last?.conclusion?.quarantines == false)
  }

  @Test func `what runs only when active stays where it is until users have left it`() async {
    world.withRunners("1.0.0", "1.1.0") { $0.overlapMs = 3000 }
    await world.begin()
    await world.release("1.0.0")
    world.repository.push("web/v1.1.0")
    world.tap.arm()
    let consuming = Sighting()
    world.tap.before("gates.check.alone", 3) { [world] in consuming.note(world) }
    await world.run()
    #expect(consuming.consuming == [.blue])
    #expect(world.outcomes.last == "1.1.0 promoted" && world.isConsuming(.green) == true && world.isConsuming(.blue) == false)
    #expect(world.rules.broken.isEmpty, "\(world.rules.broken)")
  }
}

/// What the world was at one instant.
private final class Sighting: Sendable {
  private struct Seen: Sendable {
    var service: SimulatedCluster.ServiceObject?
    var pinned: [String: Int]?
    var consuming: [Color] = []
  }

  private let seen = Mutex(Seen())

  func note(_ world: SimulatedWorld) {
    seen.withLock { seen in
      seen.service = world.web
      seen.pinned = world.cluster.color(.blue, of: SimulatedWorld.web)?.pinned
      seen.consuming = Color.allCases.filter { world.isConsuming($0) == true }
    }
  }

  var selection: Selection? { seen.withLock { $0.service?.selection } }
  var marker: Marker? { seen.withLock { $0.service?.marker } }
  var pinned: [String: Int]? { seen.withLock { $0.pinned } }
  var consuming: [Color] { seen.withLock { $0.consuming } }
}
