/// Host and port of a URL, as far as connecting needs them.
package struct HTTPAuthority: Sendable, Hashable {
  /// A name or an address; IPv6 in brackets.
  package let host: String
  package let port: Int

  /// The authority of an `http` or `https` URL; nil where it has none.
  package init?(url: String) {
    guard let scheme = url.firstRange(of: "://") else { return nil }
    var rest = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    if let at = rest.lastIndex(of: "@") { rest = rest[rest.index(after: at)...] }
    let standard = url.hasPrefix("https:") ? 443 : 80
    if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
      host = String(rest[...end])
      let after = rest[rest.index(after: end)...]
      port = after.hasPrefix(":") ? Int(after.dropFirst()) ?? standard : standard
    } else if let colon = rest.lastIndex(of: ":") {
      host = String(rest[..<colon])
      port = Int(rest[rest.index(after: colon)...]) ?? standard
    } else {
      host = String(rest)
      port = standard
    }
    if host.isEmpty { return nil }
  }

  /// Whether the host is spelled as this machine's own.
  package var isLoopback: Bool { host == "localhost" || host.hasPrefix("127.") || host == "[::1]" }

  /// The URL with another host at the same port.
  func replacingHost(in url: String, with name: String) -> String {
    guard let scheme = url.firstRange(of: "://") else { return url }
    let rest = url[scheme.upperBound...]
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    return String(url[..<scheme.upperBound]) + "\(name):\(port)" + String(rest[authority.endIndex...])
  }
}
