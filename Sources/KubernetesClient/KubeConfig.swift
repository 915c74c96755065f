import FoundationEssentials
import HTTPTransport
package import KubernetesModel

/// A kubeconfig (https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/), already parsed from its YAML.
package struct KubeConfig: Sendable {
  private let document: JSON
  private let path: String
  private let folder: String

  /// - Parameter path: the file's path, for messages and for the relative paths in it.
  package init(document: JSON, path: String) {
    self.document = document
    self.path = path
    folder = path.contains("/") ? String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)]) : "."
  }

  /// The access that a context names.
  /// - Parameter context: nil for the file's `current-context`.
  package func access(context name: String? = nil) throws(ClusterAccessError) -> ClusterAccess {
    guard let name = name ?? document["current-context"]?.string, !name.isEmpty else {
      throw fault("names no current-context", "name one in the settings: cluster.context")
    }
    let context = try entry("contexts", name, "context")
    let clusterName = try text(context, "cluster", of: "context \(name)")
    let cluster = try entry("clusters", clusterName, "cluster")
    // A context without a user is anonymous.
    let userName = optional(context, "user") ?? ""
    let user = userName.isEmpty ? [:] : try entry("users", userName, "user")
    let server = try text(cluster, "server", of: "cluster \(clusterName)")
    guard server.hasPrefix("https://") || server.hasPrefix("http://") else {
      throw fault("cluster \(clusterName): server \"\(HTTPError.redacted(server))\" is no http or https URL", "correct it")
    }
    return ClusterAccess(
      server: server, tls: try tls(cluster, user, clusterName, userName), token: try token(user, userName),
      namespace: optional(context, "namespace"), proxy: optional(cluster, "proxy-url"))
  }

  private func tls(_ cluster: JSON, _ user: JSON, _ clusterName: String, _ userName: String) throws(ClusterAccessError) -> TLSSettings {
    var tls = TLSSettings()
    tls.isVerified = cluster["insecure-skip-tls-verify"]?.bool != true
    if tls.isVerified { tls.certificateAuthority = try material(cluster, "certificate-authority", "cluster \(clusterName)") }
    tls.serverName = optional(cluster, "tls-server-name")
    tls.clientCertificate = try material(user, "client-certificate", "user \(userName)")
    tls.clientKey = try material(user, "client-key", "user \(userName)")
    guard (tls.clientCertificate == nil) == (tls.clientKey == nil) else {
      throw fault("user \(userName) has a client certificate or a key without the other", "give both")
    }
    return tls
  }

  private func token(_ user: JSON, _ name: String) throws(ClusterAccessError) -> ClusterAccess.TokenSource {
    // The file counts where both are given, as for kubectl: it is the one that is kept fresh.
    if let file = optional(user, "tokenFile") { return .file(resolved(file)) }
    if let token = optional(user, "token") { return .fixed(token) }
    for key in ["exec", "auth-provider", "username"] where user[key].map({ !$0.isNull }) ?? false {
      throw fault(
        "user \(name) authenticates by \(key), which is not supported",
        "give it a token (kubectl create token SERVICEACCOUNT), a tokenFile or a client certificate")
    }
    return .none
  }

  /// Inline data, or a file's content.
  private func material(_ entry: JSON, _ key: String, _ owner: String) throws(ClusterAccessError) -> [UInt8]? {
    if let text = optional(entry, "\(key)-data") {
      // Folded YAML leaves white space in it.
      guard let data = Data(base64Encoded: text.filter { !$0.isWhitespace }) else {
        throw fault("\(owner): \(key)-data is not base64", "correct it")
      }
      return Array(data)
    }
    guard let file = optional(entry, key) else { return nil }
    return try FileText.read(resolved(file), because: "\(key) of \(owner) in \(path)", hint: "correct the path, or use \(key)-data")
  }

  private func resolved(_ file: String) -> String { file.hasPrefix("/") ? file : "\(folder)/\(file)" }

  private func entry(_ list: String, _ name: String, _ field: String) throws(ClusterAccessError) -> JSON {
    let all = document[list]?.array ?? []
    guard let found = all.first(where: { $0["name"]?.string == name })?[field] else {
      let known = all.compactMap { $0["name"]?.string }.joined(separator: ", ")
      throw fault("has no \(field) \"\(name)\"", known.isEmpty ? "it has none at all" : "it has: \(known)")
    }
    return found
  }

  private func text(_ entry: JSON, _ key: String, of owner: String) throws(ClusterAccessError) -> String {
    guard let text = optional(entry, key) else { throw fault("\(owner) names no \(key)", "add it") }
    return text
  }

  /// A text that says something.
  private func optional(_ entry: JSON, _ key: String) -> String? { entry[key]?.string.flatMap { $0.isEmpty ? nil : $0 } }

  private func fault(_ reason: String, _ hint: String) -> ClusterAccessError { ClusterAccessError(file: path, reason: reason, hint: hint) }
}
