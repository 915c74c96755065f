import ReleaseEngine
import ReleaseModel
import Testing

/// Which tag is released, and what becomes of the others.
@Suite struct DecisionTests {
  let world = SimulatedWorld()

  private func live() async {
    await world.begin()
    await world.release("1.0.0")
  }

  @Test func `a tag that is not what the settings ask is refused for good, and one that is is on record with who signed it`() async {
    world.settings { $0.tags = [TagRule(requirement: .signed, signers: "x")] }
    await world.begin()
    world.repository.push("web/v1.0.0")
    await world.run()
    #expect(world.records.last?.event == .refused && world.records.last?.reason == "it is not signed")
    #expect(world.web.selection == .nothing)
    world.repository.push("web/v1.1.0")
    world.repository.edit { $0.signers[SimulatedWorld.version("1.1.0")] = "ada@example.org" }
    await world.run()
    #expect(world.outcomes == ["1.1.0 promoted"])
    #expect(world.records.last?.tag?.signature == TagSignature(kind: .ssh, signer: "ada@example.org", key: "SHA256:x"))
  }

  @Test func `the highest tag supersedes the lower ones for good`() async {
    await live()
    for version in ["1.1.0", "1.2.0", "1.10.0"] { world.repository.push("web/v\(version)") }
    await world.run()
    #expect(world.history.suffix(4) == ["plan 1.10.0", "superseded 1.1.0", "superseded 1.2.0", "promoted 1.10.0"])
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes.count == 2)
  }

  @Test func `lower tags stay superseded although the chosen one fails`() async {
    await live()
    world.script("1.2.0") { $0.smoke = .failed }
    for version in ["1.1.0", "1.2.0"] { world.repository.push("web/v\(version)") }
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes == ["1.0.0 promoted", "1.2.0 failed"])
  }

  @Test func `a tag that moved after it was seen is refused, once for each object`() async {
    await live()
    world.repository.push("web/v1.0.0", object: "another")
    let report = await world.run()
    #expect(report.all.count == 1)
    #expect(world.records.last?.reason?.contains("moved") == true)
    await world.run()
    #expect(world.history.count { $0 == "refused 1.0.0" } == 1)
    world.repository.push("web/v1.0.0", object: "third")
    await world.run()
    #expect(world.history.count { $0 == "refused 1.0.0" } == 2)
    world.repository.push("web/v1.0.0")
    await world.run()
    #expect(world.history.count { $0 == "refused 1.0.0" } == 2, "back where it was when it was decided on")
    #expect(world.outcomes.count == 1)
  }

  @Test func `tags of equal precedence are both refused`() async {
    await live()
    world.repository.push("web/v1.1.0+a")
    world.repository.push("web/v1.1.0+b")
    await world.run()
    #expect(Set(world.history.suffix(2)) == ["refused 1.1.0+a", "refused 1.1.0+b"])
    #expect(world.web.marker.version?.text == "1.0.0")
  }

  @Test func `a prerelease is released by its own plan's word, not by that of a higher one that anybody tagged`() async {
    await world.begin()
    await world.release("1.0.0")
    for version in ["1.1.0-rc.1", "1.1.0-rc.2"] { world.repository.push("web/v\(version)") }
    // The higher one lets prereleases in, and is refused for what it is.
    world.planFor("1.1.0-rc.2") { $0.prereleases = true }
    world.settings { $0.tags = [TagRule(requirement: .signed, signers: "x")] }
    world.repository.edit { $0.signers[SimulatedWorld.version("1.1.0-rc.1")] = "ada@example.org" }
    await world.run()
    #expect(world.web.marker.version == SimulatedWorld.version("1.0.0"))
    #expect(world.records.last?.reason == "1.1.0-rc.1 is a prerelease and its plan does not say prereleases: true")
  }

  @Test func `a prerelease is refused unless the plan releases them`() async {
    await live()
    world.repository.push("web/v1.1.0-rc.1")
    await world.run()
    #expect(world.history.last == "refused 1.1.0-rc.1")
    world.planFor("1.1.0-rc.2") { $0.prereleases = true }
    world.repository.push("web/v1.1.0-rc.2")
    await world.run()
    #expect(world.outcomes.last == "1.1.0-rc.2 promoted")
  }

  @Test func `what is not above what is live is refused`() async {
    await live()
    world.repository.push("web/v0.9.0")
    await world.run()
    #expect(world.history.last == "refused 0.9.0")
    #expect(world.records.last?.reason?.hasPrefix("not above what is live (1.0.0)") == true)
  }

  @Test func `a quarantined version is refused under a new tag too`() async {
    await live()
    world.script("1.1.0") { $0.smoke = .failed }
    await world.release("1.1.0")
    world.repository.edit { $0.tags["web/v1.1.0"] = nil }
    world.repository.push("web/v1.1.0", object: "another")
    await world.run()
    #expect(world.history.last == "refused 1.1.0")
    #expect(world.outcomes.count == 2)
  }

  @Test func `a refused tag supersedes nothing: the lower one is decided in the same run`() async {
    await live()
    world.repository.edit {
      $0.faults[SimulatedWorld.version("1.2.0")] = PortError(.configuration, attempted: "read the plan", reason: "bake: is no map")
    }
    world.repository.push("web/v1.1.0")
    world.repository.push("web/v1.2.0")
    let report = await world.run()
    #expect(world.history.suffix(3) == ["refused 1.2.0", "plan 1.1.0", "promoted 1.1.0"])
    #expect(report.all.count == 2)
  }

  @Test func `a plan whose template is to blame is not the tag's fault: it waits`() async {
    await live()
    let place = SourceLocation(file: "templates/standard.yaml", line: 3)
    world.repository.edit {
      $0.faults[SimulatedWorld.version("1.1.0")] = PortError(.configuration, attempted: "read", reason: "bad", location: place)
    }
    world.repository.push("web/v1.1.0")
    await world.run()
    #expect(world.history.last == "promoted 1.0.0")
    world.repository.edit { $0.faults = [:] }
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
  }

  @Test func `what the dry run objects to is refused`() async {
    await live()
    world.cluster.edit { $0.objections = ["Deployment web-green: spec.replicas: must be at least 0"] }
    world.repository.push("web/v1.1.0")
    await world.run()
    #expect(world.history.last == "refused 1.1.0")
    #expect(world.tap.count("environments.apply") == 1, "that of 1.0.0")
  }

  @Test func `an older version is brought back by a retry, through all gates`() async throws {
    await live()
    await world.release("1.1.0")
    _ = try await Wish(.retry, world.installation(), service: SimulatedWorld.web, version: SimulatedWorld.version("1.0.0"), reason: "back")
      .run()
    await world.run()
    #expect(world.outcomes.last == "1.0.0 promoted")
    #expect(world.records.last?.steps.contains { $0.step == .smoke && $0.result == .passed } == true)
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes.count == 3)
    #expect(world.rules.broken.isEmpty)
  }

  @Test func `a retry that is refused is used up, and holds up no higher tag`() async throws {
    await live()
    world.repository.edit {
      $0.faults[SimulatedWorld.version("1.1.0")] = PortError(.configuration, attempted: "read the plan", reason: "bake: is no map")
    }
    await world.release("1.1.0")
    #expect(world.history.last == "refused 1.1.0")
    _ = try await Wish(.retry, world.installation(), service: SimulatedWorld.web, version: SimulatedWorld.version("1.1.0"), reason: "?")
      .run()
    world.repository.push("web/v1.2.0")
    let report = await world.run()
    #expect(world.history.suffix(4) == ["retry 1.1.0", "refused 1.1.0", "plan 1.2.0", "promoted 1.2.0"])
    #expect(report.all.count == 2)
    #expect(await world.runUntilQuiet())
  }

  @Test func `a tag that was noted at the first sight is released by a retry alone`() async throws {
    world.repository.push("web/v1.0.0")
    await world.begin()
    #expect(await world.runUntilQuiet())
    #expect(world.history == ["noted"])
    _ = try await Wish(.retry, world.installation(), service: SimulatedWorld.web, version: SimulatedWorld.version("1.0.0"), reason: "go")
      .run()
    await world.run()
    #expect(world.outcomes == ["1.0.0 promoted"])
  }

  @Test func `a tag that names no service is told and never released`() async {
    await live()
    world.repository.push("wbe/v1.1.0")
    await world.run()
    #expect(world.outcomes.count == 1)
    #expect(world.narrator.narrations.contains { if case .remark(nil, let text) = $0 { text.contains("wbe/v1.1.0") } else { false } })
  }

  @Test func `a service whose plan cannot be read does not hold up the others`() async {
    let api = SimulatedWorld.name("api")
    let world = SimulatedWorld(services: [SimulatedWorld.web, api])
    await world.begin()
    world.repository.edit { $0.broken[api] = PortError(.configuration, attempted: "read services/api/cutover.yaml", reason: "bad") }
    world.repository.push("web/v1.0.0")
    world.repository.push("api/v1.0.0")
    await world.run()
    #expect(world.outcomes == ["1.0.0 promoted"])
    world.repository.edit { $0.broken = [:] }
    await world.run()
    #expect(world.audit.records(of: api).last?.outcome == .promoted)
    #expect(world.rules.broken.isEmpty)
  }
}
