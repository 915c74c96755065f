import HTTPTransport
import KubernetesModel

/// A program that tells who the caller is, as a kubeconfig's `exec` names it
/// (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins).
package struct ExecPlugin: Sendable {
  /// The longest that one run may take; it is ended then.
  package static let limit: Duration = .seconds(60)

  /// The versions of what is said to a plugin and read from it.
  enum Version: String, Sendable, CaseIterable {
    case v1 = "client.authentication.k8s.io/v1"
    case v1beta1 = "client.authentication.k8s.io/v1beta1"
  }

  let version: Version
  /// A name to look up in `PATH`, or a path.
  let command: String
  let arguments: [String]
  /// What the plugin's environment holds besides this process's. The values may be secrets.
  let environment: [String: String]
  /// The cluster to log in to; nil where the plugin does not ask for it.
  let cluster: JSON?
  /// What the kubeconfig says to whoever lacks the plugin; may be empty.
  let installHint: String
  /// `user u in /path`, for messages.
  let owner: String

  /// What the plugin finds in `KUBERNETES_EXEC_INFO`. Nobody is there to be asked.
  var information: JSON {
    var spec: JSON = ["interactive": false]
    if let cluster { spec["cluster"] = cluster }
    return ["apiVersion": .string(version.rawValue), "kind": "ExecCredential", "spec": spec]
  }
}

extension ExecPlugin: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The program and its user. Arguments and environment may hold secrets.
  package var description: String { "the plugin \(command) of \(owner)" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: ["command": command, "owner": owner]) }
}

extension ExecPlugin {
  /// - Parameters:
  ///   - exec: the user's `exec`.
  ///   - entry: the user.
  ///   - access: the cluster's, for a plugin that asks for it.
  ///   - cluster: the cluster.
  /// - Throws: ``ClusterAccessError`` for what client-go would refuse, and for a plugin that insists on a person.
  init(_ exec: JSON, of entry: KubeConfigEntry, access: ClusterAccess, cluster: KubeConfigEntry) throws(ClusterAccessError) {
    let fields = entry.nested("exec", exec)
    guard exec.object != nil else {
      throw entry.fault(": exec is no mapping", "give its apiVersion, command and interactiveMode", at: "exec")
    }
    guard let command = try fields.text("command") else { throw fields.fault(" names no command", "add it") }
    version = try ExecPlugin.version(fields)
    try ExecPlugin.checkMode(fields, version)
    self.command = command.contains("/") ? entry.file.resolved(command) : command
    arguments = try fields.texts("args")
    environment = try ExecPlugin.environment(fields)
    // JSON has a nil of its own, which is not meant.
    self.cluster = try fields.flag("provideClusterInfo") ? try ExecPlugin.information(on: cluster, access) : JSON?.none
    installHint = try fields.text("installHint") ?? ""
    owner = "\(entry.owner) in \(entry.file.path)"
    let texts = [command] + arguments + environment.flatMap { [$0.key, $0.value] }
    guard texts.allSatisfy({ !$0.utf8.contains(0) }) else { throw fields.fault(" holds a NUL, which no program can be given", "remove it") }
  }

  private static func version(_ fields: KubeConfigEntry) throws(ClusterAccessError) -> Version {
    let known = Version.allCases.map(\.rawValue).joined(separator: " or ")
    guard let name = try fields.text("apiVersion") else {
      throw fields.fault(" names no apiVersion", "write \(known), as the plugin's documentation says")
    }
    guard let version = Version(rawValue: name) else {
      throw fields.fault(
        ": the apiVersion \(name) is not supported", "have the plugin speak \(known): newer releases of it do", at: "apiVersion")
    }
    return version
  }

  private static func checkMode(_ fields: KubeConfigEntry, _ version: Version) throws(ClusterAccessError) {
    switch try fields.text("interactiveMode") {
    case "Never", "IfAvailable": return
    case nil where version == .v1beta1: return
    case nil: throw fields.fault(" names no interactiveMode, which \(version.rawValue) demands", "write Never or IfAvailable")
    case "Always":
      throw fields.fault(
        " insists on a person (interactiveMode: Always), and nobody sits at a scheduled job",
        "give the job an account of its own: a token (kubectl create token SERVICEACCOUNT), a tokenFile or a client certificate",
        at: "interactiveMode")
    case let mode?:
      throw fields.fault(": the interactiveMode \(mode) is not known", "write Never or IfAvailable", at: "interactiveMode")
    }
  }

  private static func environment(_ fields: KubeConfigEntry) throws(ClusterAccessError) -> [String: String] {
    guard let value = fields.fields["env"], !value.isNull else { return [:] }
    guard let entries = value.array else { throw fields.fault(": env is no list", "write it as: [{name: …, value: …}]", at: "env") }
    var environment: [String: String] = [:]
    for (index, entry) in entries.enumerated() {
      let variable = fields.nested("env", entry, element: index)
      guard let name = try variable.text("name"), !name.contains("=") else {
        throw variable.fault(" has a variable without a name, or with one that holds =", "write each as: {name: …, value: …}")
      }
      environment[name] = try variable.text("value") ?? ""
    }
    return environment
  }

  /// The cluster as `ExecCredential.spec.cluster` spells it, with what the kubeconfig holds for plugins alone.
  private static func information(on cluster: KubeConfigEntry, _ access: ClusterAccess) throws(ClusterAccessError) -> JSON {
    var json: JSON = ["server": .string(try cluster.text("server") ?? access.server)]
    json["tls-server-name"] = access.tls.serverName.map { .string($0) }
    if !access.tls.isVerified { json["insecure-skip-tls-verify"] = true }
    json["certificate-authority-data"] = access.tls.certificateAuthority.map { .string(Base64.text($0)) }
    json["proxy-url"] = try cluster.text("proxy-url").map { .string($0) }
    if try cluster.flag("disable-compression") { json["disable-compression"] = true }
    let own = (cluster.fields["extensions"]?.array ?? []).first { $0["name"] == "client.authentication.k8s.io/exec" }
    json["config"] = own?["extension"]
    return json
  }
}
