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
    let userName = try text(context, "user", of: "context \(name)")
    let cluster = try entry("clusters", clusterName, "cluster")
    let user = try entry("users", userName, "user")
    if let proxy = cluster["proxy-url"]?.string, !proxy.isEmpty {
      throw fault("cluster \(clusterName) wants a proxy (proxy-url), which is not supported yet", "set HTTPS_PROXY instead")
    }
    let server = try text(cluster, "server", of: "cluster \(clusterName)")
    guard server.hasPrefix("https://") || server.hasPrefix("http://") else {
      throw fault("cluster \(clusterName): server \"\(server)\" is no http or https URL", "correct it")
    }
    return ClusterAccess(
      server: server, tls: try tls(cluster, user, clusterName, userName), token: try token(user, userName),
      namespace: context["namespace"]?.string)
  }

  private func tls(_ cluster: JSON, _ user: JSON, _ clusterName: String, _ userName: String) throws(ClusterAccessError) -> TLSSettings {
    var tls = TLSSettings()
    tls.isVerified = cluster["insecure-skip-tls-verify"]?.bool != true
    if tls.isVerified { tls.certificateAuthority = try material(cluster, "certificate-authority", "cluster \(clusterName)") }
    tls.serverName = cluster["tls-server-name"]?.string
    tls.clientCertificate = try material(user, "client-certificate", "user \(userName)")
    tls.clientKey = try material(user, "client-key", "user \(userName)")
    guard (tls.clientCertificate == nil) == (tls.clientKey == nil) else {
      throw fault("user \(userName) has a client certificate or a key without the other", "give both")
    }
    return tls
  }

  private func token(_ user: JSON, _ name: String) throws(ClusterAccessError) -> ClusterAccess.TokenSource {
    if let token = user["token"]?.string, !token.isEmpty { return .fixed(token) }
    if let file = user["tokenFile"]?.string, !file.isEmpty { return .file(resolved(file)) }
    for key in ["exec", "auth-provider", "username"] where user[key] != nil {
      throw fault(
        "user \(name) authenticates by \(key), which is not supported yet",
        "give it a token: kubectl create token SERVICEACCOUNT, or a client certificate")
    }
    return .none
  }

  /// Inline data, or a file's content.
  private func material(_ entry: JSON, _ key: String, _ owner: String) throws(ClusterAccessError) -> [UInt8]? {
    if let text = entry["\(key)-data"]?.string, !text.isEmpty {
      guard let data = Data(base64Encoded: text) else { throw fault("\(owner): \(key)-data is not base64", "correct it") }
      return Array(data)
    }
    guard let file = entry[key]?.string, !file.isEmpty else { return nil }
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
    guard let text = entry[key]?.string, !text.isEmpty else { throw fault("\(owner) names no \(key)", "add it") }
    return text
  }

  private func fault(_ reason: String, _ hint: String) -> ClusterAccessError { ClusterAccessError(file: path, reason: reason, hint: hint) }
}
