import ReleaseEngine
import ReleaseModel
import Testing

/// Services with a traffic policy `Local`: what comes in on a node reaches only pods on that node.
@Suite struct LocalTrafficTests {
  let world = SimulatedWorld()

  /// 1.0.0 is live on all three nodes; 1.1.0 is on those given and is tagged.
  private func tagged(_ nodes: [String], policies: [String] = ["externalTrafficPolicy"]) async {
    await world.begin()
    await world.release("1.0.0")
    world.cluster.edit { $0.services["web"]?.localPolicies = policies }
    world.script("1.1.0") { $0.nodes = nodes }
    world.repository.push("web/v1.1.0")
  }

  @Test func `promise 1: a color that is not on every node of the one that users are on is never exposed`() async throws {
    await tagged(["node-1"])
    await world.run()
    #expect(world.outcomes.last == "1.1.0 failed")
    #expect(world.web.selection == .color(.blue))
    let record = try #require(world.records.last)
    #expect(record.conclusion?.exposed == false && record.conclusion?.quarantines == false)
    let reason = try #require(record.reason)
    #expect(
      reason
        == "externalTrafficPolicy: Local: what comes in on nodes node-2, node-3 reaches nothing, since blue has a ready pod there and green has none; "
        + "spread green's pods like blue's (topologySpreadConstraints over kubernetes.io/hostname), or give it more replicas")
    #expect(record.steps.last?.step == .cutover && record.steps.last?.result == .failed)
    #expect(world.rules.broken.isEmpty)
    #expect(await world.runUntilQuiet())
    #expect(world.size(.green) == 0)
  }

  @Test(arguments: [["externalTrafficPolicy"], ["internalTrafficPolicy"], ["externalTrafficPolicy", "internalTrafficPolicy"]])
  func `a color that is on every node is exposed, and its plan has said what it takes`(_ policies: [String]) async throws {
    await tagged(["node-3", "node-2", "node-1"], policies: policies)
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
    #expect(world.rules.broken.isEmpty)
    let plan = try #require(world.records.last { $0.event == .plan })
    let words = policies.map { "\($0): Local" }.joined(separator: ", ")
    #expect(
      plan.remarks == [
        "\(words): green must have a ready pod on nodes node-1, node-2, node-3, where blue's are, else the flip is refused"
      ])
  }

  @Test func `without such a policy nobody asks where pods are`() async {
    await tagged(["node-1"], policies: [])
    world.tap.arm()
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
    #expect(world.tap.count("colors.placement") == 0)
  }

  @Test func `promise 3: the way back goes ahead and warns, in the rollout and for a person`() async throws {
    await tagged(["node-1", "node-2", "node-3", "node-4"])
    // Of four pods one is on a node that blue has none on.
    world.repository.edit { $0.replicas = 4 }
    world.script("1.1.0") { $0.degradesAfter = .seconds(1) }
    await world.run()
    #expect(world.outcomes.last == "1.1.0 rolled-back")
    let words =
      "externalTrafficPolicy: Local: what comes in on node node-4 reaches nothing, since green has a ready pod there and blue has none"
    #expect(world.records.last?.remarks == [words])

    world.script("1.2.0") { $0.nodes = ["node-1", "node-2", "node-3", "node-5"] }
    world.repository.push("web/v1.2.0")
    await world.run()
    #expect(world.outcomes.last == "1.2.0 promoted")
    _ = try await Rollback(world.installation(), service: SimulatedWorld.web, reason: "worse", force: false).run()
    #expect(world.web.selection == .color(.blue))
    #expect(world.records.last?.remarks.first?.contains("node node-5 reaches nothing") == true)
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `that nobody can say where pods are keeps users where they are, and lets them go back`() async throws {
    await tagged(["node-1", "node-2", "node-3"])
    world.tap.cut("colors.placement")
    await world.run()
    #expect(world.web.selection == .color(.blue), "unknown is not success")
    world.tap.restore("colors.placement")
    await world.run()
    #expect(world.web.selection == .color(.green))
    world.tap.cut("colors.placement")
    let report = try await Rollback(world.installation(), service: SimulatedWorld.web, reason: "worse", force: false).run()
    #expect(report.change == .wentBack(to: .blue, patchMs: 4) && report.recorded)
    #expect(world.records.last?.remarks == [])
  }

  @Test func `the plan says beforehand what it takes, and what cannot be`() async throws {
    await tagged(["node-1"])
    world.repository.edit { $0.replicas = 2 }
    let version = SimulatedWorld.version("1.1.0")
    let listing = try await world.repository.listing()
    let catalog = try await world.repository.catalog(at: "tip")
    let tag = try #require(listing.tags.first { $0.name == "web/v1.1.0" })
    let report = try await PlanPreview(world.installation(), service: SimulatedWorld.web, version: version).run(
      tag: ReleaseTag(service: SimulatedWorld.web, version: version, name: tag.name, object: tag.object), commit: "c", catalog: catalog,
      withCluster: true)
    #expect(
      report.remarks == [
        "externalTrafficPolicy: Local: green must have a ready pod on nodes node-1, node-2, node-3, where blue's are, else the flip is refused; "
          + "2 pods cannot be on 3 nodes"
      ])
  }
}
