import Digests
import ReleaseEngine
import ReleaseModel
import Testing

/// What operators ask for counts by their signatures, when it is committed and when it is acted upon.
@Suite struct WishTests {
  let world = SimulatedWorld()
  private let web = SimulatedWorld.web

  private func version(_ text: String) -> Version { SimulatedWorld.version(text) }

  private func failed(_ text: String = "1.1.0") async {
    await world.begin()
    await world.release("1.0.0")
    world.script(text) { $0.smoke = .failed }
    world.repository.push("web/v\(text)")
    await world.run()
    world.script(text) { $0.smoke = .passed }
    world.clock.advance(.seconds(61))
  }

  private func operators(_ names: String, secondPerson: Set<OperatorRequest.Action> = []) {
    world.settings { $0.operators = OperatorRules(signers: names, secondPerson: secondPerson) }
  }

  private func freeze(_ seconds: Int64 = 3600) {
    let now = world.clock.time
    world.settings { $0.freezes = [FreezeWindow(from: now, until: now + .seconds(seconds), reason: "holidays")] }
  }

  @discardableResult
  private func wish(
    _ kind: Wish.Kind, _ text: String = "1.1.0", by hand: OperatorHand = .empty
  ) async throws(PortError) -> RequestResult<Wish.Report> {
    try await Wish(kind, world.installation(), service: web, version: version(text), reason: "fixed downstream").run(by: hand)
  }

  private func expectRefusal(_ words: String, _ body: () async throws(PortError) -> Void) async {
    do throws(PortError) {
      try await body()
      Issue.record("nothing was refused")
    } catch {
      #expect(error.kind == .forbidden && error.reason.contains(words), "\(error)")
    }
  }

  @Test func `a retry that nobody signed is not committed where the settings name operators`() async throws {
    await failed()
    operators("ada")
    await expectRefusal("nobody signed") { () throws(PortError) in try await wish(.retry) }
    await expectRefusal("may not sign") { () throws(PortError) in try await wish(.retry, by: SimulatedOperators.hand(of: "eve")) }
    #expect(!world.history.contains("retry 1.1.0"))
    try await wish(.retry, by: SimulatedOperators.hand(of: "ada"))
    #expect(world.records.last?.operators.map(\.signer) == ["ada"])
    #expect(world.records.last?.exhibits.map(\.kind) == [.request])
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
  }

  @Test func `a second person signs what somebody else has signed, and one person cannot be two`() async throws {
    await failed()
    operators("ada,bob", secondPerson: [.retry])
    await expectRefusal("a second person's") { () throws(PortError) in try await wish(.retry, by: SimulatedOperators.hand(of: "ada")) }
    guard case .signed(let request) = try await wish(.retry, by: SimulatedOperators.hand(of: "ada", onlySigns: true)) else {
      Issue.record("it was committed")
      return
    }
    #expect(!world.history.contains("retry 1.1.0"))
    await expectRefusal("a second person's") { () throws(PortError) in
      try await wish(.retry, by: SimulatedOperators.hand(of: "ada", request: request))
    }
    try await wish(.retry, by: SimulatedOperators.hand(of: "bob", request: request))
    #expect(world.records.last?.operators.map(\.signer) == ["ada", "bob"])
  }

  @Test func `a signed request serves once, for what it says, and for a day`() async throws {
    await failed()
    operators("ada")
    guard case .signed(let request) = try await wish(.retry, by: SimulatedOperators.hand(of: "ada", onlySigns: true)) else {
      Issue.record("it was committed")
      return
    }
    let again = OperatorHand(request: request)
    try await wish(.retry, by: again)
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
    do throws(PortError) {
      try await wish(.retry, by: again)
      Issue.record("it was taken twice")
    } catch {
      #expect(error.kind == .conflict && error.reason.contains("on record already"), "\(error)")
    }
    do throws(PortError) {
      try await wish(.retry, "1.0.0", by: again)
      Issue.record("it was taken for another version")
    } catch {
      #expect(error.kind == .invalid && error.reason.contains("web/v1.1.0"), "\(error)")
    }
    guard case .signed(let old) = try await wish(.retry, "1.0.0", by: SimulatedOperators.hand(of: "ada", onlySigns: true)) else { return }
    world.clock.advance(.seconds(25 * 3600))
    await expectRefusal("counts for 24 h") { () throws(PortError) in try await wish(.retry, "1.0.0", by: OperatorHand(request: old)) }
  }

  @Test func `a retry that somebody wrote into the branch is refused, whatever it says`() async throws {
    await failed()
    let record = AuditRecord(
      event: .retry, service: web, installation: "test", at: world.clock.time, actor: "eve", botVersion: "1.0.0", version: version("1.1.0"),
      tag: TagFacts(
        tag: ReleaseTag(service: web, version: version("1.1.0"), name: "web/v1.1.0", object: "object-of-web/v1.1.0"), commit: "c",
        isAnnotated: true, tagger: nil, taggedAt: nil, message: ""), reason: "let me in")
    _ = try await world.audit.append([record], expecting: nil, onto: nil)
    operators("ada")
    await world.run()
    #expect(world.history.last == "refused 1.1.0" && world.records.last?.reason?.contains("nobody signed") == true)
    #expect(await world.runUntilQuiet())
    #expect(world.outcomes == ["1.0.0 promoted", "1.1.0 failed"])
  }

  @Test func `a key that was taken back after a retry was committed lets nothing in`() async throws {
    await failed()
    operators("ada")
    try await wish(.retry, by: SimulatedOperators.hand(of: "ada"))
    operators("bob")
    await world.run()
    #expect(world.history.last == "refused 1.1.0" && world.records.last?.reason == "ada may not sign")
  }

  @Test func `a signature counts for nothing where the settings name nobody`() async {
    await failed()
    do throws(PortError) {
      try await wish(.retry, by: SimulatedOperators.hand(of: "ada"))
      Issue.record("it was committed")
    } catch {
      #expect(error.kind == .configuration && error.hint?.contains("operators") == true)
    }
  }

  @Test func `a freeze holds up a release until somebody who may overrides it, for that one tag`() async throws {
    await world.begin()
    await world.release("1.0.0")
    freeze()
    operators("ada")
    world.repository.push("web/v1.1.0")
    await world.run()
    #expect(world.outcomes == ["1.0.0 promoted"])
    await expectRefusal("nobody signed") { () throws(PortError) in try await wish(.override) }
    try await wish(.override, by: SimulatedOperators.hand(of: "ada"))
    await world.run()
    #expect(world.outcomes.last == "1.1.0 promoted")
    let plan = try #require(world.records.last { $0.event == .plan })
    #expect(plan.override != nil && world.history.contains("override 1.1.0"))
    world.clock.advance(.seconds(61))
    world.repository.push("web/v1.2.0")
    await world.run()
    #expect(world.outcomes.count == 2, "the override was for 1.1.0, and is used up")
    world.clock.advance(.seconds(3600))
    await world.run()
    #expect(world.outcomes.last == "1.2.0 promoted")
    #expect(world.records.last { $0.event == .plan }?.override == nil)
  }

  @Test func `an override that somebody wrote into the branch holds nothing open`() async throws {
    await world.begin()
    freeze()
    operators("ada")
    world.repository.push("web/v1.0.0")
    await world.run()
    let record = AuditRecord(
      event: .override, service: web, installation: "test", at: world.clock.time, actor: "eve", botVersion: "1.0.0",
      version: version("1.0.0"),
      tag: TagFacts(
        tag: ReleaseTag(service: web, version: version("1.0.0"), name: "web/v1.0.0", object: "object-of-web/v1.0.0"), commit: "c",
        isAnnotated: true, tagger: nil, taggedAt: nil, message: ""))
    _ = try await world.audit.append([record], expecting: nil, onto: nil)
    await world.run()
    #expect(world.web.selection == .nothing && world.outcomes.isEmpty)
  }

  @Test func `without operators nobody overrides a freeze`() async {
    await world.begin()
    freeze()
    world.repository.push("web/v1.0.0")
    do throws(PortError) {
      try await wish(.override, "1.0.0")
      Issue.record("it was committed")
    } catch {
      #expect(error.kind == .configuration && error.reason.contains("names nobody") || error.reason.contains("name nobody"))
    }
  }
}

/// Tags that were deleted, and pushed again.
@Suite struct GoneTagTests {
  let world = SimulatedWorld()

  @Test func `a tag that is gone is on record once, and what was decided on it stands`() async {
    await world.begin()
    await world.release("1.0.0")
    world.repository.edit { $0.tags["web/v1.0.0"] = nil }
    await world.run()
    #expect(world.history.last == "deleted" && world.records.last?.tags.map(\.name) == ["web/v1.0.0"])
    #expect(await world.runUntilQuiet())
    #expect(world.history.count { $0 == "deleted" } == 1)
    #expect(world.web.marker.version == SimulatedWorld.version("1.0.0"))
  }

  @Test func `a tag that is pushed again is refused, be it the same object`() async {
    await world.begin()
    await world.release("1.0.0")
    await world.release("1.1.0")
    world.repository.edit { $0.tags["web/v1.1.0"] = nil }
    await world.run()
    world.repository.push("web/v1.1.0")
    await world.run()
    #expect(world.history.suffix(2) == ["deleted", "refused 1.1.0"])
    #expect(world.records.last?.reason?.contains("pushed again") == true)
    #expect(await world.runUntilQuiet())
    #expect(world.history.count { $0 == "refused 1.1.0" } == 1)
  }

  @Test func `many tags that are gone at once make several records`() async {
    for number in 0..<450 { world.repository.push("web/v0.\(number).0") }
    await world.begin()
    world.repository.edit { $0.tags = [:] }
    await world.run()
    #expect(world.records.filter { $0.event == .deleted }.map(\.tags.count) == [200, 200, 50])
    #expect(await world.runUntilQuiet())
    #expect(world.records.filter { $0.event == .deleted }.count == 3)
  }

  @Test func `a tag that the pattern no longer names is not gone`() async {
    await world.begin()
    await world.release("1.0.0")
    world.repository.push("v7")
    await world.run()
    #expect(!world.history.contains("deleted"))
  }
}
