/// Writes what ``WireReader`` reads.
struct WireWriter {
  private(set) var bytes: [UInt8] = []

  init() {}

  /// What a body writes.
  static func bytes(_ body: (inout WireWriter) -> Void) -> [UInt8] {
    var writer = WireWriter()
    body(&writer)
    return writer.bytes
  }

  /// Bytes as they are.
  mutating func raw(_ bytes: some Collection<UInt8>) { self.bytes.append(contentsOf: bytes) }

  mutating func byte(_ value: UInt8) { bytes.append(value) }

  mutating func uint32(_ value: UInt32) {
    for shift in stride(from: 24, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: value >> UInt32(shift))) }
  }

  /// A `string`: bytes behind their count.
  mutating func string(_ string: some Collection<UInt8>) {
    uint32(UInt32(clamping: string.count))
    raw(string)
  }

  mutating func string(_ text: String) { string(Array(text.utf8)) }

  /// An `mpint` of these digits, which have no leading zero.
  mutating func positiveInteger(_ digits: [UInt8]) {
    string(digits.first.map { $0 >= 0x80 ? [0] + digits : digits } ?? [])
  }
}
