import Digests
import HTTPTransport
import ImageRegistry
import ReleaseEngine
import ReleaseModel
import TestSupport
import Testing

/// Debian's `docker-registry` on loopback, by TLS of a private authority, with users of its own; gone with its owner.
private final class DockerRegistry: Sendable {
  static let isAvailable = isInstalled("docker-registry", "htpasswd", "openssl", "curl")

  let scratch: Scratch
  let port: Int
  let authority: String

  init(authenticates: Bool = true) throws {
    scratch = try Scratch()
    let auth = authenticates ? "auth: {htpasswd: {realm: shop, path: \(scratch.path)/users}}\n" : ""
    try scratch.write(
      "registry.yml",
      "version: 0.1\nlog: {level: info}\nstorage: {filesystem: {rootdirectory: \(scratch.path)/data}}\n"
        + "http: {addr: '127.0.0.1:0', tls: {certificate: \(scratch.path)/server.pem, key: \(scratch.path)/key.pem}}\n" + auth)
    let port = try scratch.sh(
      """
      {
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=ca -keyout ca.key -out ca.pem
        openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=registry -keyout key.pem -out server.csr
        printf 'subjectAltName=IP:127.0.0.1' > san
        openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile san -out server.pem
        htpasswd -Bbc users ada 's3cret:pass'
      } >/dev/null 2>&1
      OTEL_TRACES_EXPORTER=none docker-registry serve registry.yml </dev/null >log 2>&1 &
      echo $! > pid
      for i in $(seq 1500); do
        sed -n 's/.*listening on 127.0.0.1:\\([0-9]*\\).*/\\1/p' log | head -n 1 | grep . && exit 0
        sleep 0.02
      done
      cat log; exit 1
      """)
    self.port = try #require(Int(port))
    authority = try scratch.sh("cat ca.pem")
  }

  deinit { _ = try? scratch.sh("kill $(cat pid)") }

  var host: String { "127.0.0.1:\(port)" }

  /// Pushes blobs and a manifest by plain PUTs, as the specification has them.
  func push(_ repository: String, _ tag: String, _ manifest: String, type: String, blobs: [String] = []) throws -> Digest {
    for blob in blobs {
      try scratch.write("blob", blob)
      try scratch.sh(
        """
        \(curl) -D head -o /dev/null -X POST https://\(host)/v2/\(repository)/blobs/uploads/
        place=$(tr -d '\\r' < head | sed -n 's/^[Ll]ocation: //p')
        \(curl) -o /dev/null -X PUT -H 'Content-Type: application/octet-stream' --data-binary @blob "$place&digest=\(RegistryBench.digest(blob))"
        """)
    }
    try scratch.write("manifest", manifest)
    try scratch.sh(
      "\(curl) -o /dev/null -X PUT -H 'Content-Type: \(type)' --data-binary @manifest https://\(host)/v2/\(repository)/manifests/\(tag)")
    return RegistryBench.digest(manifest)
  }

  private var curl: String { "curl -sSf --cacert ca.pem -u 'ada:s3cret:pass'" }

  /// A manifest of a configuration and no layers, and the configuration.
  static func image(_ architecture: String) -> (manifest: String, config: String) {
    let config = #"{"architecture":"\#(architecture)","os":"linux","rootfs":{"type":"layers","diff_ids":[]},"config":{}}"#
    let manifest =
      #"{"schemaVersion":2,"mediaType":"\#(manifestType)","config":{"mediaType":"application/vnd.oci.image.config.v1+json","#
      + #""digest":"\#(RegistryBench.digest(config))","size":\#(config.utf8.count)},"layers":[]}"#
    return (manifest, config)
  }

  static let manifestType = "application/vnd.oci.image.manifest.v1+json"
  static let indexType = "application/vnd.oci.image.index.v1+json"

  func bench(_ password: String? = "s3cret:pass", trusting: Bool = true) -> RegistryBench {
    var bench = RegistryBench(host: host)
    bench.files.files = ["ca.pem": authority, "config.json": RegistryBench.config(host, "ada", password ?? "")]
    bench.settings = ImageSettings(
      registries: [
        RegistrySettings(host: host, config: password == nil ? nil : "config.json", certificateAuthority: trusting ? "ca.pem" : nil)
      ])
    return bench
  }
}

/// What a real registry says.
@Suite(
  .onOwnThread,
  .enabled(
    if: DockerRegistry.isAvailable, "docker-registry, htpasswd, openssl or curl is missing: apt-get install docker-registry apache2-utils"))
struct DockerRegistryTests {
  @Test func `an image appears: absent first, then found with the digest that it was pushed with`() async throws {
    let registry = try DockerRegistry()
    let bench = registry.bench()
    guard case .absent(let host, let words) = try await bench.ask() else { throw Unexpected(what: "it is there") }
    #expect(host == registry.host && words.contains("UNKNOWN"), "\(words)")
    let (manifest, config) = DockerRegistry.image("amd64")
    let digest = try registry.push("shop/web", "1.4.0", manifest, type: DockerRegistry.manifestType, blobs: [config])
    #expect(try await bench.ask() == .found(ResolvedImage(digest: digest, parts: [RegistryBench.digest(config)])))
    guard case .absent(_, let other) = try await bench.ask("shop/web:1.5.0") else { throw Unexpected(what: "it is there") }
    #expect(other.contains("MANIFEST_UNKNOWN"), "\(other)")
    #expect(try await bench.ask("shop/web@\(digest)") == .found(ResolvedImage(digest: digest, parts: [RegistryBench.digest(config)])))
    guard case .absent = try await bench.ask("shop/web@\(RegistryBench.part("ab"))") else { throw Unexpected(what: "it is there") }
  }

  @Test func `an index is found with its platforms, and a tag that moves is what it is now`() async throws {
    let registry = try DockerRegistry()
    let bench = registry.bench()
    var parts: [Digest] = []
    for architecture in ["amd64", "arm64"] {
      let (manifest, config) = DockerRegistry.image(architecture)
      parts.append(
        try registry.push(
          "shop/web", "\(RegistryBench.digest(manifest))", manifest, type: DockerRegistry.manifestType, blobs: [config]))
    }
    func index(_ parts: [Digest]) -> String {
      let entries = parts.map { part in
        #"{"mediaType":"\#(DockerRegistry.manifestType)","digest":"\#(part)","size":2,"platform":{"architecture":"amd64","os":"linux"}}"#
      }
      return #"{"schemaVersion":2,"mediaType":"\#(DockerRegistry.indexType)","manifests":[\#(entries.joined(separator: ","))]}"#
    }
    let both = try registry.push("shop/web", "1.4.0", index(parts), type: DockerRegistry.indexType)
    let sorted = parts.sorted { $0.hex < $1.hex }
    #expect(try await bench.ask() == .found(ResolvedImage(digest: both, parts: sorted)))
    let one = try registry.push("shop/web", "1.4.0", index([parts[0]]), type: DockerRegistry.indexType)
    #expect(try await bench.ask() == .found(ResolvedImage(digest: one, parts: [parts[0]])))
  }

  @Test func `without credentials, or with wrong ones, it is a denial`() async throws {
    let registry = try DockerRegistry()
    for bench in [registry.bench(nil), registry.bench("wrong")] {
      let error = try await bench.failure()
      #expect(error.kind == .forbidden && error.reason.contains("401"), "\(error)")
      #expect(!error.description.contains("wrong"))
    }
  }

  @Test func `a pull secret opens it`() async throws {
    let registry = try DockerRegistry()
    var bench = registry.bench(nil)
    bench.cluster.secrets = ["regcred": RegistryBench.config("https://\(registry.host)", "ada", "s3cret:pass")]
    bench.allowed = ["regcred"]
    guard case .absent = try await bench.ask(secrets: [PullSecret(name: "regcred")]) else { throw Unexpected(what: "it is there") }
  }

  @Test func `an authority that the settings do not name is not trusted, and that is no answer`() async throws {
    let registry = try DockerRegistry(authenticates: false)
    let error = try await registry.bench(nil, trusting: false).failure()
    #expect(error.kind == .unreachable && error.hint?.contains("certificateAuthority") == true, "\(error)")
    guard case .absent = try await registry.bench(nil).ask() else { throw Unexpected(what: "it is there") }
  }
}
