#if canImport(Glibc)
  import Glibc
#endif

extension IPAddress {
  /// The address that a text names, as `inet_pton` reads it, an IPv6 one with or without brackets; nil for a name.
  package init?(_ text: some StringProtocol) {
    let isBracketed = text.hasPrefix("[") && text.hasSuffix("]")
    let bare = isBracketed ? String(text.dropFirst().dropLast()) : String(text)
    var v4 = in_addr()
    var v6 = in6_addr()
    if !isBracketed, unsafe inet_pton(AF_INET, bare, &v4) == 1 {
      self.init(bytes: unsafe withUnsafeBytes(of: v4) { unsafe Array($0) })
    } else if unsafe inet_pton(AF_INET6, bare, &v6) == 1 {
      self.init(bytes: unsafe withUnsafeBytes(of: v6) { unsafe Array($0) })
    } else {
      return nil
    }
  }
}
