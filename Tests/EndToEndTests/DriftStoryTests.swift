import KubernetesModel
import Testing

/// A hand changes what users are on while no rollout is open: told, on record, and never put right.
@Suite("What another hand changes", .serialized) struct DriftStoryTests {
  /// So that each run looks: an index that was written by no run yet has nothing due.
  private func look(_ world: World) async throws -> Command.Result {
    _ = try await world.kubectl("delete", "configmap", "tagflip-index", namespace: world.state)
    return try await world.tagflip("run")
  }

  @Test("A size, an image and a ConfigMap that a hand changed are reported by log and commit, and the live color is left as it is")
  func story() async throws {
    let world = try await World.make()
    _ = try await world.tagflip("run")
    for version in ["1.0.0", "1.1.0"] {
      try await world.release(version) { world in
        let config = "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {greeting: hello}\n"
        try world.write("team/services/web/manifests/settings.yaml", config)
      }
      let run = try await world.tagflip("run")
      try #require(run.status == 0, "\(run.errors)\(run.output)")
    }
    let clean = try await look(world)
    #expect(clean.status == 0 && !clean.errors.contains("warning"), "\(clean.errors)")
    #expect(try await !world.log().contains { $0.contains("drift") })
    #expect(try await world.tagflip("run").output == "nothing to do\n")

    _ = try await world.kubectl("scale", "deployment/web-green", "--replicas=3")
    let scaled = try await look(world)
    #expect(scaled.status == 0, "\(scaled.errors)\(scaled.output)")
    let words = "Deployment web-green has 3 pods, the release left it 2"
    #expect(
      scaled.errors.contains("\(words) (last written by kubectl") && scaled.errors.contains("recorded drift report"), "\(scaled.errors)")
    #expect(
      scaled.errors.contains("put it back: kubectl -n \(world.namespace) scale deployment/web-green --replicas=2"), "\(scaled.errors)")
    #expect(try await world.log().last == "Report drift on web 1.1.0: \(words)")
    #expect(try await world.replicas("green") == "3", "nothing is put right")

    let container = try await world.kubectl(
      "get", "deployment", "web-green", "-o", "jsonpath={.spec.template.spec.containers[0].name}")
    _ = try await world.kubectl("set", "image", "deployment/web-green", "\(container)=registry.example/web:debug")
    _ = try await world.kubectl("delete", "configmap", "settings-green")
    let changed = try await look(world)
    #expect(changed.status == 0, "\(changed.errors)\(changed.output)")
    #expect(
      try await world.log().last == "Report drift on web 1.1.0: ConfigMap settings-green, which users were on, is gone (and 2 more)")
    #expect(changed.errors.contains("runs registry.example/web:debug in container \(container), the release left it"), "\(changed.errors)")
    let same = try await look(world)
    #expect(same.errors.contains("settings-green") && !same.errors.contains("recorded"), "\(same.errors)")
    let status = try await world.tagflip("status", "web")
    #expect(status.output.contains("drift") && status.output.contains("first seen by a run at"), "\(status.output)")
    let json = try JSON(parsing: Array(try await world.tagflip("status", "web", "--output", "json").output.utf8))
    #expect(json.text.contains("settings-green") && json.text.contains("driftSince"), "\(json.text)")
    #expect(try await world.activeColor() == "green")
    #expect(
      try await world.kubectl("get", "deployment", "web-green", "-o", "jsonpath={.spec.template.spec.containers[0].image}")
        == "registry.example/web:debug", "what users are on is not touched")

    let verified = try await world.readTrail(
      "verify", "--releases", "\(world.root)/releases.git", "--trust", "\(world.root)/allowed-signers")
    #expect(verified.status == 0, "\(verified.output)\(verified.errors)")

    // The next release is built as ever, at the size that users have now. What it left stands by now, until it is needed by nobody.
    try await world.release("1.2.0")
    let next = try await world.tagflip("run")
    #expect(next.status == 0, "\(next.errors)\(next.output)")
    let over = try await look(world)
    #expect(over.status == 0, "\(over.errors)")
    #expect(try await world.replicas("blue") == "3")
    #expect(
      try await world.log().last == "Report drift on web 1.2.0: ConfigMap settings-green, which a rollback rests on, is gone (and 1 more)",
      "\(over.errors)")
    #expect(try await world.tagflip("retire", "web").status == 0)
    let ended = try await look(world)
    #expect(ended.status == 0 && !ended.errors.contains("warning"), "\(ended.errors)")
    #expect(try await world.log().last == "No drift on web 1.2.0 any more", "\(ended.errors)")
    let trail = try await world.readTrail("verify", "--releases", "\(world.root)/releases.git", "--trust", "\(world.root)/allowed-signers")
    #expect(trail.status == 0, "\(trail.output)\(trail.errors)")
  }
}
