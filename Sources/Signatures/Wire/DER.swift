/// Writes the few kinds of ASN.1 values in DER (X.690) that public keys and ECDSA signatures are made of.
enum DER {
  static func sequence(_ parts: [UInt8]...) -> [UInt8] { value(0x30, parts.flatMap(\.self)) }

  /// A positive integer of these digits.
  static func integer(_ digits: [UInt8]) -> [UInt8] {
    let digits = Array(digits.drop { $0 == 0 })
    return value(0x02, digits.first.map { $0 >= 0x80 ? [0] + digits : digits } ?? [0])
  }

  /// A bit string of whole bytes.
  static func bitString(_ bytes: [UInt8]) -> [UInt8] { value(0x03, [0] + bytes) }

  /// An object identifier by its encoded content.
  static func identifier(_ content: [UInt8]) -> [UInt8] { value(0x06, content) }

  static let null: [UInt8] = [0x05, 0]

  private static func value(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
    guard content.count >= 0x80 else { return [tag, UInt8(content.count)] + content }
    var length: [UInt8] = []
    var rest = content.count
    while rest > 0 {
      length.insert(UInt8(truncatingIfNeeded: rest), at: 0)
      rest >>= 8
    }
    return [tag, 0x80 | UInt8(length.count)] + length + content
  }
}
