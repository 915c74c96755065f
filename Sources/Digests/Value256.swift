/// 256 bits of hash output, in the order they are printed.
///
/// Kept as four words, so that a digest is a plain value without an allocation of its own.
struct Value256: Sendable, Hashable {
  private let words: SIMD4<UInt64>

  /// Nil unless there are exactly 32 bytes.
  init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == 32 else { return nil }
    var words = SIMD4<UInt64>()
    for (offset, byte) in bytes.enumerated() { words[offset / 8] = words[offset / 8] << 8 | UInt64(byte) }
    self.words = words
  }

  /// Nil unless the text is exactly 64 lower-case hexadecimal digits.
  init?(hex: some StringProtocol) {
    guard let bytes = Hex.decode(hex), let value = Value256(bytes), value.hex == hex else { return nil }
    self = value
  }

  /// The 32 bytes.
  var bytes: [UInt8] {
    (0..<32).map { UInt8(truncatingIfNeeded: words[$0 / 8] >> UInt64(56 - 8 * ($0 % 8))) }
  }

  /// 64 lower-case hexadecimal digits.
  var hex: String { Hex.encode(bytes) }
}
