import CLibcrypto

/// An HMAC-SHA-256 (RFC 2104), written `hmac-sha256:` and 64 lower-case hexadecimal digits.
///
/// For what must be comparable but not guessable, such as the contents of a Secret: without the key nobody can try values against it.
package struct KeyedDigest: Sendable {
  private static let prefix = "hmac-sha256:"
  private let value: Value256

  /// The keyed digest of the bytes.
  package init(of bytes: some Collection<UInt8>, key: some Collection<UInt8>) {
    let key = Array(key)
    let message = Array(bytes)
    let code = unsafe [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
      let result = unsafe HMAC(EVP_sha256(), key, CInt(clamping: key.count), message, message.count, buffer.baseAddress, nil)
      unsafe precondition(result != nil, "HMAC failed")
      count = 32
    }
    guard let value = Value256(code) else { preconditionFailure("HMAC-SHA-256 has 32 bytes") }
    self.value = value
  }

  /// Reads `hmac-sha256:<64 hex>`; nil for any other text.
  package init?(parsing text: some StringProtocol) {
    guard text.hasPrefix(Self.prefix), let value = Value256(hex: text.dropFirst(Self.prefix.count)) else { return nil }
    self.value = value
  }

  /// The 32 bytes.
  package var bytes: [UInt8] { value.bytes }
}

extension KeyedDigest: Hashable {
  /// Compares in constant time, so that the time an answer takes tells nothing about the code.
  package static func == (left: KeyedDigest, right: KeyedDigest) -> Bool {
    unsafe CRYPTO_memcmp(left.bytes, right.bytes, 32) == 0
  }

  package func hash(into hasher: inout Hasher) { hasher.combine(value) }
}

extension KeyedDigest: CustomStringConvertible {
  package var description: String { Self.prefix + value.hex }
}

extension KeyedDigest: Codable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let digest = KeyedDigest(parsing: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "expected hmac-sha256: and 64 lower-case hexadecimal digits")
    }
    self = digest
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
