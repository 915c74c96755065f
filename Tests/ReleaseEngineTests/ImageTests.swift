import Digests
import ReleaseEngine
import ReleaseModel
import Testing

/// Images are looked up before anything is announced, and what was found is what runs.
@Suite struct ImageTests {
  let world = SimulatedWorld()
  let registry: SimulatedRegistry

  init() {
    registry = SimulatedRegistry(tap: world.tap)
    world.registry = registry
  }

  /// 1.0.0 is live on blue.
  private func live() async {
    registry.push("1.0.0")
    await world.begin()
    await world.release("1.0.0")
  }

  private func pinned(_ version: String) -> String { "registry.example/web:\(version)@\(SimulatedRegistry.image(version).digest)" }

  private func waits(_ report: RunReport) -> [(reason: String, until: Timestamp?)] {
    report.all.compactMap { if case .waiting(let reason, let until) = $0 { (reason, until) } else { nil } }
  }

  // Found

  @Test func `plan, pods and record carry the digest that the registry named`() async throws {
    await live()
    #expect(world.outcomes == ["1.0.0 promoted"])
    let plan = try #require(world.records.first { $0.event == .plan }?.plan)
    #expect(plan.images == [pinned("1.0.0")])
    let image = SimulatedRegistry.image("1.0.0")
    #expect(plan.imageParts == [image.digest.description: image.parts])
    #expect(world.cluster.color(.blue, of: SimulatedWorld.web)?.images == ["web": ["web": pinned("1.0.0")]])
    #expect(world.records.first { $0.event == .plan }?.steps.first?.detail.hasSuffix(", its image is there") == true)
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `what pods report may be the index, or the manifest of their platform`() async {
    registry.push("1.0.0")
    world.script("1.0.0") { $0.reports = "docker-pullable://mirror.example/x@\(SimulatedRegistry.image("1.0.0").parts[1])" }
    await world.begin()
    await world.release("1.0.0")
    #expect(world.outcomes == ["1.0.0 promoted"])
  }

  @Test func `pods that run something else fail the deploy, before any smoke`() async {
    await live()
    registry.push("1.1.0")
    world.script("1.1.0") { $0.reports = "registry.example/web@\(SimulatedRegistry.image("1.0.0").digest)" }
    world.repository.push("web/v1.1.0")
    world.tap.arm()
    await world.run()
    #expect(world.outcomes.last == "1.1.0 failed")
    #expect(world.records.last?.reason?.hasPrefix("the pods run something else than was planned: container web of web runs") == true)
    #expect(world.tap.count("gates.check.preview") == 0)
    #expect(world.web.selection == .color(.blue))
    #expect(world.size(.green) == 0)
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `pods that do not say what they run are no success`() async {
    await live()
    registry.push("1.1.0")
    world.script("1.1.0") { $0.reports = "docker://unknown" }
    world.repository.push("web/v1.1.0")
    await world.run()
    #expect(world.outcomes.last == "1.1.0 failed")
    #expect(world.records.last?.reason?.contains("reports no image digest") == true)
  }

  // Not there yet

  @Test func `an image that is still being built is waited for, and nothing is announced meanwhile`() async throws {
    await live()
    world.repository.push("web/v1.1.0")
    world.tap.arm()
    let start = world.clock.time
    let report = await world.run()
    let wait = try #require(waits(report).first)
    #expect(wait.reason == "registry.example has no image registry.example/web:1.1.0 (MANIFEST_UNKNOWN: manifest unknown)")
    #expect(world.history.last == "retired 1.0.0" || world.history.last == "promoted 1.0.0")
    #expect(world.tap.count("environments.apply") == 0 && world.tap.count("audit.append") == 0 && world.tap.count("services.change") == 0)
    let noted = try #require(world.index?.services[SimulatedWorld.web]?.waiting)
    #expect(noted.kind == .image && noted.tag.version.text == "1.1.0" && noted.since >= start && noted.until == noted.since + .seconds(60))
    #expect(wait.until == noted.until)
    world.clock.advance(.seconds(30))
    #expect(waits(await world.run()).first?.until == noted.until, "the wait began when it was first seen, not now")
    registry.push("1.1.0")
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
    #expect(world.index?.services[SimulatedWorld.web]?.waiting == nil)
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `a wait that is over refuses the tag, naming image, registry and how long`() async throws {
    await live()
    world.repository.push("web/v1.1.0")
    await world.run()
    world.clock.advance(.seconds(61))
    await world.run()
    #expect(world.history.last == "refused 1.1.0")
    let reason = try #require(world.records.last?.reason)
    #expect(reason.hasPrefix("registry.example has no image registry.example/web:1.1.0"))
    #expect(reason.contains("waited 61 s for it"))
    #expect(reason.hasSuffix("tagflip retry web 1.1.0"))
    #expect(world.index?.services[SimulatedWorld.web]?.waiting == nil)
    registry.push("1.1.0")
    await world.run()
    #expect(world.history.last == "refused 1.1.0", "decided at most once")
  }

  @Test func `a retry waits anew, and releases what appears`() async throws {
    await live()
    world.repository.push("web/v1.1.0")
    await world.run()
    world.clock.advance(.seconds(61))
    await world.run()
    _ = try await Wish(.retry, world.installation(), service: SimulatedWorld.web, version: SimulatedWorld.version("1.1.0"), reason: "built")
      .run()
    #expect(waits(await world.run()).first?.until == world.index?.services[SimulatedWorld.web]?.waiting?.until)
    #expect(world.index?.services[SimulatedWorld.web]?.waiting?.until ?? ManualClock.epoch > world.clock.time + .seconds(50))
    registry.push("1.1.0")
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
  }

  @Test func `a higher tag whose image is there goes ahead of one that waits`() async {
    await live()
    world.repository.push("web/v1.1.0")
    await world.run()
    registry.push("1.2.0")
    world.repository.push("web/v1.2.0")
    await world.run()
    #expect(world.outcomes.last == "1.2.0 promoted")
    #expect(world.history.contains("superseded 1.1.0"))
    #expect(world.index?.services[SimulatedWorld.web]?.waiting == nil)
  }

  // Neither

  @Test func `a registry that does not answer is neither there nor absent: nothing is decided, however long`() async {
    await live()
    registry.edit { $0.failure = PortError(.unreachable, attempted: "look up the image", reason: "HTTP 503") }
    world.repository.push("web/v1.1.0")
    for _ in 0..<3 {
      let report = await world.run()
      #expect(report.all.contains { if case .failed(let error) = $0 { error.kind == .unreachable } else { false } })
      world.clock.advance(.seconds(61))
    }
    #expect(world.history.last == "retired 1.0.0" || world.history.last == "promoted 1.0.0")
    #expect(world.index?.services[SimulatedWorld.web]?.attention == true)
    registry.edit { $0.failure = nil }
    registry.push("1.1.0")
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
  }

  @Test func `a plan says that a denial is in the way, and that a release would wait for an image`() async throws {
    await live()
    world.repository.push("web/v1.1.0")
    let refs = try await world.repository.listing()
    let tag = try #require(refs.tags.first { $0.name == "web/v1.1.0" })
    let ports = world.ports
    let catalog = try await ports.plans.catalog(at: "tip")
    func preview() async throws -> PlanPreview.Report {
      try await PlanPreview(world.installation(), service: SimulatedWorld.web, version: SimulatedWorld.version("1.1.0")).run(
        tag: ReleaseTag(
          service: SimulatedWorld.web, version: SimulatedWorld.version("1.1.0"), name: tag.name, object: tag.object),
        commit: "abc", catalog: catalog, withCluster: true)
    }
    let waiting = try await preview()
    #expect(waiting.objections.isEmpty && waiting.unchecked.isEmpty && waiting.waits.count == 1, "\(waiting)")
    registry.edit {
      $0.denial = PortError(.forbidden, attempted: "look up the image", reason: "HTTP 403", hint: "give the bot credentials")
    }
    let denied = try await preview()
    #expect(denied.objections.first?.contains("HTTP 403") == true && denied.unchecked.isEmpty, "\(denied)")
    registry.edit { ($0.denial, $0.failure) = (nil, PortError(.unreachable, attempted: "look up the image", reason: "no route")) }
    let unknown = try await preview()
    #expect(unknown.objections.isEmpty && unknown.unchecked.first?.contains("no route") == true, "\(unknown)")
  }

  @Test func `a denial is loud at once and final when the wait is over`() async {
    await live()
    registry.push("1.1.0")
    registry.edit {
      $0.denial = PortError(.forbidden, attempted: "look up the image", reason: "HTTP 401", hint: "give the bot credentials")
    }
    world.repository.push("web/v1.1.0")
    let report = await world.run()
    #expect(report.all.contains { if case .failed(let error) = $0 { error.hint == "give the bot credentials" } else { false } })
    #expect(world.index?.services[SimulatedWorld.web]?.waiting?.kind == .image)
    world.clock.advance(.seconds(61))
    await world.run()
    #expect(world.history.last == "refused 1.1.0")
    #expect(world.records.last?.reason?.contains("give the bot credentials") == true)
  }

  @Test func `what is no image reference refuses the tag`() async {
    await live()
    registry.edit { $0.failure = PortError(.invalid, attempted: "look up the image", reason: "it is no image reference") }
    world.repository.push("web/v1.1.0")
    await world.run()
    #expect(world.history.last == "refused 1.1.0")
  }

  // What asks no registry

  @Test func `a rollback asks no registry`() async throws {
    await live()
    registry.push("1.1.0")
    world.repository.push("web/v1.1.0")
    await world.run()
    world.tap.arm()
    world.tap.cut("images.")
    _ = try await Rollback(world.installation(), service: SimulatedWorld.web, reason: "bad", force: false).run()
    await world.run()
    #expect(world.outcomes.last?.hasSuffix("rolled-back") == true)
    #expect(world.web.selection == .color(.blue))
    #expect(world.tap.count("images.resolve") == 0)
  }

  @Test func `a rollout that goes on after a kill does not look up again, and builds what was planned`() async throws {
    await live()
    registry.push("1.1.0")
    world.repository.push("web/v1.1.0")
    world.tap.arm([PortTap.Call(name: "environments.apply", occurrence: 1): .killedBefore])
    await world.run()
    world.tap.revive()
    world.clock.advance(.seconds(61))
    // The tag stands for something else by now.
    registry.push("1.1.0", SimulatedRegistry.image("9.9.9"))
    world.tap.arm()
    world.tap.cut("images.")
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
    #expect(world.tap.count("images.resolve") == 0)
    #expect(world.cluster.color(.green, of: SimulatedWorld.web)?.images == ["web": ["web": pinned("1.1.0")]])
    #expect(world.rules.broken.isEmpty)
  }

  /// A world in which 1.0.0 is live and 1.1.0 was pushed with its image.
  private static func pushed() async -> (world: SimulatedWorld, registry: SimulatedRegistry) {
    let world = SimulatedWorld()
    let registry = SimulatedRegistry(tap: world.tap)
    world.registry = registry
    for version in ["1.0.0", "1.1.0"] { registry.push(version) }
    await world.begin()
    await world.release("1.0.0")
    world.repository.push("web/v1.1.0")
    return (world, registry)
  }

  @Test(arguments: [PortTap.Fault.killedBefore, .killedAfter])
  func `killed at whichever call, what runs in the end is what the plan on record names, wherever the tag has moved`(
    _ fault: PortTap.Fault
  ) async throws {
    let (reference, _) = await Self.pushed()
    reference.tap.arm()
    await reference.run()
    let calls = reference.tap.log
    #expect(calls.contains { $0.name == "images.resolve" } && calls.contains { $0.name == "environments.apply" })
    for call in calls where fault == .killedBefore || call.isWrite {
      let (world, registry) = await Self.pushed()
      world.tap.arm([call: fault])
      await world.run()
      world.tap.revive()
      world.tap.arm()
      registry.push("1.1.0", SimulatedRegistry.image("9.9.9"))
      world.clock.advance(.seconds(61))
      #expect(await world.runUntilQuiet(), "killed at \(call)")
      #expect(world.outcomes.last == "1.1.0 promoted", "killed at \(call)")
      let plans = world.records.filter { $0.event == .plan && $0.version?.text == "1.1.0" }
      #expect(plans.count == 1, "killed at \(call)")
      #expect(
        world.cluster.color(.green, of: SimulatedWorld.web)?.images["web"]?["web"] == plans.first?.plan?.images.first, "killed at \(call)")
      #expect(world.index?.services[SimulatedWorld.web]?.waiting == nil)
      #expect(world.rules.broken.isEmpty, "killed at \(call)")
    }
  }

  @Test func `with trusted images no registry is asked and nothing is compared`() async {
    world.registry = nil
    await world.begin()
    world.tap.arm()
    await world.release("1.0.0")
    #expect(world.outcomes == ["1.0.0 promoted"])
    #expect(world.tap.count("images.resolve") == 0)
    #expect(world.records.first { $0.event == .plan }?.plan?.imageParts == nil)
  }
}
