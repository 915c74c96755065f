import AuditTrail
import ClusterDriver
import HTTPTransport
import HealthProbes
import KubernetesClient
import Notices
import PlanFiles
import ReleaseEngine
import ReleaseModel

#if canImport(Glibc)
  import Glibc
#endif

/// The composition root: decides what stands behind each of the engine's ports.
struct Composition {
  let settings: Settings
  let settingsPath: String
  let http = HTTPClient(userAgent: "tagflip/\(Tagflip.version)")

  /// Reads the settings.
  init(_ options: SharedOptions) throws(PortError) { try self.init(settingsAt: options.settings) }

  /// - Parameter path: nil for where they lie if nobody says otherwise.
  init(settingsAt path: String?) throws(PortError) {
    let path = path ?? getenv("TAGFLIP_SETTINGS").map { String(cString: $0) } ?? "config/tagflip.yaml"
    let bytes = try Files.read(path, attempted: "read the settings", hint: "name the file: --settings PATH, or $TAGFLIP_SETTINGS")
    settings = try SettingsFile.settings(bytes, path: path)
    settingsPath = path
  }

  /// Everything that a verb needs.
  /// - Parameters:
  ///   - files: stand for the release repo's; nil for those of the repo itself.
  ///   - asksCluster: without it no kubeconfig is needed, and no cluster can be reached.
  func installation(
    narrator: any Narrator, files: (any RepositoryFiles)? = nil, asksCluster: Bool = true
  ) throws(PortError) -> Installation {
    let clock = SystemClock()
    let access = asksCluster ? try access() : ClusterAccess(server: "http://none.invalid")
    for warning in access.warnings { narrator.tell(.remark(nil, warning)) }
    let client = client(access) { narrator.tell(.remark(nil, $0)) }
    let driver = KubernetesDriver(client: client, stateNamespace: settings.stateNamespace, clock: clock)
    let git = gitPorts(narrator)
    let key = installationKey()
    let ports = Ports(
      tags: git.tags, plans: PlanReader(files: files ?? git.files, settings: settings), audit: git.audit,
      exhibits: git.exhibits, operators: git.operators, services: driver,
      environments: driver, colors: driver, standbyPods: driver, rehearsals: driver, adopter: driver, runners: driver,
      renderer: EnvironmentRenderer(key: key.bytes),
      images: images(driver, clock: clock, asksCluster: asksCluster), state: driver,
      seal: key.seal, leases: driver,
      identity: driver, gates: gates(client, apiServer: access.server), notifier: notifier(), clock: clock, random: SystemRandom(),
      narrator: narrator)
    return Installation(ports: ports, settings: settings, botVersion: Tagflip.version, run: Self.runName())
  }

  /// Looks at all that this installation needs.
  /// - Parameter access: the way to the cluster, or why there is none.
  func doctor(_ installation: Installation, _ access: Result<ClusterAccess, PortError>) -> Doctor {
    var (way, fault): (ClusterAccess, PortError?) = (ClusterAccess(server: "http://none.invalid"), nil)
    switch access {
    case .success(let found): way = found
    case .failure(let error): fault = error
    }
    let client = KubernetesClient(access: way, http: http)
    let driver = KubernetesDriver(client: client, stateNamespace: settings.stateNamespace, clock: installation.ports.clock)
    let narrator = installation.ports.narrator
    return Doctor(
      installation: installation, driver: driver, keys: KeyCheck(seal: installation.ports.seal),
      checkPush: { () throws(PortError) in try await auditRemote(narrator).checkPush() },
      localTime: { .ofThisMachine }, noCluster: fault)
  }

  /// The installation's key. One that cannot be had keeps nobody from going back: whoever needs it is told.
  private func installationKey() -> (bytes: [UInt8]?, seal: JournalSeal) {
    guard let reference = settings.stateKey else { return (nil, .none) }
    do throws(PortError) {
      let bytes = Array(try Secrets.value(of: reference, for: "the installation's key").utf8)
      guard bytes.count >= JournalSeal.shortestKey else {
        throw PortError(
          .configuration, attempted: "find the installation's key", reason: "it is shorter than \(JournalSeal.shortestKey) bytes",
          hint: "make one: openssl rand -hex 32", location: SourceLocation(file: settingsPath))
      }
      return (bytes, .key(bytes))
    } catch {
      return (nil, .unavailable(error))
    }
  }

  /// Another name for every process: host, process id and a random part.
  private static func runName() -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    gethostname(&buffer, buffer.count - 1)
    let host = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return "\(host)-\(getpid())-\(String(UInt32.random(in: .min ... .max), radix: 16))"
  }

  // MARK: HTTP

  private func gates(_ client: KubernetesClient, apiServer: String) -> any Gates {
    HTTPGates(
      http: http, policy: settings.policy, api: ServiceProxyRoute(client: client), apiServer: apiServer, version: Tagflip.version)
  }

  private func notifier() -> any Notifier {
    WebhookNotifier(http: http, settings: settings.notices, policy: settings.policy) { reference throws(PortError) in
      try Secrets.value(of: reference, for: "the notices' address")
    }
  }
}
