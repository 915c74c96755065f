/// A registry as references and settings name it: a host name or an address, and a port where it is not the scheme's own.
///
/// In lower case, and Docker Hub by one name, so that two spellings of a registry are one value.
package struct RegistryHost: Sendable, Hashable, CustomStringConvertible {
  /// Docker Hub, as references call it.
  package static let hub = RegistryHost(host: "docker.io", port: nil)
  /// The other names of Docker Hub: where it answers, and what `docker login` calls it.
  private static let hubAliases: Set<String> = ["index.docker.io", "registry-1.docker.io"]
  /// Docker Hub as docker configs and credential helpers know it.
  package static let hubConfigKey = "https://index.docker.io/v1/"

  /// A name, or an address, an IPv6 one in brackets.
  package let host: String
  package let port: Int?

  private init(host: String, port: Int?) {
    self.host = host
    self.port = port
  }

  /// The registry that a text names; nil where it names none.
  package init?(_ text: String) {
    let text = RegistryHost.canonical(text)
    guard text.utf8.count <= 255, let (host, port) = RegistryHost.parts(of: text) else { return nil }
    let isWellSpelled =
      host.hasPrefix("[")
      ? RegistryHost.isIPv6(host.dropFirst().dropLast())
      : host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(RegistryHost.isLabel)
    guard isWellSpelled else { return nil }
    self.init(host: host, port: port)
  }

  /// As references spell it, `registry.example:5000`.
  package var description: String { host + (port.map { ":\($0)" } ?? "") }

  /// The host that answers for it: Docker Hub's is another than the one that its images name.
  package var answering: String { self == .hub ? "registry-1.docker.io" : host }

  /// Where it answers, without the scheme.
  package var authority: String { answering + (port.map { ":\($0)" } ?? "") }

  /// A spelling of a host in lower case, Docker Hub by one name; for keys that are no host, since they hold wildcards.
  package static func canonical(_ text: String) -> String {
    let text = text.lowercased()
    return hubAliases.contains(text) ? hub.host : text
  }

  // MARK: Spelling

  /// Host and port; nil where the port is none.
  private static func parts(of text: String) -> (host: String, port: Int?)? {
    let start = text.hasPrefix("[") ? text.firstIndex(of: "]") : text.startIndex
    guard let start else { return nil }
    guard let colon = text[start...].firstIndex(of: ":") else { return !text.hasPrefix("[") || text.hasSuffix("]") ? (text, nil) : nil }
    let (host, digits) = (text[..<colon], text[text.index(after: colon)...])
    guard !host.hasPrefix("[") || host.hasSuffix("]"), digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(digits),
      (1...65535).contains(port)
    else { return nil }
    return (String(host), port)
  }

  private static func isLabel(_ text: Substring) -> Bool {
    func isWord(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) }
    guard let first = text.utf8.first, let last = text.utf8.last, isWord(first), isWord(last) else { return false }
    return text.utf8.count <= 63 && text.utf8.allSatisfy { isWord($0) || $0 == UInt8(ascii: "-") }
  }

  /// Eight groups of hexadecimal digits, `::` once for those that are zero, the last two perhaps as IPv4 (RFC 4291 §2.2).
  private static func isIPv6(_ text: Substring) -> Bool {
    let halves = text.split(separator: "::", omittingEmptySubsequences: false)
    guard (1...2).contains(halves.count) else { return false }
    var groups = 0
    for (index, half) in halves.enumerated() where !half.isEmpty || halves.count == 1 {
      guard let count = self.groups(in: half, isLast: index == halves.count - 1) else { return false }
      groups += count
    }
    return halves.count == 1 ? groups == 8 : groups <= 7
  }

  private static func groups(in text: Substring, isLast: Bool) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let endsInIPv4 = isLast && parts.last.map(isIPv4) ?? false
    let plain = endsInIPv4 ? parts.dropLast() : parts[...]
    guard plain.allSatisfy({ (1...4).contains($0.utf8.count) && $0.utf8.allSatisfy(isHexDigit) }) else { return nil }
    return plain.count + (endsInIPv4 ? 2 : 0)
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte) }

  private static func isIPv4(_ text: Substring) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy { part in
        part.utf8.allSatisfy { (0x30...0x39).contains($0) } && (part == "0" || !part.hasPrefix("0")) && UInt8(part) != nil
      }
  }
}
