import AuditTrail
import ClusterDriver
import FoundationEssentials
import GitStore
import HTTPTransport
import HealthProbes
import KubernetesClient
import KubernetesModel
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
  private let http = HTTPClient(userAgent: "tagflip/\(Tagflip.version)")

  /// Reads the settings.
  init(_ options: SharedOptions) throws(PortError) {
    let path = options.settings ?? getenv("TAGFLIP_SETTINGS").map { String(cString: $0) } ?? "config/tagflip.yaml"
    let bytes = try Files.read(path, attempted: "read the settings", hint: "name the file: --settings PATH, or $TAGFLIP_SETTINGS")
    settings = try SettingsFile.settings(bytes, path: path)
    settingsPath = path
  }

  /// Everything a run needs.
  func installation(narrator: any Narrator, files: (any RepositoryFiles)? = nil) throws(PortError) -> Installation {
    let clock = SystemClock()
    let client = try kubernetes()
    let driver = KubernetesDriver(client: client, stateNamespace: settings.stateNamespace, clock: clock)
    let release = try remote(settings.repository, narrator)
    let auditSettings = settings.audit
    let audit = try auditSettings.remote.map { remote throws(PortError) in try self.remote(remote, narrator) } ?? release
    let repository = files ?? GitFiles(remote: release, branch: settings.repository.branch)
    let ports = Ports(
      tags: GitTags(
        remote: release, branch: settings.repository.branch, auditBranch: auditSettings.remote == nil ? auditSettings.branch : nil),
      plans: PlanReader(files: repository, settings: settings),
      audit: GitAuditLog(remote: audit, settings: auditSettings, now: { Int64(Date().timeIntervalSince1970) }), services: driver,
      environments: driver, colors: driver, rehearsals: driver, renderer: EnvironmentRenderer(), state: driver, leases: driver,
      identity: driver, gates: gates(client), notifier: notifier(), clock: clock, random: SystemRandom(), narrator: narrator)
    return Installation(ports: ports, settings: settings, botVersion: Tagflip.version, run: Self.runName())
  }

  /// Another name for every process: host, process id and a random part.
  private static func runName() -> String {
    var buffer = [CChar](repeating: 0, count: 256)
    gethostname(&buffer, buffer.count - 1)
    let host = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return "\(host)-\(getpid())-\(String(UInt32.random(in: .min ... .max), radix: 16))"
  }

  // MARK: Kubernetes

  private func kubernetes() throws(PortError) -> KubernetesClient {
    KubernetesClient(access: try access(), http: http)
  }

  private func access() throws(PortError) -> ClusterAccess {
    let environment = ProcessInfo.processInfo.environment
    do throws(ClusterAccessError) {
      let path = settings.cluster.kubeconfig ?? (environment["KUBERNETES_SERVICE_HOST"] == nil ? environment["KUBECONFIG"] : nil)
      guard let path else { return try ClusterAccess.inCluster(environment: environment) }
      return try KubeConfig(document: try kubeconfig(path), path: path).access(context: settings.cluster.context)
    } catch {
      throw PortError(
        .configuration, attempted: "find the cluster", reason: error.reason, hint: error.hint,
        location: error.file.map { SourceLocation(file: $0) })
    }
  }

  private func kubeconfig(_ path: String) throws(ClusterAccessError) -> JSON {
    do throws(PortError) {
      return try YAMLDocument.json(
        try Files.read(path, attempted: "read the kubeconfig", hint: "correct cluster.kubeconfig in the settings"), path: path)
    } catch {
      throw ClusterAccessError(file: path, reason: error.reason, hint: error.hint ?? "correct it")
    }
  }

  // MARK: Git

  private func remote(_ repository: RepositorySettings, _ narrator: any Narrator) throws(PortError) -> GitRemote {
    var tls = TLSSettings()
    if let path = repository.certificateAuthority {
      tls.certificateAuthority = try Files.read(
        path, attempted: "read the Git server's certificate authority", hint: "correct the settings")
    }
    var basic: RemoteAccess.Basic?
    if let username = repository.username {
      let password = try repository.password.map { secret throws(PortError) in try Secrets.value(of: secret, for: "the Git password") }
      basic = RemoteAccess.Basic(user: username, password: password ?? "")
    }
    var ssh = RemoteAccess.SSH()
    ssh.identityFile = repository.identity
    try Files.makeParent(of: repository.cache)
    do throws(GitError) {
      let access = RemoteAccess(url: try RemoteURL(parsing: repository.url), basic: basic, tls: tls, ssh: ssh)
      let store = try GitStore(
        cache: repository.cache, client: http, report: { narrator.tell(.remark(nil, $0)) })
      return GitRemote(store: store, access: access)
    } catch {
      throw PortError(
        .configuration, attempted: "open the repository", reason: error.description, hint: "correct repository.url in the settings",
        location: SourceLocation(file: settingsPath))
    }
  }

  // MARK: HTTP

  private func gates(_ client: KubernetesClient) -> any Gates {
    HTTPGates(http: http, policy: settings.policy, api: ServiceProxyRoute(client: client), version: Tagflip.version)
  }

  private func notifier() -> any Notifier {
    WebhookNotifier(http: http, settings: settings.notices, policy: settings.policy) { reference throws(PortError) in
      try Secrets.value(of: reference, for: "the notices' address")
    }
  }
}
