import KubernetesModel
import Testing

/// Every outcome that needs no approval and every decision on tags, through the real binary, a real bare repository and a cluster.
@Suite("End to end", .serialized)
struct EndToEndTests {
  @Test("What existed before the first run is noted and never released; the first release goes live; a run without news says so")
  func firstRelease() async throws {
    let world = try await World.make()
    try await world.tag("web/v0.9.0")
    let first = try await world.tagflip("run")
    #expect(first.status == 0, "\(first.errors)")
    #expect(first.output.contains("noted 1 tag, released none"))
    #expect(try await world.activeColor() == "none")
    try await world.release("1.0.0")
    let second = try await world.tagflip("run")
    #expect(second.status == 0, "\(second.errors)\(second.output)")
    #expect(try await world.activeColor() == "blue")
    #expect(try await world.replicas("blue") == "2")
    let third = try await world.tagflip("run")
    #expect(third.output == "nothing to do\n")
    #expect(try await world.log().map { $0.split(separator: ":")[0] } == ["Note web", "Plan web 1.0.0", "Promote web 1.0.0"])
    try await world.demandIntegrity()
  }

  @Test("A good release is promoted, a bad one rolled back by itself and quarantined, one that fails its smoke test is never seen")
  func story() async throws {
    let world = try await World.make()
    _ = try await world.tagflip("run")
    try await world.release("1.0.0")
    _ = try await world.tagflip("run")
    try await world.release("1.1.0")
    let promoted = try await world.tagflip("run")
    #expect(promoted.status == 0, "\(promoted.errors)")
    #expect(try await world.activeColor() == "green")
    try await world.release("1.2.0", faults: ["error-rate": "1", "bad-after-real-requests": "1"])
    let rolledBack = try await world.tagflip("run")
    #expect(rolledBack.status == 10, "\(rolledBack.errors)\(rolledBack.output)")
    #expect(try await world.activeColor() == "green")
    #expect(try await world.replicas("blue") == "0")
    try await world.release("1.3.0", faults: ["error-rate": "1"])
    let failed = try await world.tagflip("run")
    #expect(failed.status == 11, "\(failed.errors)\(failed.output)")
    #expect(try await world.activeColor() == "green")
    #expect(try await world.trailers("Outcome").filter { !$0.isEmpty } == ["promoted", "promoted", "rolled-back", "failed"])
    #expect(!world.selectors.isEmpty)
    let status = try await world.tagflip("status", "web")
    #expect(status.output.contains("users are on green, 1.1.0"), "\(status.output)")
    try await world.demandIntegrity()
  }

  @Test("A crash loop and a missing image end the deploy at once, or after the image's wait")
  func deployFailures() async throws {
    let world = try await World.make()
    _ = try await world.tagflip("run")
    try await world.release("1.0.0")
    _ = try await world.tagflip("run")
    try await world.release("1.1.0", faults: ["crashloop": "true"])
    let crash = try await world.tagflip("run")
    #expect(crash.status == 11, "\(crash.errors)\(crash.output)")
    #expect(crash.output.contains("CrashLoopBackOff") || crash.output.contains("restarted"), "\(crash.output)")
    try await world.release("1.2.0", faults: ["image-pull-error": "true"])
    let image = try await world.tagflip("run")
    #expect(image.status == 11, "\(image.errors)\(image.output)")
    #expect(image.output.contains("ImagePull"), "\(image.output)")
    #expect(try await world.activeColor() == "blue")
    try await world.demandIntegrity()
  }

  @Test("Tags are refused for what they are: moved, of equal precedence, prereleases, not above what is live; lower ones are superseded")
  func tagDecisions() async throws {
    let world = try await World.make()
    _ = try await world.tagflip("run")
    try await world.release("1.0.0")
    _ = try await world.tagflip("run")
    try await world.release("1.1.0")
    try await world.release("1.2.0")
    let superseding = try await world.tagflip("run")
    #expect(superseding.status == 0, "\(superseding.errors)\(superseding.output)")
    #expect(try await world.log().contains { $0.hasPrefix("Supersede web 1.1.0") })
    try await world.commit("Something else")
    try await world.tag("web/v1.2.0", force: true)
    try await world.tag("web/v1.0.5")
    try await world.tag("web/v1.3.0-rc.1")
    try await world.tag("web/v1.4.0+a")
    try await world.tag("web/v1.4.0+b")
    try await world.tag("web/v1.x")
    try await world.tag("nosuch/v1.0.0")
    let refused = try await world.tagflip("run")
    #expect(refused.status == 13, "\(refused.errors)\(refused.output)")
    #expect(refused.output.contains("1.2.0: refused: the tag moved"))
    #expect(refused.output.contains("1.0.5: refused: not above what is live"))
    #expect(refused.output.contains("1.3.0-rc.1: refused") && refused.output.contains("prerelease"))
    #expect(refused.output.contains("1.4.0+a: refused") && refused.output.contains("equal precedence"))
    #expect(refused.errors.contains("names no service") && refused.errors.contains("no semantic version"))
    #expect(try await world.tagflip("run").output == "nothing to do\n")
    #expect(try await world.activeColor() == "green")
    try await world.demandIntegrity()
  }

  @Test("A person's rollback goes to the warm standby, quarantines what it left, and a retry lets it in again")
  func rollbackAndRetry() async throws {
    let world = try await World.make()
    _ = try await world.tagflip("run")
    for version in ["1.0.0", "1.1.0"] {
      try await world.release(version)
      _ = try await world.tagflip("run")
    }
    let back = try await world.tagflip("rollback", "web", "--reason", "customers complain")
    #expect(back.status == 0, "\(back.errors)")
    #expect(back.output.contains("users are back on blue"))
    #expect(try await world.activeColor() == "blue")
    #expect(try await world.log().last?.hasPrefix("Roll back web 1.1.0") == true)
    let retry = try await world.tagflip("retry", "web", "1.1.0", "--reason", "it was the network")
    #expect(retry.status == 0, "\(retry.errors)")
    let again = try await world.tagflip("run")
    #expect(again.status == 0, "\(again.errors)\(again.output)")
    #expect(try await world.activeColor() == "green")
    let old = try await world.tagflip("retry", "web", "1.0.0")
    #expect(old.status == 0, "\(old.errors)")
    let older = try await world.tagflip("run")
    #expect(older.status == 0, "\(older.errors)\(older.output)")
    #expect(try await world.tagflip("status", "web").output.contains("1.0.0"))
    try await world.demandIntegrity()
  }

  @Test("A retired standby is cold: a rollback to it takes a pod start, and a second one has nothing to go back to")
  func retireAndColdRollback() async throws {
    let world = try await World.make()
    _ = try await world.tagflip("run")
    for version in ["1.0.0", "1.1.0"] {
      try await world.release(version)
      _ = try await world.tagflip("run")
    }
    let retired = try await world.tagflip("retire", "web")
    #expect(retired.output.contains("blue (1.0.0) is cold now"), "\(retired.output)\(retired.errors)")
    #expect(try await world.replicas("blue") == "0")
    let back = try await world.tagflip("rollback", "web")
    #expect(back.status == 0, "\(back.errors)")
    #expect(try await world.activeColor() == "blue")
    #expect(try await world.replicas("blue") == "2")
    let second = try await world.tagflip("rollback", "web")
    #expect(second.status == 30, "\(second.output)")
    #expect(second.errors.contains("no standby"))
    #expect(try await world.log().contains { $0.hasPrefix("Retire web 1.0.0 (blue)") })
    try await world.demandIntegrity()
  }

  @Test("A first release that goes bad stays, or is withdrawn where the plan says so", arguments: ["stay", "withdraw"])
  func firstGoesBad(first: String) async throws {
    let world = try await World.make(World.Plan(first: first))
    _ = try await world.tagflip("run")
    try await world.release("1.0.0", faults: ["error-rate": "1", "bad-after-real-requests": "1"])
    let run = try await world.tagflip("run")
    #expect(run.status == (first == "stay" ? 12 : 10), "\(run.errors)\(run.output)")
    #expect(try await world.activeColor() == (first == "stay" ? "blue" : "none"))
    #expect(try await world.trailers("Outcome").last == (first == "stay" ? "failed-exposed" : "rolled-back"))
    try await world.demandIntegrity()
  }

  @Test("A rollback before exposure aborts, also while a run is at work")
  func abort() async throws {
    let world = try await World.make()
    _ = try await world.tagflip("run")
    try await world.release("1.0.0")
    _ = try await world.tagflip("run")
    try await world.release("1.1.0", faults: ["never-ready": "true"])
    let run = try world.start(["run"])
    try await world.wait(until: run, says: "plan     ok")
    // The color has been taken: what is aborted has something to stop.
    try await world.wait(until: "there is a web-green") {
      try await world.kubectl("get", "deployments", "-o", "name").contains("web-green")
    }
    let aborted = try await world.tagflip("rollback", "web")
    #expect(aborted.output.contains("aborted"), "\(aborted.output)\(aborted.errors)")
    let ended = try await run.wait()
    #expect(ended.status == 14, "\(ended.errors)\(ended.output)")
    #expect(try await world.activeColor() == "blue")
    #expect(try await world.replicas("green") == "0")
    #expect(try await world.trailers("Outcome").last == "aborted")
    try await world.demandIntegrity()
  }

  @Test("Where the standby cannot serve either, users stay, and the record says so loudly")
  func rollbackFails() async throws {
    let world = try await World.make(World.Plan(bake: "8s"))
    _ = try await world.tagflip("run")
    try await world.release("1.0.0")
    _ = try await world.tagflip("run")
    // Late enough that the hand which stops the standby is there first, however fast checks follow one another.
    try await world.release("1.1.0", faults: ["error-rate": "1", "bad-after-real-requests": "12"])
    let run = try world.start(["run"])
    try await world.wait(until: run, says: "cutover  ok")
    // Before the bake the standby is put back to its size; its checks of the old color go through the preview.
    try await world.wait(until: "the bake") {
      try await world.kubectl("get", "service", "web-preview", "-o", "jsonpath={.spec.selector.tagflip\\.dev/color}") == "blue"
    }
    _ = try await world.kubectl("scale", "deployment/web-blue", "--replicas=0")
    let ended = try await run.wait(seconds: 180)
    #expect(ended.status == 12, "\(ended.errors)\(ended.output)")
    #expect(try await world.activeColor() == "green")
    #expect(try await world.trailers("Outcome").last == "rollback-failed")
    try await world.demandIntegrity(hand: "admin: patch deployments/scale \(world.namespace)/web-blue")
  }

  @Test("A hand that points the Service back in the bake makes it a rollback by that hand")
  func foreignHand() async throws {
    let world = try await World.make(World.Plan(bake: "30s"))
    _ = try await world.tagflip("run")
    try await world.release("1.0.0", change: { try $0.write("team/services/web/cutover.yaml", $0.shortBake) })
    _ = try await world.tagflip("run")
    try await world.release("1.1.0", change: { try $0.write("team/services/web/cutover.yaml", $0.longBake) })
    let run = try world.start(["run"])
    try await world.wait(until: run, says: "cutover  ok")
    _ = try await world.kubectl("patch", "service", "web", "-p", #"{"spec":{"selector":{"tagflip.dev/color":"blue"}}}"#)
    let ended = try await run.wait()
    #expect(ended.status == 10, "\(ended.errors)\(ended.output)")
    #expect(try await world.activeColor() == "blue")
    #expect(try await world.trailers("Actor").last?.hasPrefix("foreign:kubectl") == true)
    try await world.demandIntegrity()
  }

  @Test("A plan that is wrong at the tag's commit is that tag's fault, and says where")
  func brokenPlan() async throws {
    let world = try await World.make()
    _ = try await world.tagflip("run")
    try await world.release("1.0.0", change: { try $0.write("team/services/web/cutover.yaml", $0.longBake + "bakke: {}\n") })
    let run = try await world.tagflip("run")
    #expect(run.output.contains("unknown key \"bakke\"") && run.output.contains("did you mean \"bake\"?"), "\(run.output)")
    #expect(run.output.contains("services/web/cutover.yaml:"))
    #expect(try await world.activeColor() == "none")
  }

  @Test("A Service without the color key is refused before anything is applied")
  func uncolored() async throws {
    let world = try await World.make()
    _ = try await world.kubectl("delete", "service", "web")
    try world.write("plain.json", World.service(world.namespace, selector: #"{"app":"web"}"#))
    _ = try await world.kubectl("create", "-f", "\(world.root)/plain.json")
    _ = try await world.tagflip("run")
    try await world.release("1.0.0")
    let run = try await world.tagflip("run")
    #expect(run.status == 30, "\(run.errors)\(run.output)")
    #expect(run.output.contains("lacks the key tagflip.dev/color"))
    #expect(try await world.kubectl("get", "deployments", "-o", "name").isEmpty)
  }

  @Test("A new tag waits for the standby's window where the plan says wait")
  func standbyWait() async throws {
    let world = try await World.make(World.Plan(whenWarm: "wait"))
    _ = try await world.tagflip("run")
    for version in ["1.0.0", "1.1.0"] {
      try await world.release(version)
      _ = try await world.tagflip("run")
    }
    try await world.release("1.2.0")
    let waiting = try await world.tagflip("run")
    #expect(waiting.status == 0)
    #expect(waiting.output.contains("waiting: blue 1.0.0 is kept warm"), "\(waiting.output)\(waiting.errors)")
    _ = try await world.tagflip("retire", "web")
    let run = try await world.tagflip("run")
    #expect(run.status == 0, "\(run.errors)")
    #expect(try await world.activeColor() == "blue")
    try await world.demandIntegrity()
  }

  @Test("An unreachable API server, an unreachable repository and a missing settings file each have their exit code and say what to do")
  func unreachable() async throws {
    let world = try await World.make()
    let settings = world.settings()
    try world.write("tagflip.yaml", settings.replacing("releases.git", with: "nosuch.git"))
    let noRepository = try await world.tagflip("run")
    #expect(noRepository.status == 30 || noRepository.status == 31, "\(noRepository.output)")
    try world.write(
      "dead.json",
      #"""
      {"apiVersion": "v1", "kind": "Config", "current-context": "x",
       "clusters": [{"name": "x", "cluster": {"server": "http://127.0.0.1:9"}}], "users": [{"name": "x", "user": {}}],
       "contexts": [{"name": "x", "context": {"cluster": "x", "user": "x"}}]}
      """#)
    try world.write("tagflip.yaml", settings.replacing("kubeconfig: kubeconfig", with: "kubeconfig: dead.json"))
    let noCluster = try await world.tagflip("status")
    #expect(noCluster.status == 31, "\(noCluster.errors)")
    #expect(noCluster.errors.contains("next:"))
    let nothing = try await Command([World.tagflip, "run", "--settings", "/nonexistent.yaml"], in: world.root).wait()
    #expect(nothing.status == 30)
    #expect(nothing.errors.contains("/nonexistent.yaml") && nothing.errors.contains("--settings"))
  }

  @Test("plan renders and checks a version before it is tagged, with and without a cluster, and changes nothing")
  func plan() async throws {
    let world = try await World.make()
    let preview = try await world.tagflip("plan", "web", "--version", "1.0.0", "--at", "\(world.root)/team")
    #expect(preview.status == 0, "\(preview.errors)\(preview.output)")
    #expect(preview.output.contains("web 1.0.0: none → blue"))
    let offline = try await world.tagflip(
      "plan", "web", "--version", "1.0.0", "--at", "\(world.root)/team", "--offline", "--output", "json")
    #expect(offline.status == 0, "\(offline.errors)")
    #expect(try JSON(parsing: offline.output)["unchecked"]?.array?.isEmpty == false)
    #expect(try await world.kubectl("get", "deployments", "-o", "name").isEmpty)
  }
}
