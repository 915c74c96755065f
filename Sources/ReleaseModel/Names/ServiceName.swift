/// The name of a service that is released: a DNS label (RFC 1123), at most 50 characters so that `NAME-preview` and `NAME-green` still are labels.
package struct ServiceName: Sendable, Hashable, Comparable, CustomStringConvertible {
  package let text: String

  /// The name, or nil where `text` is no such label.
  package init?(_ text: String) {
    guard ServiceName.isLabel(text, longest: 50) else { return nil }
    self.text = text
  }

  package var description: String { text }

  package static func < (left: ServiceName, right: ServiceName) -> Bool { left.text < right.text }

  /// Whether a text is a DNS label (RFC 1123) of at most `longest` characters.
  package static func isLabel(_ text: String, longest: Int = 63) -> Bool {
    func isAlphanumeric(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) }
    guard let first = text.utf8.first, let last = text.utf8.last, text.utf8.count <= longest else { return false }
    return isAlphanumeric(first) && isAlphanumeric(last) && text.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
  }
}

extension ServiceName: Codable {
  package init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let name = ServiceName(text) else {
      throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "\"\(text)\" is not a service name"))
    }
    self = name
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}

extension ServiceName: CodingKeyRepresentable {
  package var codingKey: any CodingKey { NameKey(stringValue: text) }

  package init?(codingKey: some CodingKey) { self.init(codingKey.stringValue) }

  private struct NameKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}
