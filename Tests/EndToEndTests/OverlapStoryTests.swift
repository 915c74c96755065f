import KubernetesModel
import Testing

/// A plan with `overlap`: both versions answer users for a while, and then the new one alone.
@Suite("Overlap", .serialized) struct OverlapStoryTests {
  private static let plan = World.Plan(extra: "overlap: 3s")

  /// Asks the Service again and again, each time over a new connection, until told to stop, and prints which version answers. From outside a real
  /// cluster there is no way to it.
  private func load(_ world: World) async throws -> Command? {
    guard World.realCluster == nil else { return nil }
    let address = try await world.kubectl("get", "service", "web", "-o", "jsonpath={.spec.clusterIP}")
    let script = """
      while [ -d \(world.root) ] && [ ! -e \(world.root)/stop ]; do
        curl -sf -m 5 http://\(address)/ | grep -oE '"version": ?"[^"]*"' || echo lost
        sleep 0.02
      done
      """
    return try Command(["bash", "-c", script], in: world.root)
  }

  /// Whether the Service ever selected both colors' pods, as a watch saw it.
  private func sawBoth(_ world: World) -> Bool {
    world.selectors.contains { $0["tagflip.dev/color"] == nil && $0["tagflip.dev/service"] == "web" && $0["app"] == "web" }
  }

  /// 1.0.0 is live; 1.1.0 is tagged.
  private func tagged(faults: [String: String] = [:]) async throws -> World {
    let world = try await World.make(Self.plan)
    _ = try await world.tagflip("run")
    try await world.release("1.0.0")
    let first = try await world.tagflip("run")
    try #require(first.status == 0, "\(first.errors)\(first.output)")
    #expect(!sawBoth(world), "a first release has nothing to share users with")
    try await world.release("1.1.0", faults: faults)
    return world
  }

  @Test("Under load no request is lost, both versions answer in between, and the record says that it was not atomic")
  func promoted() async throws {
    let world = try await tagged()
    let plan = try await world.tagflip("plan", "web/v1.1.0")
    #expect(plan.output.contains("not atomic: users reach both colors for 3 s, then green alone"), "\(plan.output)\(plan.errors)")
    let load = try await load(world)
    let run = try await world.tagflip("run")
    #expect(run.status == 0, "\(run.errors)\(run.output)")
    #expect(sawBoth(world))
    #expect(
      try await world.kubectl("get", "service", "web", "-o", "jsonpath={.spec.selector}") == #"{"app":"web","tagflip.dev/color":"green"}"#,
      "what was added for the overlap is gone")
    if let load {
      try world.write("stop", "")
      let answers = try await load.wait().output.split(separator: "\n").map(String.init)
      // How many there are is the machine's affair: it may have much else to do.
      #expect(answers.count > 20 && !answers.contains("lost"), "\(answers.count { $0 == "lost" }) of \(answers.count) lost")
      let (old, new) = (answers.map { $0.contains("1.0.0") }, answers.map { $0.contains("1.1.0") })
      let (first, last) = (try #require(new.firstIndex(of: true)), try #require(old.lastIndex(of: true)))
      #expect(first < last, "both answered in between")
      #expect(new[first...last].contains(true) && old[first...last].contains(true))
    }
    let message = try await world.gitOutput(["-C", "\(world.root)/releases.git", "log", "-1", "--format=%B", "tagflip/audit"])
    let words = message.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    let served = words.firstMatch(of: /Cutover, not atomic: both colors served for ([0-9.]+) s\./).flatMap { Double($0.1) }
    #expect(try #require(served, "\(message)") >= 3)
    #expect(words.contains("They reached the new color alone from"), "\(message)")
    try await world.demandIntegrity(overlaps: true)
  }

  @Test("A version that goes bad while users reach both is left at once, and never was alone")
  func degraded() async throws {
    let world = try await tagged(faults: ["error-rate": "1", "bad-after-real-requests": "1"])
    let run = try await world.tagflip("run")
    #expect(run.status == 10, "\(run.errors)\(run.output)")
    #expect(
      try await world.kubectl("get", "service", "web", "-o", "jsonpath={.spec.selector}") == #"{"app":"web","tagflip.dev/color":"blue"}"#)
    #expect(world.selectors.allSatisfy { $0["tagflip.dev/color"] != "green" })
    try await world.demandIntegrity(overlaps: true)
  }

  @Test("A person goes back while users reach both, which status tells")
  func rollback() async throws {
    let world = try await tagged()
    try world.write("team/services/web/cutover.yaml", world.shortBake + "overlap: 60s")
    try await world.release("1.2.0")
    let run = try world.start(["run"])
    try await world.wait(until: "users reach both") { sawBoth(world) }
    let status = try await world.tagflip("status", "web")
    #expect(status.output.contains("web: users reach both colors, 1.2.0 on green and 1.0.0 on blue"), "\(status.output)\(status.errors)")
    let live = try await world.verifyLive()
    #expect(live.status == 0 && live.output.contains("and what was there before"), "\(live.output)\(live.errors)")
    let back = try await world.tagflip("rollback", "web", "--reason", "orders fail")
    #expect(back.status == 0, "\(back.errors)\(back.output)")
    #expect(try await world.activeColor() == "blue")
    #expect(try await run.wait().status == 10)
    try await world.demandIntegrity(overlaps: true)
  }
}
