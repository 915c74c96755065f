/// Base64 text with padding (RFC 4648, section 4).
package enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let values: [UInt8?] = {
    var values = [UInt8?](repeating: nil, count: 256)
    for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
    return values
  }()
  private static let padding = UInt8(ascii: "=")

  /// The text, padded and without line breaks.
  package static func encode(_ bytes: some Collection<UInt8>) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var rest = bytes[...]
    while !rest.isEmpty {
      let group = Array(rest.prefix(3))
      rest = rest.dropFirst(3)
      let bits = group.reduce(0) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
      for digit in 0..<4 {
        text.append(digit <= group.count ? alphabet[Int(bits >> UInt32(18 - 6 * digit) & 63)] : padding)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// The bytes the text stands for; nil where it is not the one text that ``encode(_:)`` writes for them.
  ///
  /// Line breaks, missing padding and stray bits after the last byte are refused, so that no two texts mean the same bytes.
  package static func decode(_ text: some StringProtocol) -> [UInt8]? {
    let characters = Array(text.utf8)
    guard characters.count.isMultiple(of: 4) else { return nil }
    let padded = characters.suffix(2).count { $0 == padding }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(characters.count / 4 * 3)
    var bits: UInt32 = 0
    for (index, character) in characters.dropLast(padded).enumerated() {
      guard let value = values[Int(character)] else { return nil }
      bits = bits << 6 | UInt32(value)
      if index % 4 == 3 { bytes.append(contentsOf: [UInt8(bits >> 16 & 255), UInt8(bits >> 8 & 255), UInt8(bits & 255)]) }
    }
    return tail(of: bits, padded: padded).map { bytes + $0 }
  }

  /// The bytes of the last, padded group; nil where bits are set that no byte takes.
  private static func tail(of bits: UInt32, padded: Int) -> [UInt8]? {
    switch padded {
    case 1: bits & 3 == 0 ? [UInt8(bits >> 10 & 255), UInt8(bits >> 2 & 255)] : nil
    case 2: bits & 15 == 0 ? [UInt8(bits >> 4 & 255)] : nil
    default: []
    }
  }
}
