import KubernetesModel
import Testing

/// What is done past tagflip, by the hand of `kubectl`: what `audit verify --cluster` says of it.
@Suite("Live verification", .serialized)
struct LiveTests {
  /// Users are on green, 1.1.0, and blue stands by.
  private func released() async throws -> World {
    let world = try await World.make()
    _ = try await world.tagflip("run")
    for version in ["1.0.0", "1.1.0"] {
      try await world.release(version)
      _ = try await world.tagflip("run")
    }
    let before = try await world.verifyLive()
    #expect(before.status == 0, "\(before.output)\(before.errors)")
    #expect(before.output.contains("1 service, 1 Deployment, 2 pods compared with the records; it saw the branch at"), "\(before.output)")
    return world
  }

  /// One thing that people do to a cluster.
  struct Hand: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// The code of what is found, and words that must be in it.
    var code: String
    var words: [String]
    var act: @Sendable (World) async throws -> Void
  }

  private static func selector(_ color: String) -> String { #"{"spec":{"selector":{"tagflip.dev/color":"\#(color)"}}}"# }

  static let hands: [Hand] = [
    Hand(
      testDescription: "the selector is patched", code: "live-bypass",
      words: [
        "the Service selects blue in Service shop-", "and the records leave users on green (1.1.0); kubectl-patch wrote the selector at",
      ]
    ) { world in _ = try await world.kubectl("patch", "service", "web", "-p", selector("blue")) },
    Hand(
      testDescription: "the selector is patched, and put back before anybody looks", code: "live-edited",
      words: ["kubectl-patch wrote the selector of Service shop-", "after the records brought users to green (1.1.0)"]
    ) { world in
      for color in ["blue", "green"] { _ = try await world.kubectl("patch", "service", "web", "-p", selector(color)) }
    },
    Hand(
      testDescription: "the selector gets one more label", code: "live-bypass",
      words: ["the selector of Service shop-", "has tier against the last record"]
    ) { world in _ = try await world.kubectl("patch", "service", "web", "-p", #"{"spec":{"selector":{"tier":"x"}}}"#) },
    Hand(
      testDescription: "another image is set", code: "live-bypass",
      words: ["names the image registry.example/web:9.9.9, and its plan does not; kubectl-set wrote it at"]
    ) { world in
      _ = try await world.kubectl("set", "image", "deployment/web-green", "web=registry.example/web:9.9.9")
      _ = try await world.kubectl("rollout", "status", "deployment/web-green", "--timeout=60s")
    },
    Hand(
      testDescription: "another image is set, and taken back", code: "live-edited",
      words: ["the pod template of Deployment shop-", "its revision is 3, and the record saw 1; it names the planned images again"]
    ) { world in
      let image = try await world.kubectl("get", "deployment", "web-green", "-o", "jsonpath={.spec.template.spec.containers[0].image}")
      for image in ["registry.example/web:9.9.9", image] {
        _ = try await world.kubectl("set", "image", "deployment/web-green", "web=\(image)")
        _ = try await world.kubectl("rollout", "status", "deployment/web-green", "--timeout=60s")
      }
    },
    Hand(
      testDescription: "what users are on is scaled", code: "live-bypass", words: ["wrote spec.replicas of Deployment shop-", "kubectl"]
    ) { world in
      _ = try await world.kubectl("scale", "deployment/web-green", "--replicas=1")
      _ = try await world.kubectl("rollout", "status", "deployment/web-green", "--timeout=60s")
    },
    Hand(
      testDescription: "what users are on is paused", code: "live-bypass", words: ["is paused: what is written to it takes no effect"]
    ) { world in _ = try await world.kubectl("rollout", "pause", "deployment/web-green") },
    Hand(
      testDescription: "the marker is edited", code: "live-edited",
      words: ["kubectl-annotate wrote tagflip.dev/version of Service shop-"]
    ) { world in _ = try await world.kubectl("annotate", "service", "web", "--overwrite", "tagflip.dev/version=1.0.9") },
    Hand(
      testDescription: "the marker is spoilt", code: "live-edited",
      words: ["annotation tagflip.dev/fence holds \"lots\", which tagflip did not write"]
    ) { world in _ = try await world.kubectl("annotate", "service", "web", "--overwrite", "tagflip.dev/fence=lots") },
    Hand(
      testDescription: "the Service is deleted and made anew", code: "live-bypass",
      words: ["was deleted and made anew since: its uid is"]
    ) { world in
      _ = try await world.kubectl("delete", "service", "web")
      try world.write("anew.json", World.service(world.namespace, selector: #"{"app":"web","tagflip.dev/color":"green"}"#))
      _ = try await world.kubectl("create", "-f", "\(world.root)/anew.json")
    },
    Hand(testDescription: "the Service is deleted", code: "live-differs", words: ["is gone, and the records speak of it"]) { world in
      _ = try await world.kubectl("delete", "service", "web")
    },
    Hand(
      testDescription: "the Deployment is deleted and made anew", code: "live-bypass",
      words: ["Deployment shop-", "was deleted and made anew since"]
    ) { world in
      var json = try JSON(parsing: try await world.kubectl("get", "deployment", "web-green", "-o", "json"))
      for key in ["uid", "resourceVersion", "managedFields", "creationTimestamp", "generation"] { json["metadata", key] = nil }
      json["status"] = nil
      _ = try await world.kubectl("delete", "deployment", "web-green")
      try world.write("anew.json", json.text)
      _ = try await world.kubectl("create", "-f", "\(world.root)/anew.json")
      _ = try await world.kubectl("rollout", "status", "deployment/web-green", "--timeout=60s")
    },
    Hand(
      testDescription: "a pod made by hand takes users", code: "live-unrecorded",
      words: ["sends users to stray, which bear no rollout's id"]
    ) { world in
      try world.write(
        "stray.json",
        """
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"stray","labels":{"app":"web","tagflip.dev/color":"green"}},
         "spec":{"containers":[{"name":"web","image":"registry.example/web:1.1.0"}]}}
        """)
      _ = try await world.kubectl("create", "-f", "\(world.root)/stray.json")
    },
  ]

  @Test("What a hand does past tagflip is found, with its name", arguments: hands)
  func hand(_ hand: Hand) async throws {
    let world = try await released()
    try await Task.sleep(for: .seconds(1))
    try await hand.act(world)
    let verified = try await world.verifyLive()
    #expect(verified.status == 40, "\(verified.output)\(verified.errors)")
    #expect(verified.output.contains("ERROR  \(hand.code)"), "\(verified.output)")
    for words in hand.words { #expect(verified.output.contains(words), "\(verified.output)") }
    #expect(verified.output.contains("services/web/records/"), "the record is named")
  }

  @Test("A clone that lacks what the cluster knows is behind, or of a branch that was rewritten")
  func anchor() async throws {
    let world = try await released()
    _ = try await world.gitOutput(["-C", "\(world.root)/releases.git", "update-ref", "refs/heads/tagflip/audit", "tagflip/audit~1"])
    let verified = try await world.verifyLive()
    #expect(verified.status == 40)
    #expect(verified.output.contains("ERROR  anchor-not-reached"), "\(verified.output)")
    #expect(verified.output.contains("so that it may merely be behind: fetch"), "\(verified.output)")
  }

  @Test("What is decided and not in Git yet is told, and is no error")
  func pending() async throws {
    let world = try await released()
    try world.write("tagflip.yaml", world.settings().replacing("{url: releases.git", with: "{url: nosuch.git"))
    let back = try await world.tagflip("rollback", "web")
    #expect(back.status == 0, "\(back.errors)")
    let verified = try await world.verifyLive()
    #expect(verified.output.contains("notice  live-pending"), "\(verified.output)")
    #expect(!verified.output.contains("live-differs") && !verified.output.contains("live-bypass"), "\(verified.output)")
    try world.write("tagflip.yaml", world.settings())
    _ = try await world.tagflip("run")
    let recorded = try await world.verifyLive()
    #expect(recorded.status == 0, "\(recorded.output)")
  }

  @Test("A cluster that cannot be read is told, and counts as nothing")
  func unreadable() async throws {
    let world = try await released()
    try world.write(
      "dead.json",
      #"""
      {"apiVersion": "v1", "kind": "Config", "current-context": "x",
       "clusters": [{"name": "x", "cluster": {"server": "http://127.0.0.1:9"}}], "users": [{"name": "x", "user": {}}],
       "contexts": [{"name": "x", "context": {"cluster": "x", "user": "x"}}]}
      """#)
    try world.write("tagflip.yaml", world.settings().replacing("kubeconfig: kubeconfig", with: "kubeconfig: dead.json"))
    let verified = try await world.verifyLive()
    #expect(verified.status == 40, "\(verified.errors)")
    #expect(verified.output.contains("WARNING  live-unreadable") && verified.output.contains("NOT READ: 2 things"), "\(verified.output)")
  }
}
