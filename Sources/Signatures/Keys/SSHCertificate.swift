/// What a certificate authority says about a key (OpenSSH, PROTOCOL.certkeys).
///
/// Its authority's signature was verified when it was read. Whether the authority is trusted, and the certificate valid at some time and for
/// somebody, is for ``AllowedSigners`` to judge.
package struct SSHCertificate: Sendable, Hashable {
  /// Whom a certificate is for.
  package enum Purpose: UInt32, Sendable, Hashable {
    case user = 1
    case host = 2
  }

  /// How many principals are read, as in OpenSSH.
  static let principalLimit = 256

  package let serial: UInt64
  package let purpose: Purpose
  /// A name for logs that the authority chose.
  package let keyID: String
  /// Whom the key may speak for; empty for nobody.
  package let principals: [String]
  /// Seconds since 1970; the first second at which it is valid.
  package let validAfter: UInt64
  /// Seconds since 1970; the first second at which it is no longer valid.
  package let validBefore: UInt64
  /// The names of the options that whoever does not know them must refuse.
  package let criticalOptions: [String]
  let authorityKey: PlainKey

  /// The key that signed it.
  package var authority: SSHPublicKey { SSHPublicKey(plain: authorityKey) }

  /// Reads what follows the key's own fields, to the end, and verifies the authority's signature over all before it.
  init(from reader: inout WireReader) throws(SignatureError) {
    serial = try reader.uint64()
    let purpose = try reader.uint32()
    guard let purpose = Purpose(rawValue: purpose) else { throw reader.failure("its purpose is \(purpose), neither users nor hosts") }
    self.purpose = purpose
    keyID = try reader.text("the key id")
    principals = try Self.texts(Array(try reader.string()))
    (validAfter, validBefore) = (try reader.uint64(), try reader.uint64())
    criticalOptions = try Self.options(Array(try reader.string()))
    _ = try Self.options(Array(try reader.string()))  // extensions: who does not know them may pass them over
    _ = try reader.string()  // reserved
    authorityKey = try Self.authority(Array(try reader.string()))
    let signed = Array(reader.consumed)
    let signature = try RawSignature(try reader.string(), by: authorityKey.algorithm)
    try reader.finish()
    do throws(SignatureError) {
      try authorityKey.verify(signature, of: signed)
    } catch {
      throw SignatureError(error.kind, "verify", "the certificate", "its authority \(authorityKey.fingerprint) did not sign it")
    }
  }

  private static func texts(_ bytes: [UInt8]) throws(SignatureError) -> [String] {
    var reader = WireReader(bytes, of: "the certificate's principals")
    var texts: [String] = []
    while !reader.isAtEnd {
      guard texts.count < principalLimit else { throw reader.failure("there are more than \(principalLimit)", .tooLarge) }
      texts.append(try reader.text("a principal", limit: 1024))
    }
    return texts
  }

  /// The names of options; their values are not kept.
  private static func options(_ bytes: [UInt8]) throws(SignatureError) -> [String] {
    var reader = WireReader(bytes, of: "the certificate's options")
    var names: [String] = []
    while !reader.isAtEnd {
      guard names.count < principalLimit else { throw reader.failure("there are more than \(principalLimit)", .tooLarge) }
      names.append(try reader.text("an option's name", limit: 256))
      _ = try reader.string()
    }
    return names
  }

  private static func authority(_ blob: [UInt8]) throws(SignatureError) -> PlainKey {
    let key = try SSHPublicKey(blob: blob)
    guard key.certificate == nil else {
      throw SignatureError(.malformed, "read", "the certificate", "its authority is a certificate itself")
    }
    return key.plain
  }
}
