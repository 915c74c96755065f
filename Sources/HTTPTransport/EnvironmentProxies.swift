/// The proxies that an environment names, as libcurl reads it (https://everything.curl.dev/usingcurl/proxies/env.html), to say which one it
/// was when a request fails.
package struct EnvironmentProxies: Sendable {
  private let variables: [String: String]
  private let exceptions: ProxyExceptions

  /// - Parameter variables: the environment.
  package init(_ variables: [String: String]) {
    self.variables = variables
    exceptions = ProxyExceptions(variables)
  }

  /// One proxy, without what may be secret in its address.
  package struct Proxy: Sendable, Hashable, CustomStringConvertible {
    /// The variable that names it.
    package let variable: String
    /// Its address without a name and a password.
    package let url: String

    package var description: String { "\(url) (\(variable))" }
  }

  /// The proxy that carries requests to an origin; nil where they go there directly.
  package func proxy(for authority: HTTPAuthority) -> Proxy? {
    guard !authority.isLoopback, !exceptions.cover(authority.host) else { return nil }
    // `HTTP_PROXY` does not count: in a CGI program it is a header of whoever asks.
    let names = authority.scheme == "http" ? ["http_proxy"] : ["https_proxy", "HTTPS_PROXY"]
    for name in names + ["all_proxy", "ALL_PROXY"] {
      guard let url = variables[name], !url.isEmpty else { continue }
      return Proxy(variable: name, url: EnvironmentProxies.shown(url))
    }
    return nil
  }

  private static func shown(_ url: String) -> String {
    guard !url.contains("://") else { return HTTPError.redacted(url) }
    return url.lastIndex(of: "@").map { String(url[url.index(after: $0)...]) } ?? url
  }
}
