import FoundationEssentials
import KubernetesModel
import Testing

/// `tagflip doctor`: what is in the way of a release is told before it is, with what to do; nothing is changed.
@Suite("Doctor", .serialized) struct DoctorTests {
  private func examine(_ world: World) async throws -> (status: Int32, verdicts: [String: String], text: String) {
    let result = try await world.tagflip("doctor", "--output", "json")
    let found = try JSON(parsing: Array(result.output.utf8)).array ?? []
    let verdicts = found.compactMap { item in item["area"]?.string.flatMap { area in item["verdict"]?.string.map { (area, $0) } } }
    let text = try await world.tagflip("doctor").output
    return (result.status, Dictionary(verdicts) { first, second in first == "ok" ? second : first }, text)
  }

  @Test("Where nothing is wrong it says so, of every thing that a run needs, and changes nothing")
  func healthy() async throws {
    let world = try await World.make()
    _ = try await world.tagflip("run")
    try await world.release("1.0.0")
    _ = try await world.tagflip("run")
    let tip = try await world.gitOutput(["-C", "\(world.root)/releases.git", "rev-parse", "tagflip/audit"])
    let (status, verdicts, text) = try await examine(world)
    #expect(status == 0, "\(text)")
    let areas: Set = [
      "signing key", "state key", "release repo", "tagflip.yaml", "audit branch", "push right", "cluster", "clock", "rights", "service web",
      "plan of web", "headroom of web",
    ]
    #expect(areas.isSubset(of: verdicts.keys) && areas.allSatisfy { verdicts[$0] == "ok" }, "\(text)")
    #expect(text.contains("nothing is in the way of a release") && text.contains("users to blue (1.0.0): 2 of 2 pods ready"), "\(text)")
    #expect(try await world.gitOutput(["-C", "\(world.root)/releases.git", "rev-parse", "tagflip/audit"]) == tip)
  }

  @Test("A missing Service, a broken plan, an unreadable key, a quota and a repository that is not there each are told with what to do")
  func ill() async throws {
    let world = try await World.make()
    try await world.release("1.0.0") { world in
      try world.write("team/services/api/cutover.yaml", "extends: none\nnamespace: \(world.namespace)\nbakee: 3\n")
      try world.write("team/tagflip.yaml", "services: [web, api]\n")
    }
    _ = try await world.kubectl("delete", "service", "web")
    try world.write("tagflip.yaml", world.settings("operators: {signers: nosuch}"))
    let (status, verdicts, text) = try await examine(world)
    #expect(status == 30, "\(text)")
    #expect(verdicts["service web"] == "failed" && text.contains("kubectl -n \(world.namespace) create service"), "\(text)")
    #expect(verdicts["plan of api"] == "failed" && text.contains("services/api/cutover.yaml:3:1"), "\(text)")
    #expect(verdicts["operators"] == "failed" && text.contains("nosuch"), "\(text)")
    #expect(verdicts["plan of web"] == "ok", "the files are looked at all the same: \(text)")
    #expect(text.contains("4 things in the way of a release"), "\(text)")

    try world.write("tagflip.yaml", world.settings().replacing("releases.git", with: "nosuch.git"))
    let gone = try await examine(world)
    #expect(gone.status == 30 && gone.verdicts["release repo"] == "failed" && gone.verdicts["push right"] == "failed", "\(gone.text)")
    #expect(gone.verdicts["cluster"] == "ok", "\(gone.text)")
  }

  @Test("Without a way to the cluster the rest is looked at, and rights are unknown")
  func noCluster() async throws {
    let world = try await World.make()
    try world.write("tagflip.yaml", world.settings().replacing("kubeconfig: kubeconfig", with: "kubeconfig: nosuch"))
    let missing = try await examine(world)
    #expect(missing.status == 30 && missing.verdicts["cluster"] == "failed" && missing.verdicts["rights"] == "unknown", "\(missing.text)")
    #expect(missing.verdicts["release repo"] == "ok" && missing.verdicts["push right"] == "ok", "\(missing.text)")
  }

  @Test("No room for a second environment is told before a tag is pushed")
  func noRoom() async throws {
    let world = try await World.make()
    _ = try await world.tagflip("run")
    try await world.release("1.0.0")
    _ = try await world.tagflip("run")
    try world.write(
      "quota.json",
      #"{"apiVersion":"v1","kind":"ResourceQuota","metadata":{"name":"small"},"spec":{"hard":{"pods":"3"}},"status":{"hard":{"pods":"3"},"used":{"pods":"2"}}}"#
    )
    _ = try await world.kubectl("create", "-f", "\(world.root)/quota.json")
    var found = try await examine(world)
    // A real quota controller fills the status in a moment later.
    for _ in 0..<50 where found.verdicts["headroom of web"] != "failed" {
      try await Task.sleep(for: .milliseconds(200))
      found = try await examine(world)
    }
    #expect(found.status == 30 && found.verdicts["headroom of web"] == "failed" && found.text.contains("quota small"), "\(found.text)")
  }
}
