package import HTTPTransport

/// How one API server is reached and what is shown to it.
package struct ClusterAccess: Sendable {
  /// `https://host:port`, without a slash at the end.
  package var server: String
  package var tls: TLSSettings
  package var token: TokenSource
  /// The context's namespace; nil where it names none.
  package var namespace: String?
  /// The URL of the proxy to go through; nil for what the environment says.
  package var proxy: String?

  package init(
    server: String, tls: TLSSettings = TLSSettings(), token: TokenSource = .none, namespace: String? = nil, proxy: String? = nil
  ) {
    self.server = server.hasSuffix("/") ? String(server.dropLast()) : server
    self.tls = tls
    self.token = token
    self.namespace = namespace
    self.proxy = proxy
  }

  /// Where the bearer token comes from. It never shows itself.
  package enum TokenSource: Sendable, CustomStringConvertible {
    case none
    case fixed(String)
    /// A file that is read again when a request is made: projected tokens rotate.
    case file(String)

    package var description: String {
      switch self {
      case .none: "no token"
      case .fixed: "a token"
      case .file(let path): "the token in \(path)"
      }
    }
  }
}

extension ClusterAccess: CustomStringConvertible {
  package var description: String { "\(HTTPError.redacted(server)) with \(token), \(tls)" }
}

/// Why the API server cannot even be asked.
package struct ClusterAccessError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The file to blame, where there is one.
  package var file: String?
  package var reason: String
  package var hint: String

  package init(file: String?, reason: String, hint: String) {
    self.file = file
    self.reason = reason
    self.hint = hint
  }

  package var description: String { [file, reason].compactMap(\.self).joined(separator: ": ") + "; \(hint)" }
}

extension ClusterAccess {
  /// The folder in which a pod finds its service account (https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/).
  package static let serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

  /// The access of a pod by its service account.
  package static func inCluster(
    environment: [String: String], folder: String = serviceAccountFolder
  ) throws(ClusterAccessError) -> ClusterAccess {
    guard let host = environment["KUBERNETES_SERVICE_HOST"], let port = environment["KUBERNETES_SERVICE_PORT"] else {
      throw ClusterAccessError(
        file: nil, reason: "no kubeconfig is named and this is no pod (KUBERNETES_SERVICE_HOST is not set)",
        hint: "name one in the settings: cluster.kubeconfig")
    }
    let authority = try FileText.read(
      "\(folder)/ca.crt", because: "the pod's service account", hint: "mount its token: automountServiceAccountToken")
    let namespace = try? FileText.read("\(folder)/namespace", because: "", hint: "")
    return ClusterAccess(
      server: "https://\(host.contains(":") ? "[\(host)]" : host):\(port)", tls: TLSSettings(certificateAuthority: authority),
      token: .file("\(folder)/token"), namespace: namespace.map { String(decoding: $0, as: UTF8.self).filter { !$0.isWhitespace } })
  }
}
