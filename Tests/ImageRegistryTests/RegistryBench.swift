import Digests
import FoundationEssentials
import HTTPTransport
import ImageRegistry
import ReleaseEngine
import ReleaseModel
import Synchronization
import TestSupport
import Testing

/// A resolver and what it asks, on loopback; its clock goes as far as it is slept on.
struct RegistryBench {
  static let manifest = #"{"schemaVersion":2,"config":{"digest":"sha256:\#(String(repeating: "c0", count: 32))"},"layers":[]}"#
  static let index =
    #"{"schemaVersion":2,"manifests":[{"digest":"\#(part("aa"))","platform":{"architecture":"amd64","os":"linux"}},"#
    + #"{"digest":"\#(part("bb"))","platform":{"architecture":"arm64","os":"linux"}},"#
    + #"{"digest":"\#(part("ee"))","platform":{"architecture":"unknown","os":"unknown"},"annotations":"#
    + #"{"vnd.docker.reference.type":"attestation-manifest"}}]}"#

  static func part(_ byte: String) -> String { "sha256:" + String(repeating: byte, count: 32) }
  static func digest(_ text: String) -> Digest { Digest(of: Array(text.utf8)) }

  /// The registry as an image names it.
  let host: String
  let clock = SleepingClock()
  var settings: ImageSettings
  var files = MemoryNamedFiles()
  var cluster = MemoryPullSecrets()
  var allowed: [String] = []
  var environment: [String: String] = [:]
  let http = HTTPClient(userAgent: "tagflip/test")

  /// Kept for as long as it is asked.
  private var server: LoopbackServer?

  init(_ server: LoopbackServer) {
    self.init(host: "\(server.host):\(server.port)")
    self.server = server
  }

  init(host: String, insecure: Bool = true) {
    self.host = host
    settings = ImageSettings(registries: [RegistrySettings(host: host, isInsecure: insecure)])
  }

  var resolver: RegistryResolver {
    RegistryResolver(
      http: http, clock: clock, settings: settings, secrets: cluster, allowed: allowed, environment: environment, files: files)
  }

  func ask(_ image: String = "shop/web:1.4.0", secrets: [PullSecret] = []) async throws -> ImageAnswer {
    try await ask(resolver, image, secrets: secrets)
  }

  func ask(_ resolver: RegistryResolver, _ image: String, secrets: [PullSecret] = []) async throws -> ImageAnswer {
    try await resolver.resolve(try #require(ImageReference("\(host)/\(image)")), secrets: secrets, namespace: "shop")
  }

  /// What keeps an answer from coming.
  func failure(_ image: String = "shop/web:1.4.0", secrets: [PullSecret] = []) async throws -> PortError {
    do {
      let answer = try await ask(image, secrets: secrets)
      if case .denied(let error) = answer { return error }
      throw Unexpected(what: "\(answer)")
    } catch let error as PortError {
      return error
    }
  }

  static func config(_ host: String, _ user: String = "ada", _ password: String = "s3cret") -> String {
    #"{"auths":{"\#(host)":{"auth":"\#(Base64.encode(Array("\(user):\(password)".utf8)))"}}}"#
  }
}

struct Unexpected: Error { var what: String }

/// The files that settings name, in memory.
struct MemoryNamedFiles: NamedFiles {
  var files: [String: String] = [:]

  func read(_ path: String) throws(PortError) -> [UInt8] {
    if let text = files[path] { return Array(text.utf8) }
    throw PortError(.configuration, attempted: "read \(path)", reason: "there is no such file")
  }
}

/// Pull secrets of a cluster, in memory; notes which were read.
struct MemoryPullSecrets: PullSecretSource {
  final class Log: Sendable {
    let names = Mutex<[String]>([])
  }

  var secrets: [String: String] = [:]
  /// What the cluster says instead of a Secret.
  var failure: PortError?
  let log = Log()

  func dockerConfig(of secret: String, namespace: String) async throws(PortError) -> [UInt8]? {
    log.names.withLock { $0.append("\(namespace)/\(secret)") }
    if let failure { throw failure }
    return secrets[secret].map { Array($0.utf8) }
  }
}

/// Time passes where somebody sleeps, and nowhere else.
final class SleepingClock: RunClock {
  private let time = Mutex(Duration.zero)
  private let pauses = Mutex<[Duration]>([])
  private let stop = Mutex(false)

  var elapsed: Duration { time.withLock { $0 } }
  var isStopping: Bool { stop.withLock { $0 } }
  var slept: [Duration] { pauses.withLock { $0 } }

  func advance(_ span: Duration) { time.withLock { $0 += span } }

  func sleep(for span: Duration) async throws {
    pauses.withLock { $0.append(span) }
    advance(span)
  }
}

extension LoopbackServer {
  /// A server that answers requests as registries do: HEAD gets no body.
  convenience init(registry answer: @escaping @Sendable (Request) -> Answer) throws {
    try self.init { request, connection in
      switch answer(request) {
      case .http(let status, let headers, let body):
        guard request.method == "HEAD" else { return connection.reply(status, headers, body) }
        let lines = ["HTTP/1.1 \(status) Whatever"] + headers + ["Content-Length: \(body.utf8.count)", "", ""]
        connection.write(lines.joined(separator: "\r\n"))
      case .bytes(let text):
        connection.write(text)
        connection.close()
      case .hangUp, .reset, .silence, .late: connection.close()
      }
    }
  }

  /// What it was asked, in short: `HEAD /v2/…`.
  var asked: [String] { requests.map { "\($0.method) \($0.target)" } }
}

extension LoopbackServer.Answer {
  /// A manifest with its digest, as registries send it.
  static func manifest(_ text: String = RegistryBench.manifest) -> Self {
    .ok(text, ["Docker-Content-Digest: \(RegistryBench.digest(text))"])
  }

  static func unknown(_ code: String = "MANIFEST_UNKNOWN") -> Self {
    .http(404, ["Content-Type: application/json"], #"{"errors":[{"code":"\#(code)","message":"manifest unknown"}]}"#)
  }
}
