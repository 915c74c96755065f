import HTTPTransport
import KubernetesModel
import TestSupport
import Testing

@testable import KubernetesClient

@Suite("Several kubeconfigs")
struct KubeConfigMergeTests {
  private static func config(_ files: [(String, JSON)]) -> KubeConfig {
    KubeConfig(files: files.map { KubeConfigFile(document: $0.1, path: $0.0) })
  }

  private static let first: JSON = [
    "current-context": "", "clusters": [["name": "c", "cluster": ["server": "https://a"]]],
    "users": [["name": "u", "user": ["token": "a"]]], "contexts": [["name": "one", "context": ["cluster": "c", "user": "u"]]],
  ]
  private static let second: JSON = [
    "current-context": "two",
    "clusters": [
      ["name": "c", "cluster": ["server": "https://b", "tls-server-name": "x", "proxy-url": "http://p"]],
      ["name": "d", "cluster": ["server": "https://d"]],
    ],
    "users": [["name": "u", "user": ["tokenFile": "other", "as": "ada"]], ["name": "v", "user": ["tokenFile": "token"]]],
    "contexts": [
      ["name": "one", "context": ["cluster": "d", "user": "v", "namespace": "shop"]],
      ["name": "two", "context": ["cluster": "d", "user": "v"]], ["name": "mixed", "context": ["cluster": "c", "user": "u"]],
    ],
  ]

  @Test func `give an entry by the first that has one of its name, whole`() throws {
    let config = Self.config([("/a/config", Self.first), ("/b/config", Self.second)])
    for context in ["one", "mixed"] {
      let access = try config.access(context: context)
      #expect(access.server == "https://a")
      #expect(access.tls.serverName == nil && access.proxy == nil && access.impersonation == nil && access.namespace == nil)
      #expect(KubeConfigTests.token(access) == "fixed a")
    }
  }

  @Test func `give the first current context that is named, and paths by the file in which they stand`() throws {
    let access = try Self.config([("/a/config", Self.first), ("/b/config", Self.second)]).access()
    #expect(access.server == "https://d")
    #expect(KubeConfigTests.token(access) == "file /b/token")
    let other = try Self.config([("/b/config", Self.second), ("/a/config", Self.first)]).access(context: "one")
    #expect(other.server == "https://d" && other.namespace == "shop")
  }

  @Test func `are blamed by name for what is in one, and together for what is in none`() throws {
    var broken = Self.second
    broken["users"] = [["name": "v", "user": ["token": 7]]]
    let config = Self.config([("/a/config", Self.first), ("/b/config", broken)])
    #expect(#expect(throws: ClusterAccessError.self) { try config.access() }?.file == "/b/config")
    let missing = #expect(throws: ClusterAccessError.self) { try config.access(context: "none") }
    #expect(missing?.description == "/a/config, /b/config: has no context \"none\"; it has: one, two, mixed")
    let twice = Self.config([("/a/config", Self.first), ("/b/config", ["users": [["name": "x"], ["name": "x"]]])])
    #expect(#expect(throws: ClusterAccessError.self) { try twice.access(context: "one") }?.file == "/b/config")
    #expect(#expect(throws: ClusterAccessError.self) { try Self.config([]).access() }?.file == nil)
  }
}

@Suite("kubectl", .onOwnThread, .enabled(if: isInstalled("kubectl"), "needs kubectl, to read the same files"))
struct KubectlMergeTests {
  /// Files that share a few names, so that they contradict each other.
  private static func files(_ random: inout Seeded) -> [JSON] {
    (0..<Int.random(in: 1...4, using: &random)).map { _ in
      func some(_ names: [String]) -> [String] { names.filter { _ in random.flips(0.6) } }
      var file: JSON = ["apiVersion": "v1", "kind": "Config"]
      if random.flips(0.7) { file["current-context"] = .string(["one", "two", ""].randomElement(using: &random) ?? "") }
      file["clusters"] = .array(some(["c", "d"]).map { ["name": .string($0), "cluster": cluster(&random)] })
      file["users"] = .array(some(["u", "v"]).map { ["name": .string($0), "user": user(&random)] })
      file["contexts"] = .array(
        some(["one", "two"]).map { name in
          var context: JSON = ["cluster": random.flips(0.5) ? "c" : "d", "user": random.flips(0.5) ? "u" : "v"]
          if random.flips(0.5) { context["namespace"] = .string("n\(random.next() % 10)") }
          return ["name": .string(name), "context": context]
        })
      return file
    }
  }

  private static func cluster(_ random: inout Seeded) -> JSON {
    var cluster: JSON = ["server": .string("https://h\(random.next() % 100)")]
    if random.flips(0.3) { cluster["tls-server-name"] = "kubernetes" }
    if random.flips(0.3) { cluster["proxy-url"] = "http://p:3128" }
    if random.flips(0.3) {
      cluster["certificate-authority-data"] = "Q0E="
    } else if random.flips(0.3) {
      cluster["certificate-authority"] = "pki/ca.crt"
    }
    return cluster
  }

  private static func user(_ random: inout Seeded) -> JSON {
    var user: JSON = random.flips(0.5) ? ["token": .string("t\(random.next() % 100)")] : ["username": "ada", "password": "pw"]
    if random.flips(0.3) {
      user["as"] = "ada"
      user["as-groups"] = ["ops", "dev"]
    }
    if random.flips(0.3) {
      user["client-certificate"] = "pki/cert.pem"
      user["client-key-data"] = "S0VZ"
    }
    return user
  }

  /// What an access is, secrets and all.
  private static func words(_ config: KubeConfig) -> String {
    do throws(ClusterAccessError) {
      let access = try config.access()
      let impersonation = access.impersonation.map { "\($0.user) \($0.groups)" } ?? "-"
      let tls = [access.tls.certificateAuthority, access.tls.clientCertificate, access.tls.clientKey].map {
        String(decoding: $0 ?? [], as: UTF8.self)
      }
      return
        "\(access.server) \(access.namespace ?? "-") \(access.proxy ?? "-") \(access.tls.serverName ?? "-") \(tls) "
        + "\(KubeConfigTests.token(access)) as \(impersonation)"
    } catch {
      return "none"
    }
  }

  @Test(arguments: 1...12) func `merges as this does`(seed: Int) throws {
    var random = Seeded(UInt64(seed))
    let scratch = try Scratch()
    let documents = Self.files(&random)
    for (number, document) in documents.enumerated() {
      try scratch.sh("mkdir -p \(number)/pki; for f in ca.crt cert.pem; do echo \"\(number) $f\" > \(number)/pki/$f; done")
      try scratch.write("\(number)/config", document.text)
    }
    let paths = documents.indices.map { "\(scratch.path)/\($0)/config" }
    let list = paths.joined(separator: ":")
    // Flattened, it holds what its files held, and no path depends on where it lies.
    let view = "KUBECONFIG=\(list) kubectl config view --merge --flatten --minify --raw -o json"
    let theirs = try scratch.sh("\(view) 2>/dev/null || echo '{}'")
    let ours = KubeConfig(files: zip(paths, documents).map { KubeConfigFile(document: $1, path: $0) })
    #expect(Self.words(ours) == Self.words(KubeConfig(document: try JSON(parsing: theirs), path: "/kubectl")))
  }
}
