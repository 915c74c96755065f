package import HTTPTransport

/// How one API server is reached and what is shown to it.
package struct ClusterAccess: Sendable {
  /// `https://host:port` and perhaps a path, without a slash at the end.
  package var server: String
  package var tls: TLSSettings
  package var credentials: Credentials
  /// Whom the caller acts as, by a right to do so of his own; nil for himself.
  package var impersonation: Impersonation?
  /// The context's namespace; nil where it names none.
  package var namespace: String?
  /// The URL of the proxy to go through; nil for what the environment says.
  package var proxy: String?
  /// What a person should know before this access is used, a sentence each.
  package var warnings: [String]

  package init(
    server: String, tls: TLSSettings = TLSSettings(), credentials: Credentials = .none, impersonation: Impersonation? = nil,
    namespace: String? = nil, proxy: String? = nil, warnings: [String] = []
  ) {
    self.server = (try? HTTPBase(server))?.url ?? server
    self.tls = tls
    self.credentials = credentials
    self.impersonation = impersonation
    self.namespace = namespace
    self.proxy = proxy
    self.warnings = warnings
  }

  /// What says who the caller is, besides a certificate. It never shows what is secret in it.
  package enum Credentials: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    case none
    case token(String)
    /// A file that is read again when a request is made: projected tokens rotate.
    case tokenFile(String)
    /// HTTP's Basic scheme (RFC 7617).
    case basic(user: String, password: String)
    /// A program that tells a token or a certificate.
    case plugin(ExecPlugin)

    package var description: String {
      switch self {
      case .none: "no token"
      case .token: "a token"
      case .tokenFile(let path): "the token in \(path)"
      case .basic(let user, _): "the password of \(user)"
      case .plugin(let plugin): "\(plugin)"
      }
    }

    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
  }

  /// Whom a request is to count as (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation).
  package struct Impersonation: Sendable, Hashable {
    package var user: String
    package var uid: String?
    package var groups: [String]
    package var extra: [String: [String]]

    package init(user: String, uid: String? = nil, groups: [String] = [], extra: [String: [String]] = [:]) {
      self.user = user
      self.uid = uid
      self.groups = groups
      self.extra = extra
    }
  }
}

extension ClusterAccess: CustomStringConvertible, CustomReflectable {
  package var description: String { "\(HTTPError.redacted(server)) with \(credentials), \(tls)" }
  package var customMirror: Mirror { Mirror(self, children: ["server": HTTPError.redacted(server), "credentials": credentials]) }
}

extension ClusterAccess.Impersonation {
  /// The headers that ask for it. A key's bytes that no header name may hold are escaped, as client-go does.
  var headers: [HTTPHeader] {
    var headers = [HTTPHeader("Impersonate-User", user)]
    if let uid { headers.append(HTTPHeader("Impersonate-Uid", uid)) }
    headers += groups.map { HTTPHeader("Impersonate-Group", $0) }
    for (key, values) in extra.sorted(by: { $0.key < $1.key }) {
      headers += values.map { HTTPHeader("Impersonate-Extra-\(PercentEncoding.escaped(key))", $0) }
    }
    return headers
  }
}
