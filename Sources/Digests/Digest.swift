/// A SHA-256 digest (FIPS 180-4), written `sha256:` and 64 lower-case hexadecimal digits.
///
/// That text is the only spelling it reads, so equal digests have equal texts everywhere: in records, labels and trailers.
package struct Digest: Sendable, Hashable {
  private static let prefix = "sha256:"
  private let value: Value256

  /// The digest of the bytes.
  package init(of bytes: some Collection<UInt8>) {
    var hasher = DigestHasher()
    hasher.update(bytes)
    self = hasher.finish()
  }

  /// A digest computed elsewhere; nil unless there are exactly 32 bytes.
  package init?(bytes: some Collection<UInt8>) {
    guard let value = Value256(bytes) else { return nil }
    self.value = value
  }

  /// Reads `sha256:<64 hex>`; nil for any other text.
  package init?(parsing text: some StringProtocol) {
    guard text.hasPrefix(Self.prefix), let value = Value256(hex: text.dropFirst(Self.prefix.count)) else { return nil }
    self.value = value
  }

  /// The 32 bytes.
  package var bytes: [UInt8] { value.bytes }

  /// The 64 lower-case hexadecimal digits without the prefix.
  package var hex: String { value.hex }

  /// The first twelve hexadecimal digits: enough to locate something, never enough to prove it.
  package var prefix12: String { String(hex.prefix(12)) }
}

extension Digest: CustomStringConvertible {
  package var description: String { Self.prefix + hex }
}

extension Digest: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let digest = Digest(parsing: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "expected sha256: and 64 lower-case hexadecimal digits")
    }
    self = digest
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
