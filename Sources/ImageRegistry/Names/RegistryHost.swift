import HTTPTransport

/// The spelling of a registry in references and settings: a host name or an address, and a port where it is not the scheme's own.
package enum RegistryHost {
  /// Whether a text, in lower case, may name a registry.
  package static func isSpelledWell(_ text: String) -> Bool {
    guard let (host, port) = parts(of: text) else { return false }
    if let port, !(1...65535).contains(port) { return false }
    if host.hasPrefix("[") { return IPAddress(host) != nil }
    return host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy(isLabel)
  }

  /// Host and port; nil where the port is no number.
  static func parts(of text: String) -> (host: String, port: Int?)? {
    if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
      let rest = text[text.index(after: end)...]
      if rest.isEmpty { return (text, nil) }
      guard rest.hasPrefix(":"), let port = Int(rest.dropFirst()) else { return nil }
      return (String(text[...end]), port)
    }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    switch parts.count {
    case 1: return (text, nil)
    case 2: return Int(parts[1]).map { (String(parts[0]), $0) }
    default: return nil
    }
  }

  private static func isLabel(_ text: Substring) -> Bool {
    func isWord(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) }
    guard let first = text.utf8.first, let last = text.utf8.last, isWord(first), isWord(last) else { return false }
    return text.utf8.count <= 63 && text.utf8.allSatisfy { isWord($0) || $0 == UInt8(ascii: "-") }
  }
}
