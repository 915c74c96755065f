import KubernetesModel
import ReleaseEngine
import ReleaseModel
import Testing

@testable import ClusterDriver

// What cannot stand twice, or is a slip of the pen, is refused with the file and line, before anything is asked of a cluster.
@Suite struct RenderingRefusalTests {
  struct Case: Sendable, CustomStringConvertible {
    let description: String
    let objects: [JSON]
    /// What the reason must say.
    let reason: String
    /// The line of the object that is to blame.
    let line: Int?

    init(_ description: String, _ objects: [JSON], says reason: String, line: Int? = 1) {
      self.description = description
      self.objects = objects
      self.reason = reason
      self.line = line
    }
  }

  /// What is declared to act without the Service, and cannot as it is.
  static let runs: [(String, [JSON], [RunRule], String)] = [
    ("a rule about nothing", [Fixture.deployment()], [Fixture.runs[0]], "runs names Deployment worker, which the manifests lack"),
    ("a Job without a rule", [Fixture.deployment(), Fixture.migration()], [], "acts without the Service"),
    ("a CronJob without a rule", [Fixture.deployment(), Fixture.nightly], [Fixture.runs[2]], "runs names Job migrate"),
    ("nothing that users reach", [Fixture.worker], [Fixture.runs[0]], "hold no Deployment"),
    (
      "an autoscaler of what is held at 0", [Fixture.deployment(), Fixture.worker, Fixture.autoscaler("worker")], [Fixture.runs[0]],
      "which runs only while users are on its color"
    ),
    (
      "a Job that is deleted by itself",
      [Fixture.deployment(), Fixture.changed(Fixture.migration()) { $0["spec", "ttlSecondsAfterFinished"] = 60 }], [Fixture.runs[2]],
      "its result with it"
    ),
    (
      "a suspended Job", [Fixture.deployment(), Fixture.changed(Fixture.migration()) { $0["spec", "suspend"] = true }], [Fixture.runs[2]],
      "would never end"
    ),
    (
      "a Job with a selector", [Fixture.deployment(), Fixture.changed(Fixture.migration()) { $0["spec", "manualSelector"] = true }],
      [Fixture.runs[2]], "a selector of its own"
    ),
    (
      "a selector that matches a Job's pods",
      [
        Fixture.deployment(),
        Fixture.changed(Fixture.migration()) { $0["spec", "template", "metadata", "labels"] = ["app": "web"] },
      ], [Fixture.runs[2]], "also matches the pods of the Job migrate"
    ),
    (
      "an annotation of the bot's",
      [Fixture.changed(Fixture.deployment()) { $0["metadata", "annotations"] = ["tagflip.dev/runs": "when-active"] }], [],
      "it uses the annotation tagflip.dev/runs"
    ),
  ]

  @Test("What acts without the Service and cannot be handed over is refused", arguments: runs.indices)
  func unhandable(_ index: Int) {
    let (what, objects, rules, words) = Self.runs[index]
    let error = #expect(throws: PortError.self) { try Fixture.render(objects, runs: rules) }
    #expect(error?.kind == .configuration && error?.reason.contains(words) == true, "\(what): \(error?.reason ?? "")")
  }

  static let cases: [Case] = [
    Case("no Deployment", [Fixture.configMap()], says: "hold no Deployment", line: nil),
    Case(
      "another kind", [Fixture.deployment(), ["apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": ["name": "j"]]],
      says: "cannot hold apps/v1/StatefulSet", line: 11),
    Case("the same object twice", [Fixture.deployment(), Fixture.configMap(), Fixture.configMap()], says: "twice", line: 21),
    Case("no selector", [Fixture.deployment { $0["spec", "selector"] = nil }], says: "no spec.selector"),
    Case("an empty selector", [Fixture.deployment { $0["spec", "selector"] = ["matchLabels": [:]] }], says: "no spec.selector"),
    Case(
      "a selector for other pods", [Fixture.deployment { $0["spec", "selector", "matchLabels"] = ["app": "x"] }], says: "does not match"),
    Case("a paused Deployment", [Fixture.deployment { $0["spec", "paused"] = true }], says: "is paused"),
    Case("another namespace", [Fixture.deployment { $0["metadata", "namespace"] = "other" }], says: "namespace other"),
    Case(
      "a label of the bot's", [Fixture.deployment { $0["spec", "template", "metadata", "labels", "tagflip.dev/color"] = "blue" }],
      says: "tagflip.dev/color"),
    Case(
      "the active Service among the objects", [Fixture.deployment(), Fixture.innerService("web")], says: "not part of an environment",
      line: 11),
    Case(
      "the preview Service among the objects", [Fixture.deployment(), Fixture.innerService("web-preview")],
      says: "not part of an environment", line: 11),
    Case(
      "a Service name too long for a color", [Fixture.deployment(), Fixture.innerService(String(repeating: "a", count: 58))],
      says: "longer than 63", line: 11),
    Case(
      "a fixed node port",
      [Fixture.deployment(), with(Fixture.innerService()) { $0["spec", "ports"] = [["port": 80, "nodePort": 30080]] }],
      says: "node port 30080", line: 11),
    Case(
      "a fixed cluster IP", [Fixture.deployment(), with(Fixture.innerService()) { $0["spec", "clusterIP"] = "10.96.0.7" }],
      says: "10.96.0.7", line: 11),
    Case(
      "an inner Service over other pods", [Fixture.deployment(), with(Fixture.innerService()) { $0["spec", "selector"] = ["app": "x"] }],
      says: "matches no pods", line: 11),
    Case("a budget over other pods", [Fixture.deployment(), Fixture.budget(selecting: ["app": "x"])], says: "matches no pods", line: 11),
    Case("an autoscaler of something else", [Fixture.deployment(), Fixture.autoscaler("worker")], says: "Deployment worker", line: 11),
    Case(
      "a shared ServiceAccount that names a colored Secret",
      [Fixture.deployment(), Fixture.secret(), with(Fixture.serviceAccount()) { $0["imagePullSecrets"] = [["name": "web"]] }],
      says: "Secret web", line: 21),
    Case(
      "a Deployment that also selects another's pods",
      [
        Fixture.deployment(),
        Fixture.deployment("worker") {
          $0["spec", "template", "metadata", "labels"] = ["app": "web", "role": "worker"]
          $0["spec", "selector", "matchLabels"] = ["role": "worker"]
        },
      ], says: "also matches the pods of the Deployment worker"),
  ]

  private static func with(_ json: JSON, _ edit: (inout JSON) -> Void) -> JSON {
    var json = json
    edit(&json)
    return json
  }

  @Test("An environment that cannot stand twice is refused", arguments: cases)
  func refused(_ test: Case) throws {
    let error = try #require(throws: PortError.self) { try Fixture.render(test.objects) }
    #expect(error.kind == .configuration)
    #expect(error.reason.contains(test.reason), "\(error)")
    if let line = test.line {
      #expect(error.location == SourceLocation(file: "services/web/manifests/all.yaml", line: line))
    }
  }

  // The plan's images: a rule that fits nothing, a version that is no tag, a digest that is none.
  static let rules: [(ImageRule, String, String)] = [
    (ImageRule(name: "registry.example/wep", tag: "{version}"), "1.4.0", "no container runs the image registry.example/wep"),
    (ImageRule(name: "registry.example/web", tag: "{version}"), "1.4.0+build.7", "cannot stand as an image tag"),
    (ImageRule(name: "registry.example/web", digest: "sha256:12"), "1.4.0", "is no digest"),
  ]

  @Test("A rule for images that cannot hold is refused", arguments: rules)
  func rule(_ rule: ImageRule, _ version: String, _ reason: String) throws {
    let blueprint = try Fixture.blueprint([Fixture.deployment()], images: [rule], version: version)
    let error = try #require(throws: PortError.self) { try EnvironmentRenderer().render(blueprint, color: .blue) }
    #expect(error.kind == .configuration)
    #expect(error.reason.contains(reason))
    #expect(error.location?.file == "services/web/cutover.yaml")
  }
}
