internal import CLibcurl

/// Scheme, host and port of a URL: its origin (RFC 6454).
package struct HTTPAuthority: Sendable, Hashable {
  /// `http` or `https`.
  package let scheme: String
  /// A name in lower case or an address; IPv6 in brackets.
  package let host: String
  package let port: Int

  /// The authority of an `http` or `https` URL; nil where the text is none.
  package init?(url: String) {
    guard let url = CurlURL(url), let scheme = url.part(CURLUPART_SCHEME), scheme == "http" || scheme == "https",
      let host = url.part(CURLUPART_HOST), !host.isEmpty,
      let port = url.part(CURLUPART_PORT, flags: CURLU_DEFAULT_PORT).flatMap({ Int($0) })
    else { return nil }
    self.scheme = scheme
    self.host = host.lowercased()
    self.port = port
  }

  /// Whether the host is spelled as this machine's own.
  package var isLoopback: Bool {
    IPAddress(host)?.isLoopback ?? (host == "localhost" || host.hasSuffix(".localhost"))
  }
}
