import Digests
import KubernetesModel
import Synchronization
import TestSupport
import Testing

/// A registry on loopback that wants a password: an image is there once it is pushed.
private final class SmallRegistry: Sendable {
  private final class Shelf: Sendable {
    let manifests = Mutex<[String: String]>([:])
  }

  private static let header = "Basic \(Base64.encode(Array("ada:s3cret".utf8)))"
  private let shelf: Shelf
  private let server: LoopbackServer

  init() throws {
    let shelf = Shelf()
    self.shelf = shelf
    server = try LoopbackServer { request, connection in
      let selector = request.target.split(separator: "/").last.map(String.init) ?? ""
      let text = shelf.manifests.withLock { all in all[selector] ?? all.values.first { Self.digest($0) == selector } }
      var (status, headers, body) = (404, [String](), #"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#)
      if request.header("authorization") != Self.header {
        (status, headers, body) = (401, ["WWW-Authenticate: Basic realm=\"small\""], "")
      } else if let text {
        (status, headers, body) = (200, ["Docker-Content-Digest: \(Self.digest(text))"], text)
      }
      guard request.method == "HEAD" else { return connection.reply(status, headers, body) }
      connection.write(
        (["HTTP/1.1 \(status) Whatever"] + headers + ["Content-Length: \(body.utf8.count)", "", ""]).joined(separator: "\r\n"))
    }
  }

  var host: String { "\(server.host):\(server.port)" }
  var requests: Int { server.requests.count }

  static func digest(_ text: String) -> String { Digest(of: Array(text.utf8)).description }

  /// Pushes an image of the tag; its digest.
  func push(_ tag: String, _ content: String = "") -> String {
    let text = #"{"schemaVersion":2,"config":{"digest":"\#(Self.digest("\(tag) \(content)"))"},"layers":[]}"#
    shelf.manifests.withLock { $0[tag] = text }
    return Self.digest(text)
  }

  var pullSecret: String { #"{"auths":{"\#(host)":{"auth":"\#(Base64.encode(Array("ada:s3cret".utf8)))"}}}"# }
}

/// A tag whose image is still being built, through the real binary and a registry that wants the pods' own pull secret.
@Suite("Images", .serialized, .enabled(if: World.realCluster == nil, "a real cluster cannot pull from this host's loopback"))
struct ImageStoryTests {
  @Test("A tag waits for its image, is released by its digest, and rolls back without the registry")
  func wait() async throws {
    let registry = try SmallRegistry()
    let world = try await World.make()
    let image = "\(registry.host)/shop/web"
    try world.write(
      "tagflip.yaml",
      world.settings("policy: {secrets: [regcred]}").replacing(
        "images: trusted", with: "images: {registries: [{host: \"\(registry.host)\", insecure: true}]}"))
    let secret: JSON = [
      "apiVersion": "v1", "kind": "Secret", "metadata": ["name": "regcred"], "type": "kubernetes.io/dockerconfigjson",
      "stringData": [".dockerconfigjson": .string(registry.pullSecret)],
    ]
    try world.write("regcred.json", secret.text)
    _ = try await world.kubectl("create", "-f", "\(world.root)/regcred.json")
    _ = try await world.tagflip("run")
    func release(_ version: String) async throws {
      try await world.release(version) { world in
        try world.write(
          "team/services/web/cutover.yaml",
          world.shortBake.replacing("registry.example/web", with: image).replacing("imagesWait: 2s", with: "imagesWait: 10m"))
        try world.write(
          "team/services/web/manifests/web.yaml",
          World.manifest([:], replicas: 2).replacing("registry.example/web", with: image).replacing(
            "      containers:", with: "      imagePullSecrets: [{name: regcred}]\n      containers:"))
      }
    }
    try await release("1.0.0")
    let waiting = try await world.tagflip("run")
    #expect(waiting.status == 0, "\(waiting.errors)")
    #expect(try await world.log().allSatisfy { !$0.contains("1.0.0") }, "nothing is announced")
    let status = try await world.tagflip("status", "web")
    #expect(status.output.contains("waits     1.0.0, since") && status.output.contains("has no image \(image):1.0.0"), "\(status.output)")
    #expect(status.output.contains("then it is refused"))

    let digest = registry.push("1.0.0")
    let preview = try await world.tagflip("plan", "web/v1.0.0")
    #expect(preview.output.contains("\(image):1.0.0@\(digest)"), "\(preview.output) \(preview.errors)")
    let released = try await world.tagflip("run")
    #expect(released.status == 0, "\(released.errors)")
    #expect(try await world.activeColor() == "blue")
    let runs = try await world.kubectl("get", "deployment", "web-blue", "-o", "jsonpath={.spec.template.spec.containers[0].image}")
    #expect(runs == "\(image):1.0.0@\(digest)")
    #expect(try await world.trailers("Image").contains("\(image):1.0.0@\(digest)"))
    #expect(try await world.trailers("Image-Digest").contains { $0.contains(digest) })

    // A tag that moves afterwards changes nothing of what runs, and going back asks nobody.
    let second = registry.push("1.1.0")
    try await release("1.1.0")
    #expect(try await world.tagflip("run").status == 0)
    #expect(try await world.trailers("Image").contains("\(image):1.1.0@\(second)"))
    let asked = registry.requests
    #expect(try await world.tagflip("rollback", "web", "--reason", "orders fail").status == 0)
    #expect(try await world.activeColor() == "blue")
    #expect(registry.requests == asked)
    try await world.demandIntegrity()

    // Credentials that count no more: loud, and nothing is decided on the tag.
    _ = try await world.kubectl("delete", "secret", "regcred")
    try await release("1.2.0")
    let denied = try await world.tagflip("run")
    #expect(denied.status == 32, "\(denied.errors)")
    #expect(denied.output.contains("Secret regcred is not in \(world.namespace)"), "\(denied.output)")
    #expect(try await world.log().allSatisfy { !$0.contains("1.2.0") })
  }
}
