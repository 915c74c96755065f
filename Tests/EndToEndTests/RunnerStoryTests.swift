import FoundationEssentials
import KubernetesModel
import Testing

/// A release with a queue's consumer, a CronJob and a migration: what acts without the Service follows users there and back.
@Suite("What acts without the Service", .serialized) struct RunnerStoryTests {
  private static let consumer = """
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: worker}
    spec:
      replicas: 2
      selector: {matchLabels: {app: worker}}
      template:
        metadata: {labels: {app: worker}}
        spec: {serviceAccountName: worker, containers: [{name: worker, image: "registry.example/web:latest"}]}
    ---
    apiVersion: v1
    kind: ServiceAccount
    metadata: {name: worker}
    """

  private static let runs = """

    identity: per-color
    runs:
      - {kind: Deployment, name: worker, runs: when-active, within: 30s}
      - {kind: CronJob, name: nightly, runs: when-active, within: 20s}
      - {kind: Job, name: migrate, runs: before-cutover, backwardCompatible: true, within: 30s}
    """

  private func release(_ world: World, _ version: String, migration: String = "succeed", faults: [String: String] = [:]) async throws {
    try await world.release(version, faults: faults) { world in
      try world.write("team/services/web/manifests/objects.yaml", World.acting(migration: migration) + Self.consumer)
      try world.write("team/services/web/cutover.yaml", world.shortBake + Self.runs)
    }
  }

  /// `2 false`: the consumer's size and whether the CronJob is suspended.
  private func acting(_ world: World, _ color: String) async throws -> String {
    try await world.kubectl("get", "deployment", "worker-\(color)", "-o", "jsonpath={.spec.replicas}") + " "
      + (try await world.kubectl("get", "cronjob", "nightly-\(color)", "-o", "jsonpath={.spec.suspend}"))
  }

  @Test("It is held until users come, follows them, comes back with them, and a migration that fails is never exposed")
  func story() async throws {
    let world = try await World.make()
    _ = try await world.tagflip("run")
    try await release(world, "1.0.0")
    let plan = try await world.tagflip("plan", "web/v1.0.0")
    #expect(
      plan.output.contains("Deployment worker-blue: only while users are on it, handed over within 30 s"), "\(plan.output)\(plan.errors)")
    #expect(plan.output.contains("Job migrate-blue: before its pods are started, within 30 s"), "\(plan.output)")
    let first = try await world.tagflip("run")
    try #require(first.status == 0, "\(first.errors)\(first.output)")
    #expect(try await acting(world, "blue") == "2 false")
    #expect(
      try await world.kubectl("get", "deployment", "worker-blue", "-o", "jsonpath={.spec.template.spec.serviceAccountName}")
        == "worker-blue")

    try await release(world, "1.1.0")
    let second = try await world.tagflip("run")
    try #require(second.status == 0, "\(second.errors)\(second.output)")
    #expect(try await acting(world, "green") == "2 false")
    #expect(try await acting(world, "blue") == "0 true")
    let record = try await world.gitOutput(["-C", "\(world.root)/releases.git", "log", "-1", "--format=%B", "tagflip/audit"])
    #expect(record.contains("what runs only when active was handed over; it ran in neither color"), "\(record)")

    #expect(try await world.tagflip("rollback", "web", "--reason", "orders fail").status == 0)
    #expect(try await acting(world, "blue") == "2 false")
    #expect(try await acting(world, "green") == "0 true")
    _ = try await world.tagflip("run")

    try await release(world, "1.2.0", migration: "fail")
    let third = try await world.tagflip("run")
    #expect(third.status == 11, "\(third.errors)\(third.output)")
    #expect(try await world.log().last?.contains("Job migrate-green, which must succeed before the color's") == true)
    #expect(
      try await world.kubectl("get", "deployments", "-l", "tagflip.dev/color=green", "-o", "name").isEmpty, "no pod of it was started")
    #expect(try await acting(world, "blue") == "2 false")

    // A bake that degrades takes it back too.
    try await release(world, "1.3.0", faults: ["error-rate": "1", "bad-after-real-requests": "1"])
    _ = try await world.tagflip("run")
    #expect(try await world.activeColor() == "blue")
    #expect(try await acting(world, "blue") == "2 false")
    try await world.demandIntegrity()
  }
}
