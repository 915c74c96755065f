import KubernetesModel
import Testing

/// What operators ask for, and what somebody asks for in their name, through the real binary, ssh-keygen's keys and plain git.
@Suite("Operators", .serialized)
struct OperatorStoryTests {
  private func world(secondPerson: String = "") async throws -> World {
    let world = try await World.make()
    for name in ["ada", "bob", "eve"] {
      let keygen = try await Command(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", "\(world.root)/\(name)"], in: world.root
      )
      .wait()
      #expect(keygen.status == 0)
    }
    let script = #"for n in ada bob; do printf '%s namespaces="tagflip-request" %s\n' $n "$(cat $1/$n.pub)"; done"#
    let keys = try await Command(["sh", "-c", script, "sh", world.root], in: world.root).wait()
    try world.write("operators", keys.output)
    try world.write("tagflip.yaml", world.settings("operators: {signers: operators, secondPerson: [\(secondPerson)]}"))
    _ = try await world.tagflip("run")
    return world
  }

  /// 1.0.0 is live, 1.1.0 failed.
  private func failOnce(_ world: World) async throws {
    try await world.release("1.0.0")
    _ = try await world.tagflip("run")
    try await world.release("1.1.0", faults: ["error-rate": "1"])
    #expect(try await world.tagflip("run").status == 11)
  }

  @Test("A retry counts by an operator's signature, and once")
  func retry() async throws {
    let world = try await world()
    try await failOnce(world)
    let unsigned = try await world.tagflip("retry", "web", "1.1.0", "--reason", "it was the network")
    #expect(unsigned.status == 32 && unsigned.errors.contains("nobody signed the retry"), "\(unsigned.errors)")
    let stranger = try await world.tagflip("retry", "web", "1.1.0", "--reason", "x", "--sign", "\(world.root)/eve")
    #expect(stranger.status == 32 && stranger.errors.contains("does not count"), "\(stranger.status) \(stranger.errors)")
    let signed = try await world.tagflip(
      "retry", "web", "1.1.0", "--reason", "it was the network", "--sign", "\(world.root)/ada", "--save", "\(world.root)/request.json")
    #expect(signed.status == 0 && signed.output.contains("nothing is committed"), "\(signed.errors)")
    let committed = try await world.tagflip("retry", "web", "1.1.0", "--request", "\(world.root)/request.json")
    #expect(committed.status == 0 && committed.output.contains("asked for by ada"), "\(committed.errors)")
    let again = try await world.tagflip("retry", "web", "1.1.0", "--request", "\(world.root)/request.json")
    #expect(again.status == 33 && again.errors.contains("on record already"), "\(again.errors)")
    #expect(try await world.tagflip("run").status == 11, "it is as bad as it was")
    #expect(try await world.trailers("Requested-By").filter { $0.hasPrefix("ada SHA256:") }.count == 1)
    try await world.demandIntegrity()
  }

  @Test("A freeze holds until two operators have signed an override, for that one tag")
  func override() async throws {
    let world = try await world()
    let settings = """
      operators: {signers: operators, secondPerson: [override]}
      freezes: [{from: "2020-01-01T00:00:00Z", until: "2099-01-01T00:00:00Z", reason: holidays}]
      """
    try world.write("tagflip.yaml", world.settings(settings))
    try await world.release("1.0.0")
    let frozen = try await world.tagflip("run")
    #expect(frozen.status == 0 && frozen.output.contains("frozen: holidays"), "\(frozen.output)")
    let one = try await world.tagflip("override", "web", "1.0.0", "--reason", "a fix", "--sign", "\(world.root)/ada")
    #expect(one.status == 32 && one.errors.contains("a second person's signature"), "\(one.errors)")
    _ = try await world.tagflip(
      "override", "web", "1.0.0", "--reason", "a fix", "--sign", "\(world.root)/ada", "--save", "\(world.root)/request.json")
    let two = try await world.tagflip(
      "override", "web", "1.0.0", "--reason", "a fix", "--request", "\(world.root)/request.json", "--sign", "\(world.root)/bob")
    #expect(two.status == 0 && two.output.contains("asked for by ada and bob"), "\(two.errors)")
    let released = try await world.tagflip("run")
    #expect(released.status == 0 && released.output.contains("promoted"), "\(released.output)\(released.errors)")
    try await world.release("1.1.0")
    #expect(try await world.tagflip("run").output.contains("frozen: holidays"), "the override is used up")
    try await world.demandIntegrity()
  }

  @Test("A journal that somebody edits opens no gate, and what it says is on record as claimed")
  func forgedJournal() async throws {
    let world = try await World.make(World.Plan(bake: "20s"))
    _ = try await world.tagflip("run")
    try await world.release("1.0.0")
    let run = try world.start(["run"])
    try await world.wait(until: run, says: "cutover  ok")
    run.stop()
    let name = "tagflip-journal-web"
    let text = try await world.kubectl("get", "configmap", name, "-o", "json", namespace: world.state)
    let forged = text.replacing(/\\"bakedMs\\":[0-9]+/, with: #"\"bakedMs\":99999999"#)
    #expect(forged != text, "\(text)")
    try world.write("forged.json", forged)
    _ = try await world.kubectl("replace", "-f", "\(world.root)/forged.json", namespace: world.state)
    let next = try await world.tagflip("run")
    #expect(next.status == 0, "\(next.errors)")
    #expect(next.errors.contains("without the installation's seal"), "\(next.errors)")
    let story = try await world.audit("log", "-1", "--format=%b")
    #expect(story.contains("did not bear the installation's seal") && story.contains("Claimed, not evidence: deploy"), "\(story)")
    let baked = try #require(story.split(separator: "\n").first { $0.contains("  bake ") })
    let seconds = baked.firstMatch(of: #/  bake +([0-9.]+) s /#).flatMap { Double($0.1) }
    #expect(try baked.contains("passed") && #require(seconds, "\(baked)") >= 20, "the whole bake: \(baked)")
  }

  @Test("A tag that is deleted is on record, and refused when it is pushed again")
  func goneTag() async throws {
    let world = try await World.make()
    _ = try await world.tagflip("run")
    try await world.release("1.0.0")
    _ = try await world.tagflip("run")
    _ = try await world.gitOutput(["-C", "\(world.root)/releases.git", "update-ref", "-d", "refs/tags/web/v1.0.0"])
    _ = try await world.tagflip("run")
    #expect(try await world.log().last == "Miss a tag of web: web/v1.0.0")
    #expect(try await world.tagflip("run").output == "nothing to do\n")
    _ = try await world.gitOutput(["-C", "\(world.root)/team", "push", "--quiet", "\(world.root)/releases.git", "web/v1.0.0"])
    #expect(try await world.tagflip("run").status == 13)
    #expect(try await world.log().last?.hasPrefix("Refuse web 1.0.0: the tag was gone at") == true)
    try await world.demandIntegrity()
  }
}
