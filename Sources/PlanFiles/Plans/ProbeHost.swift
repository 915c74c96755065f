import ReleaseModel

/// The host of an address that checks are to reach.
struct ProbeHost {
  private let url: String

  init(_ url: String) { self.url = url }

  private var host: String? {
    guard url.hasPrefix("http://") || url.hasPrefix("https://"), let scheme = url.firstRange(of: "://") else { return nil }
    var authority = url[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    if let at = authority.lastIndex(of: "@") { authority = authority[authority.index(after: at)...] }
    if authority.hasPrefix("[") { return authority.firstIndex(of: "]").map { String(authority[...$0]) } }
    let name = authority.prefix { $0 != ":" }
    return name.isEmpty ? nil : String(name).lowercased()
  }

  /// What makes the address none that checks' paths can be put behind, as the transport judges it too (`HTTPBase`). It is not
  /// quoted: it may be a secret.
  private var excess: String? {
    let rest = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
    let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    if authority.contains("@") { return "holds a name or a password" }
    if url.contains("?") { return "has a query" }
    if url.contains("#") { return "has a fragment" }
    if url.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7F }) { return "holds blanks or control characters" }
    let port = authority.drop { $0 != "]" && authority.contains("]") }.split(separator: ":", omittingEmptySubsequences: false).dropFirst()
      .last
    return port.map { UInt16($0) == nil } == true ? "has a port that is no number" : nil
  }

  /// Why the address cannot be asked; nil where it can. Names are judged once more by the addresses that they resolve to.
  func refusal(_ policy: Policy) -> String? {
    guard let host else { return "it is no http or https address, such as https://shop.example" }
    if let excess { return "the address \(excess); write scheme, host and path alone, and the rest into the checks" }
    // An IPv6 address may be named with brackets or without.
    if policy.hosts.contains(where: { $0.lowercased() == host || "[\($0.lowercased())]" == host }) { return nil }
    let isOwn = host == "localhost" || host.hasPrefix("127.") || host == "[::1]" || host.hasPrefix("0.")
    if isOwn { return "\(host) is a loopback address; the settings would have to name it in policy.hosts" }
    if host.hasPrefix("169.254.") || host.hasPrefix("[fe80") {
      return "\(host) is a link-local address; the settings would have to name it in policy.hosts"
    }
    return "the settings do not allow checks to reach \(host) (policy.hosts)"
  }
}
