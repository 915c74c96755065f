import CLibgit2

/// The name of a Git object: 20 bytes of SHA-1, written as 40 lower-case hexadecimal digits.
///
/// Kept inline, since a listing can hold a hundred thousand of them.
package struct ObjectID: Sendable, Hashable {
  private var first: UInt64 = 0
  private var second: UInt64 = 0
  private var third: UInt32 = 0

  /// Nil unless there are exactly 20 bytes.
  package init?(bytes: some Collection<UInt8>) {
    guard bytes.count == 20 else { return nil }
    for byte in bytes { shift(in: byte) }
  }

  /// Reads 40 lower-case hexadecimal digits; nil for any other text.
  package init?(hex: some StringProtocol) {
    self.init(digits: hex.utf8)
  }

  /// Reads 40 lower-case hexadecimal digits in ASCII; nil for anything else.
  init?(digits: some Collection<UInt8>) {
    guard digits.count == 40 else { return nil }
    var high: UInt8?
    for digit in digits {
      let value: UInt8
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): value = digit - UInt8(ascii: "a") + 10
      default: return nil
      }
      if let upper = high {
        shift(in: upper << 4 | value)
        high = nil
      } else {
        high = value
      }
    }
  }

  private mutating func shift(in byte: UInt8) {
    first = first << 8 | second >> 56
    second = second << 8 | UInt64(third >> 24)
    third = third << 8 | UInt32(byte)
  }

  /// The 20 bytes.
  package var bytes: [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: first >> UInt64(56 - 8 * $0)) }
      + (0..<8).map { UInt8(truncatingIfNeeded: second >> UInt64(56 - 8 * $0)) }
      + (0..<4).map { UInt8(truncatingIfNeeded: third >> UInt32(24 - 8 * $0)) }
  }

  /// The 40 hexadecimal digits.
  package var hex: String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// Whether this is the name that the protocols use for "no object".
  package var isZero: Bool { first == 0 && second == 0 && third == 0 }
}

extension ObjectID: CustomStringConvertible {
  package var description: String { hex }
}

extension ObjectID {
  /// Copies the name out of libgit2's memory; nil for a null pointer.
  init?(_ pointer: UnsafePointer<git_oid>?) {
    guard let pointer = unsafe pointer else { return nil }
    self.init(unsafe pointer.pointee)
  }

  init(_ oid: git_oid) {
    let bytes = unsafe withUnsafeBytes(of: oid) { unsafe Array($0) }
    for byte in bytes { shift(in: byte) }
  }

  /// The name as libgit2 wants it.
  var oid: git_oid {
    var oid = git_oid()
    unsafe withUnsafeMutableBytes(of: &oid) { unsafe $0.copyBytes(from: bytes) }
    return oid
  }
}
