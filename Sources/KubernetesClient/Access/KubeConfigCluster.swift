import HTTPTransport
import KubernetesModel

/// What a kubeconfig says of a cluster.
struct KubeConfigCluster {
  /// The access of nobody in particular.
  let access: ClusterAccess

  init(_ entry: KubeConfigEntry) throws(ClusterAccessError) {
    guard let server = try entry.text("server") else { throw entry.fault(" names no server", "add it") }
    var access = ClusterAccess(server: try KubeConfigCluster.base(server, entry).url)
    access.tls.serverName = try entry.text("tls-server-name")
    access.proxy = try KubeConfigCluster.proxy(entry)
    let isInsecure = try entry.flag("insecure-skip-tls-verify")
    if isInsecure {
      for key in ["certificate-authority", "certificate-authority-data"] where try entry.text(key) != nil {
        throw entry.fault(" has both insecure-skip-tls-verify and \(key)", "remove the first: the certificate is then verified")
      }
      access.tls.isVerified = false
      access.warnings.append(
        "\(entry.owner): the API server's certificate is not verified (insecure-skip-tls-verify in \(entry.file.path)): whoever is on the way "
          + "can answer in its place and read what is shown to it; give its certificate-authority instead")
    } else {
      access.tls.certificateAuthority = try entry.material("certificate-authority")
    }
    self.access = access
  }

  private static func base(_ server: String, _ entry: KubeConfigEntry) throws(ClusterAccessError) -> HTTPBase {
    do throws(HTTPBase.Fault) {
      return try HTTPBase(server)
    } catch {
      let hint =
        switch error {
        case .noURL: "correct it"
        case .userInfo: "name them in the user: username and password"
        case .query, .fragment: "leave that out: paths of the API are put behind it"
        }
      throw entry.fault(": server \"\(HTTPError.redacted(server))\" \(error)", hint, at: "server")
    }
  }

  /// The proxy in curl's words. Its `socks5` would resolve names here, Go's does so at the proxy.
  private static func proxy(_ entry: KubeConfigEntry) throws(ClusterAccessError) -> String? {
    guard let url = try entry.text("proxy-url") else { return nil }
    guard let scheme = url.firstRange(of: "://").map({ url[..<$0.lowerBound] }), ["http", "https", "socks5"].contains(scheme),
      url.count > scheme.count + 3
    else {
      throw entry.fault(": proxy-url \"\(HTTPError.redacted(url))\" is no http, https or socks5 URL", "correct it", at: "proxy-url")
    }
    return scheme == "socks5" ? "socks5h" + url.dropFirst(scheme.count) : url
  }
}
