import ReleaseEngine
import ReleaseModel
import Testing

/// A version that is bad before users see it: they never do.
@Suite struct FailureTests {
  let world = SimulatedWorld()

  /// 1.0.0 is live on blue; 1.1.0 behaves as scripted.
  private func release(_ change: (inout ReleaseScript) -> Void) async -> RunReport {
    await world.begin()
    await world.release("1.0.0")
    world.script("1.1.0", change)
    world.repository.push("web/v1.1.0")
    return await world.run()
  }

  private func expectUnexposed() {
    #expect(world.web.selection == .color(.blue))
    #expect(world.web.marker.version?.text == "1.0.0")
    #expect(world.size(.green) == 0)
    #expect(world.size(.blue) == 3)
    #expect(world.outcomes == ["1.0.0 promoted", "1.1.0 failed"])
    #expect(world.web.marker.pending.isEmpty)
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `a failed smoke test ends as failed, and the color is scaled to 0`() async {
    let report = await release { $0.smoke = .failed }
    #expect(report.all.compactMap(\.outcome) == [.failed])
    expectUnexposed()
    #expect(world.records.last?.reason == "GET /healthz: HTTP 500")
    #expect(world.records.last?.conclusion?.exposed == false)
  }

  @Test func `a smoke test that cannot be judged is no success`() async {
    _ = await release { $0.smoke = .unknown }
    expectUnexposed()
  }

  @Test func `a crash loop fails at once`() async {
    let start = world.clock.elapsed
    _ = await release { $0.problem = (.crashLoop, nil) }
    expectUnexposed()
    let deploy = world.records.last?.steps.first { $0.step == .deploy }
    #expect((deploy?.ms ?? .max) < 1000)
    #expect(world.clock.elapsed > start)
  }

  @Test func `an image that appears in time is waited for`() async {
    let report = await release { $0.problem = (.imagePull, .seconds(40)) }
    #expect(report.all.compactMap(\.outcome) == [.promoted], "it is longer than readyWithin and shorter than images.wait")
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `an image that never appears fails when its wait is over`() async {
    _ = await release { $0.problem = (.imagePull, nil) }
    expectUnexposed()
    let ms = world.records.last?.steps.first { $0.step == .deploy }?.ms ?? 0
    #expect((60_000..<70_000).contains(ms))
  }

  @Test(arguments: [PodProblem.Kind.configuration, .notCreated, .unschedulable])
  func `what keeps pods from starting fails the deploy`(_ kind: PodProblem.Kind) async {
    _ = await release { $0.problem = (kind, nil) }
    expectUnexposed()
  }

  @Test func `pods that are never ready fail the deploy at its limit`() async {
    _ = await release { $0.startup = .seconds(3600) }
    expectUnexposed()
    #expect(world.records.last?.reason?.contains("0 of 3 pods ready after 30") == true)
  }

  @Test func `what the API server refuses to apply fails, whatever was created`() async {
    _ = await release { $0.applyError = PortError(.invalid, attempted: "apply Deployment shop/web-green", reason: "spec is wrong") }
    expectUnexposed()
  }

  @Test func `a new color that harms the live one is scaled to 0`() async {
    _ = await release {
      $0.startup = .seconds(20)
      $0.harmsLive = true
    }
    expectUnexposed()
    #expect(world.records.last?.reason?.hasPrefix("harmed the live environment") == true)
  }

  @Test func `a color that got unready between smoke and cutover is not exposed`() async {
    await world.begin()
    await world.release("1.0.0")
    world.repository.push("web/v1.1.0")
    world.tap.arm()
    world.tap.before("gates.check.preview") { [world] in world.script("1.1.0") { $0.losesPodsAfter = .zero } }
    await world.run()
    #expect(world.web.selection == .color(.blue))
    #expect(world.outcomes.last == "1.1.0 failed")
  }

  @Test func `pods that another hand made under the color's labels keep it from being exposed, and blame no version`() async {
    await world.begin()
    await world.release("1.0.0")
    world.repository.push("web/v1.1.0")
    world.tap.arm()
    world.tap.before("gates.check.preview") { [world] in
      world.cluster.edit { $0.colors[SimulatedWorld.web]?[.green]?.strangers = ["Pod debug"] }
    }
    await world.run()
    expectUnexposed()
    #expect(world.records.last?.conclusion?.quarantines == false)
  }

  @Test func `a failed version is not tried again until it is retried`() async throws {
    _ = await release { $0.smoke = .failed }
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes.count == 2)
    world.script("1.1.0") { $0.smoke = .passed }
    _ = try await Wish(.retry, world.installation(), service: SimulatedWorld.web, version: SimulatedWorld.version("1.1.0"), reason: "fixed")
      .run()
    let report = await world.run()
    #expect(report.all.compactMap(\.outcome) == [.promoted])
    #expect(world.history.suffix(3) == ["retry 1.1.0", "plan 1.1.0", "promoted 1.1.0"])
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `old objects that take long to go are waited for`() async {
    await world.begin()
    await world.release("1.0.0")
    await world.release("1.1.0")
    world.cluster.edit { $0.slowDiscards = 3 }
    await world.release("1.2.0")
    #expect(world.outcomes.last == "1.2.0 promoted")
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `old objects that never go fail the rollout without blame`() async {
    await world.begin()
    await world.release("1.0.0")
    await world.release("1.1.0")
    world.cluster.edit { $0.slowDiscards = .max }
    await world.release("1.2.0")
    #expect(world.outcomes.last == "1.2.0 failed")
    #expect(world.records.last { $0.event == .outcome }?.conclusion?.quarantines == false)
  }
}
