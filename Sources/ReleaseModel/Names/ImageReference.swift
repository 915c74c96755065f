/// A container image as a manifest names it: `[registry/]repository[:tag][@digest]` (the OCI distribution specification).
package struct ImageReference: Sendable, Hashable, CustomStringConvertible {
  /// Registry and repository, `registry.example/shop/web`.
  package var name: String
  package var tag: String?
  /// `sha256:` and 64 hexadecimal digits.
  package var digest: String?

  package init(name: String, tag: String? = nil, digest: String? = nil) {
    self.name = name
    self.tag = tag
    self.digest = digest
  }

  /// The reference that a text spells, or nil where it is none.
  package init?(_ text: String) {
    var rest = text[...]
    var digest: String?
    if let at = rest.firstIndex(of: "@") {
      digest = String(rest[rest.index(after: at)...])
      rest = rest[..<at]
    }
    var tag: String?
    let afterSlash = rest.lastIndex(of: "/").map { rest.index(after: $0) } ?? rest.startIndex
    if let colon = rest[afterSlash...].firstIndex(of: ":") {
      tag = String(rest[rest.index(after: colon)...])
      rest = rest[..<colon]
    }
    guard !rest.isEmpty, rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), tag.map(ImageReference.isTag) ?? true,
      digest.map(ImageReference.isDigest) ?? true
    else { return nil }
    self.init(name: String(rest), tag: tag, digest: digest)
  }

  package var description: String {
    name + (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "")
  }

  /// Whether a text may stand as a tag: at most 128 letters, digits, `_`, `.`, `-`, not beginning with the last two.
  package static func isTag(_ text: String) -> Bool {
    func isWord(_ byte: UInt8) -> Bool {
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: "_")
    }
    guard let first = text.utf8.first, text.utf8.count <= 128, isWord(first) else { return false }
    return text.utf8.allSatisfy { isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
  }

  /// Whether a text is a SHA-256 digest.
  package static func isDigest(_ text: String) -> Bool {
    let hex = text.utf8.dropFirst(7)
    return text.hasPrefix("sha256:") && hex.count == 64 && hex.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
}
