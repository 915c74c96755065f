/// The id of one rollout: `r-` and 16 lower-case hexadecimal digits, chosen at random when it is announced.
///
/// Fits a Kubernetes label value, so that every object a rollout creates can carry it.
package struct RolloutID: Sendable, Hashable, CustomStringConvertible {
  package let text: String

  /// The id that a text names, or nil where it is none.
  package init?(_ text: String) {
    let digits = text.utf8.dropFirst(2)
    guard text.hasPrefix("r-"), digits.count == 16, digits.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
    else { return nil }
    self.text = text
  }

  /// The id made of 64 random bits.
  package init(random bits: UInt64) {
    let digits = String(bits, radix: 16)
    text = "r-" + String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }

  package var description: String { text }
}

extension RolloutID: Codable {
  package init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    guard let id = RolloutID(text) else {
      throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "\"\(text)\" is not a rollout id"))
    }
    self = id
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(text)
  }
}
