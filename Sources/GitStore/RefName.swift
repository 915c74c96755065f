/// A full ref name such as `refs/tags/web/v1.4.0`, of the form `git check-ref-format` accepts.
package struct RefName: Sendable, Hashable {
  /// The whole name, `refs/` included.
  package let name: String

  /// Nil where Git would refuse the name.
  package init?(_ name: some StringProtocol) {
    guard name.hasPrefix("refs/"), Self.isWellFormed(name.utf8) else { return nil }
    self.name = String(name)
  }

  /// The branch of that short name; nil where Git would refuse it.
  package static func branch(_ name: some StringProtocol) -> RefName? { RefName("refs/heads/\(name)") }

  /// The tag of that short name; nil where Git would refuse it.
  package static func tag(_ name: some StringProtocol) -> RefName? { RefName("refs/tags/\(name)") }

  /// The name without `refs/heads/` or `refs/tags/`, or else without `refs/`.
  package var short: String {
    for prefix in ["refs/heads/", "refs/tags/", "refs/"] where name.hasPrefix(prefix) { return String(name.dropFirst(prefix.count)) }
    return name
  }

  /// The rules of git-check-ref-format(1), for names of at most 1,024 bytes.
  private static func isWellFormed(_ name: some Collection<UInt8>) -> Bool {
    guard name.count <= 1024 else { return false }
    var previous = UInt8(ascii: "/")
    for byte in name {
      guard isAllowed(byte, after: previous) else { return false }
      previous = byte
    }
    guard previous != UInt8(ascii: "/"), previous != UInt8(ascii: ".") else { return false }
    return !name.split(separator: UInt8(ascii: "/")).contains { $0.suffix(5).elementsEqual(".lock".utf8) }
  }

  private static func isAllowed(_ byte: UInt8, after previous: UInt8) -> Bool {
    switch byte {
    case ...0x20, 0x7f: false
    case UInt8(ascii: "~"), UInt8(ascii: "^"), UInt8(ascii: ":"), UInt8(ascii: "?"), UInt8(ascii: "*"), UInt8(ascii: "["),
      UInt8(ascii: "\\"):
      false
    case UInt8(ascii: "/"): previous != UInt8(ascii: "/")
    case UInt8(ascii: "."): previous != UInt8(ascii: "/") && previous != UInt8(ascii: ".")
    case UInt8(ascii: "{"): previous != UInt8(ascii: "@")
    default: true
    }
  }
}

extension RefName: CustomStringConvertible {
  package var description: String { name }
}

extension RefName: Comparable {
  package static func < (left: RefName, right: RefName) -> Bool { left.name < right.name }
}
