import ReleaseModel
import Testing

@testable import ReleaseEngine

/// What runs make of what another hand changed: told by each look, on record once, and never put right.
@Suite struct DriftReportTests {
  let world = SimulatedWorld()
  private var web: ServiceName { SimulatedWorld.web }

  /// 1.1.0 is live on green with three pods, 1.0.0 stands by cold, and a run that had nothing to do has been.
  private func prepare(_ world: SimulatedWorld) async {
    await world.begin()
    await world.release("1.0.0")
    await world.release("1.1.0")
    // What killed runs may have left has been looked for, so that nothing but drift is due.
    world.clock.advance(Sweep.delay)
    _ = await world.runUntilQuiet()
  }

  private func resize(_ world: SimulatedWorld, _ color: Color = .green, to size: Int) {
    world.cluster.edit { $0.colors[SimulatedWorld.web]?[color]?.desired = ["web": size] }
  }

  /// A run so much later that a look is due.
  @discardableResult
  private func runLater(_ world: SimulatedWorld) async -> RunReport {
    world.clock.advance(.seconds(601))
    return await world.run()
  }

  private func reports(_ world: SimulatedWorld) -> [AuditRecord] { world.records.filter { $0.event == .drift } }

  private func subjects(_ world: SimulatedWorld) -> [String] { reports(world).map { CommitMessage($0, path: "").subject } }

  private func warnings(_ world: SimulatedWorld) -> [PortError] {
    world.narrator.narrations.compactMap { if case .warning(_, let error) = $0 { error } else { nil } }
  }

  private static let five = "Report drift on web 1.1.0: Deployment web-green has 5 pods, the release left it 3"

  // MARK: When, and how often

  @Test func `it is told by each look, recorded once, again when it changes and when it is gone, and nothing is put right`() async throws {
    await prepare(world)
    resize(world, to: 5)
    #expect(await world.run().endedEarly, "between two looks a run has nothing to do")
    world.tap.arm()
    let report = await runLater(world)
    #expect(!report.endedEarly && report.all.isEmpty && report.failures.isEmpty, "it is no result of the run: \(report.all)")
    #expect(subjects(world) == [Self.five])
    let record = try #require(reports(world).first)
    #expect(record.version?.text == "1.1.0" && record.rollout == world.web.marker.rollout && record.conclusion == nil)
    #expect(record.drift?.findings.map(\.kind) == [.size] && record.drift?.since == record.at)
    let warning = try #require(warnings(world).last)
    #expect(
      warning.description
        == "could not find web as it was left: Deployment web-green has 5 pods, the release left it 3 (last written by kubectl); put it back: "
        + "kubectl -n shop scale deployment/web-green --replicas=3; or release a new version")
    let writes = world.tap.log.filter(\.isWrite).map(\.name)
    #expect(!writes.contains { $0.hasPrefix("environments.") && $0 != "environments.unpin" && $0 != "environments.prune" })
    #expect(!writes.contains("services.change") && !writes.contains("notifier.send"), "\(writes)")

    let told = warnings(world).count
    #expect(await world.run().endedEarly)
    await runLater(world)
    #expect(subjects(world).count == 1 && warnings(world).count == told + 1)
    #expect(world.tap.count("audit.append") == 1)
    resize(world, to: 4)
    await runLater(world)
    #expect(subjects(world).last == "Report drift on web 1.1.0: Deployment web-green has 4 pods, the release left it 3")
    resize(world, to: 3)
    await runLater(world)
    #expect(subjects(world).count == 3 && subjects(world).last == "No drift on web 1.1.0 any more")
    #expect(reports(world).last?.drift?.findings == [])
    await runLater(world)
    // What was gone for a while is news.
    resize(world, to: 5)
    await runLater(world)
    #expect(subjects(world).count == 4 && subjects(world).last == Self.five && world.size(.green) == 5)
    #expect(world.rules.broken.isEmpty, "\(world.rules.broken)")
  }

  @Test func `a run that does not end early looks at once, and does not put off the look that is due`() async {
    await prepare(world)
    let due = world.index?.services[web]?.driftAt
    resize(world, to: 5)
    world.repository.push("other/v1.0.0")
    await world.run()
    #expect(subjects(world) == [Self.five] && due != nil && world.index?.services[web]?.driftAt == due)
  }

  @Test func `without the setting nobody looks`() async {
    world.settings { $0.driftEveryMs = nil }
    await prepare(world)
    resize(world, to: 5)
    world.tap.arm()
    #expect(await runLater(world).endedEarly && world.index?.services[web]?.driftAt == nil)
    world.repository.push("other/v1.0.0")
    await world.run()
    #expect(reports(world).isEmpty && world.tap.count("colors.holdings") == 0)
  }

  @Test func `what was never released to is not looked at`() async {
    await world.begin()
    world.tap.arm()
    world.repository.push("other/v1.0.0")
    await world.run()
    #expect(await runLater(world).endedEarly && world.tap.count("colors.holdings") == 0)
    #expect(world.index?.services[web]?.driftAt == nil && world.index?.services[web] != nil)
  }

  @Test func `everything else that is found is told and recorded too`() async throws {
    await prepare(world)
    world.cluster.edit { state in
      state.colors[SimulatedWorld.web]?[.green]?.gone = ["web-green"]
      state.colors[SimulatedWorld.web]?[.green]?.images["web"] = ["web": "registry.example/web:debug"]
      state.colors[SimulatedWorld.web]?[.green]?.strangers = ["debug"]
    }
    await runLater(world)
    #expect(subjects(world) == ["Report drift on web 1.1.0: Deployment web-green, which users were on, is gone (and 2 more)"])
    #expect(reports(world).first?.drift?.findings.map(\.kind) == [.gone, .image, .stranger])
  }

  @Test func `users that another hand moved are reported, and that they are back`() async throws {
    await prepare(world)
    world.cluster.pointByHand(SimulatedWorld.target(), to: .nothing)
    await runLater(world)
    #expect(reports(world).last?.drift?.findings.first?.hand == "kubectl-edit")
    _ = try await Settle(world.installation(), target: SimulatedWorld.target(), way: .restore, reason: "a slip").run()
    _ = await world.runUntilQuiet()
    #expect(subjects(world).count == 2 && subjects(world).last == "No drift on web 1.1.0 any more")
  }

  @Test func `a new release is built as ever, and what is live then has no drift`() async {
    await prepare(world)
    resize(world, to: 5)
    await runLater(world)
    await world.release("1.2.0")
    _ = await world.runUntilQuiet()
    #expect(world.outcomes.last == "1.2.0 promoted" && world.size(.blue) == 5)
    #expect(subjects(world) == [Self.five, "No drift on web 1.2.0 any more"])
  }

  // MARK: What goes wrong

  @Test func `whatever happens at whichever call of a look, it is on record once and nothing is put right`() async {
    await prepare(world)
    resize(world, to: 5)
    world.clock.advance(.seconds(601))
    let first = SimulatedWorld(copyOf: world)
    first.tap.arm()
    await first.run()
    let calls = first.tap.log
    #expect(calls.contains { $0.name == "audit.append" } && reports(first).count == 1)
    for call in calls {
      for fault in PortTap.Fault.allCases {
        let world = SimulatedWorld(copyOf: world)
        world.tap.arm([call: fault])
        await world.run()
        world.tap.revive()
        world.tap.arm()
        world.clock.advance(.seconds(61))
        let rests = await world.runUntilQuiet()
        // What was not seen then is seen when the next look is due.
        await runLater(world)
        #expect(rests && subjects(world) == [Self.five], "\(call) \(fault): \(world.history)")
        #expect(world.size(.green) == 5 && world.rules.broken.isEmpty, "\(call) \(fault)")
      }
    }
  }

  @Test func `a run whose Git is away only warns, and a later one writes down since when`() async throws {
    await prepare(world)
    resize(world, to: 5)
    world.clock.advance(.seconds(601))
    for name in ["tags.", "plans.", "audit."] { world.tap.cut(name) }
    let seenAt = world.clock.time
    let report = await world.run()
    #expect(report.all.isEmpty && reports(world).isEmpty)
    #expect(warnings(world).contains { $0.reason.contains("has 5 pods") })
    #expect(world.index?.services[web]?.drift?.isRecorded == false)
    for name in ["tags.", "plans.", "audit."] { world.tap.restore(name) }
    world.clock.advance(.seconds(61))
    await world.run()
    let since = try #require(reports(world).first?.drift?.since)
    #expect(since - seenAt < .seconds(2) && (reports(world).first?.at).map { $0 - since > .seconds(60) } == true)
    #expect(await world.runUntilQuiet() && reports(world).count == 1)
  }

  @Test func `a lost index does not report it again, and its end is not missed`() async {
    await prepare(world)
    resize(world, to: 5)
    await runLater(world)
    world.cluster.edit { $0.documents[.index] = nil }
    _ = await world.runUntilQuiet()
    #expect(reports(world).count == 1)
    #expect(world.index?.services[web]?.drift?.since == reports(world).first?.drift?.since)
    world.cluster.edit { $0.documents[.index] = nil }
    resize(world, to: 3)
    _ = await world.runUntilQuiet()
    #expect(subjects(world).last == "No drift on web 1.1.0 any more")
  }

  @Test func `what tagflip itself does in the midst of a look is not taken for a hand's work`() async throws {
    await world.begin()
    await world.release("1.0.0")
    world.repository.push("web/v1.1.0")
    await world.run()
    // A person's rollback stops green's pods while the run looks at them.
    let (installation, other) = (world.installation(), world)
    world.tap.arm()
    world.tap.before("colors.holdings", 1) {
      _ = try? await Rollback(installation, service: SimulatedWorld.web, reason: "worse", force: false).run()
      other.cluster.edit { $0.colors[SimulatedWorld.web]?[.green]?.desired = ["web": 0] }
    }
    await world.run()
    _ = await world.runUntilQuiet()
    #expect(world.web.selection == .color(.blue) && reports(world).isEmpty, "\(subjects(world))")
  }

  // MARK: What tagflip does itself is no drift

  private func demandNone(_ what: String, _ world: SimulatedWorld) async {
    _ = await world.runUntilQuiet()
    let due = world.index?.services[web]?.driftAt
    await runLater(world)
    #expect(due != nil && reports(world).isEmpty, "\(what): \(subjects(world))")
  }

  @Test func `promotion, retirement, both ways back, settling and a journal that was built anew`() async throws {
    await world.begin()
    await world.release("1.0.0")
    world.repository.push("web/v1.1.0")
    await world.run()
    await world.run()
    #expect(reports(world).isEmpty && world.tap.count("colors.holdings") > 0, "warm: \(subjects(world))")
    let warm = SimulatedWorld(copyOf: world)
    await demandNone("promoted, and cold", world)
    _ = try await Rollback(warm.installation(), service: web, reason: "worse", force: false).run()
    await demandNone("back on the warm standby", warm)
    #expect(warm.journal?.live?.sizes == ["web": 3] && warm.journal?.live?.images != nil)
    let cold = SimulatedWorld(copyOf: world)
    _ = try await Rollback(cold.installation(), service: web, reason: "worse", force: false).run()
    await demandNone("back on the cold standby", cold)
    let lost = SimulatedWorld(copyOf: world)
    lost.cluster.edit { $0.documents[.journal(SimulatedWorld.web)] = nil }
    resize(lost, to: 4)
    await demandNone("a journal that was built anew", lost)
    let accepted = SimulatedWorld(copyOf: world)
    resize(accepted, .blue, to: 2)
    accepted.cluster.pointByHand(SimulatedWorld.target(), to: .color(.blue))
    _ = try await Settle(accepted.installation(), target: SimulatedWorld.target(), way: .accept, reason: "so be it").run()
    await demandNone("accepted as it is", accepted)
  }

  @Test func `autoscalers, growth before the flip, and what is adopted and left`() async throws {
    world.repository.edit { $0.autoscaled = true }
    await prepare(world)
    resize(world, to: 9)
    await demandNone("an autoscaler's size", world)
    let grown = SimulatedWorld()
    grown.planFor("1.1.0") { $0.previewReplicas = 1 }
    await prepare(grown)
    #expect(grown.size(.green) == 3)
    await demandNone("grown from its preview size", grown)
    let adopted = SimulatedWorld()
    adopted.cluster.edit { state in
      state.services["web"]?.selection = .uncolored
      state.inPlace = 4
    }
    await adopted.begin()
    _ = try await Adopt(adopted.installation(), target: SimulatedWorld.target(), version: nil, reason: "begin").run()
    await adopted.run()
    await demandNone("adopted", adopted)
    let left = SimulatedWorld(copyOf: adopted)
    _ = try await Leave(left.installation(), target: SimulatedWorld.target(), reason: "no").run()
    _ = await left.runUntilQuiet()
    #expect(reports(left).isEmpty && left.index?.services[web]?.driftAt == nil)
    adopted.repository.push("web/v1.0.0")
    await adopted.run()
    await demandNone("released over what was adopted", adopted)
  }
}
