import ReleaseEngine
import ReleaseModel
import Testing

/// Load balancers that send to pods' own addresses: they follow a flip late, so what users left stays up until they have.
@Suite struct PodBalancerTests {
  let world = SimulatedWorld()
  static let sign = "alb.ingress.kubernetes.io/target-type: ip"

  /// 1.0.0 is live behind such a load balancer; 1.1.0 is tagged.
  private func tagged(bySign: Bool = true, _ change: (inout ServicePlan) -> Void = { _ in }) async {
    await world.begin()
    await world.release("1.0.0")
    if bySign { world.cluster.edit { $0.services["web"]?.podBalancers = [Self.sign] } }
    world.planFor("1.1.0", change)
    world.repository.push("web/v1.1.0")
  }

  private func secondsSinceFlip() -> Int64 { (world.clock.elapsed - world.web.exposedAt).components.seconds }

  @Test func `the plan and the outcome say what such a load balancer means`() async throws {
    await tagged()
    await world.run()
    let words =
      "a load balancer sends to pods' own addresses (\(Self.sign)): it follows the flip when its controller does, not with the PATCH, and requests "
      + "may be lost meanwhile; blue's pods stay until the other color's targets are known to be healthy, 5 min where that cannot be read"
    #expect(world.records.last { $0.event == .plan }?.remarks == [words])
    #expect(world.records.last { $0.event == .outcome }?.remarks == [words])
  }

  @Test func `a TargetGroupBinding in front is said in the plan, and what users left stays as behind any other`() async {
    await tagged(bySign: false) { $0.standby.warmMs = 1000 }
    world.cluster.edit { $0.services["web"]?.bindings = ["TargetGroupBinding edge"] }
    await world.run()
    #expect(world.records.last { $0.event == .plan }?.remarks.first?.contains("addresses (TargetGroupBinding edge)") == true)
    while world.size(.blue) > 0, secondsSinceFlip() < 1000 {
      world.clock.advance(.seconds(20))
      await world.run()
    }
    #expect(secondsSinceFlip() >= 300 && secondsSinceFlip() < 330)
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `TargetGroupBindings that may not be listed are said to be unknown, and hold nothing up`() async {
    await tagged(bySign: false)
    world.cluster.edit { $0.services["web"]?.bindings = nil }
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
    let said = "whether TargetGroupBindings send to pods' own addresses is not known: the right to list them is missing"
    #expect(world.records.last { $0.event == .plan }?.remarks == [said])
    #expect(world.web.marker.standby?.heldUntil == nil)
  }

  @Test func `a standby whose window is shorter stays for five minutes where nothing can be read`() async {
    await tagged { $0.standby.warmMs = 1000 }
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
    #expect(world.web.marker.standby?.heldUntil == world.web.marker.standby?.warmUntil)
    await #expect(throws: PortError.self) { _ = try await Retire(world.installation(), service: SimulatedWorld.web).run() }
    while world.size(.blue) > 0, secondsSinceFlip() < 1000 {
      world.clock.advance(.seconds(20))
      await world.run()
    }
    #expect(secondsSinceFlip() >= 300 && secondsSinceFlip() < 330)
    #expect(world.rules.broken.isEmpty)
    #expect(await world.runUntilQuiet())
  }

  @Test func `a color that load balancers may still send to is not built anew`() async {
    await tagged { $0.standby.whenWarm = .replace }
    await world.run()
    world.planFor("1.2.0") { $0.standby.whenWarm = .replace }
    world.repository.push("web/v1.2.0")
    let report = await world.run()
    #expect(report.all.contains { if case .waiting(let reason, _) = $0 { reason.contains("load balancer") } else { false } })
    #expect(world.size(.blue) == 3)
    world.clock.advance(.seconds(301))
    await world.run()
    #expect(world.outcomes.last == "1.2.0 promoted")
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `readiness gates that opened after the flip let the standby go as planned`() async {
    world.script("1.0.0") { $0.targetsFollowAfter = .zero }
    world.script("1.1.0") { $0.targetsFollowAfter = .seconds(2) }
    await tagged(bySign: false) { $0.standby.warmMs = 1000 }
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
    #expect(world.records.last { $0.event == .plan }?.remarks.first?.contains("readiness gate \(SimulatedCluster.targetGate)") == true)
    #expect(world.web.marker.standby?.heldUntil == nil)
    world.clock.advance(.seconds(5))
    await world.run()
    #expect(world.size(.blue) == 0)
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `gates that stay closed hold the standby like gates that nobody can read`() async {
    world.script("1.0.0") { $0.targetsFollowAfter = .zero }
    world.script("1.1.0") { $0.targetsFollowAfter = .seconds(100_000) }
    await tagged(bySign: false) { $0.standby.warmMs = 1000 }
    await world.run()
    #expect(world.web.marker.standby?.heldUntil != nil)
    world.clock.advance(.seconds(200))
    await world.run()
    #expect(world.size(.blue) == 3)
  }

  // until the old color's gates open once users are back; how long the bad one stays, in seconds
  static let returns: [(Duration?, ClosedRange<Int64>, String)] = [
    (nil, 300...305, "could not be read"), (.seconds(42), 42...48, "until blue's targets were known to be healthy"),
    (.seconds(3), 10...12, "until blue's targets were known to be healthy"),
  ]

  @Test(arguments: returns)
  func `after a rollback the bad color stays until the other's targets are known to be healthy`(
    _ follow: Duration?, _ stays: ClosedRange<Int64>, _ words: String
  ) async {
    world.script("1.0.0") { $0.targetsFollowAfter = follow }
    world.script("1.1.0") { $0.degradesAfter = .seconds(1) }
    await tagged()
    await world.run()
    #expect(world.outcomes.last == "1.1.0 rolled-back")
    #expect(stays.contains(secondsSinceFlip()), "\(secondsSinceFlip())")
    #expect(world.size(.green) == 0)
    #expect(world.records.last?.remarks.last?.contains(words) == true)
    #expect(world.rules.broken.isEmpty)
    #expect(await world.runUntilQuiet())
  }

  @Test func `a person's rollback keeps the bad color too, and its record says for how long`() async throws {
    await tagged()
    await world.run()
    _ = try await Rollback(world.installation(), service: SimulatedWorld.web, reason: "worse", force: false).run()
    #expect(world.web.selection == .color(.blue))
    #expect((300...305).contains(secondsSinceFlip()))
    #expect(world.size(.green) == 0)
    #expect(world.records.last?.remarks.last?.contains("green's pods stayed for 5 min") == true)
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `a run that is killed while it waits leaves the bad color up, and the next one keeps to the same end`() async {
    world.script("1.1.0") { $0.degradesAfter = .seconds(1) }
    await tagged()
    world.tap.before("colors.placement", 20) { [world] in world.clock.tellToStop() }
    await world.run()
    #expect(world.web.selection == .color(.blue))
    #expect(world.size(.green) == 3 && secondsSinceFlip() < 200)
    world.clock.tellToStop(false)
    world.clock.advance(.seconds(61))
    await world.run()
    #expect((300...305).contains(secondsSinceFlip()))
    #expect(world.size(.green) == 0)
    #expect(world.outcomes.last == "1.1.0 rolled-back")
    #expect(world.rules.broken.isEmpty)
    #expect(await world.runUntilQuiet())
  }
}
