import Digests

/// A signature in OpenSSH's format for files, SSHSIG (OpenSSH, PROTOCOL.sshsig), which Git uses too.
///
/// It was read strictly: whatever reads as a signature is written again as the very same bytes.
package struct SSHSignature: Sendable, Hashable {
  /// The hash of the message that is signed.
  package enum Hash: String, Sendable, Hashable, CaseIterable {
    case sha256, sha512

    var algorithm: HashAlgorithm { self == .sha256 ? .sha256 : .sha512 }
  }

  /// The most bytes of an armored text that are read.
  package static let limit = 64 << 10
  static let begin = "-----BEGIN SSH SIGNATURE-----"
  static let end = "-----END SSH SIGNATURE-----"
  private static let magic = Array("SSHSIG".utf8)

  /// Who signed, as the signature itself says: verified by ``verify(_:)``, trusted only if ``AllowedSigners`` says so.
  package let publicKey: SSHPublicKey
  /// What for: `git` for commits and tags. A signature for one use is none for another.
  package let namespace: String
  package let hash: Hash
  let raw: RawSignature

  init(publicKey: SSHPublicKey, namespace: String, hash: Hash, raw: RawSignature) {
    (self.publicKey, self.namespace, self.hash, self.raw) = (publicKey, namespace, hash, raw)
  }

  /// Reads the armored text.
  ///
  /// Throws `malformed`, `tooLarge` beyond ``limit`` and `unsupported` for later versions, and like ``SSHPublicKey/init(blob:)``.
  package init(armored text: some Collection<UInt8>) throws(SignatureError) {
    try self.init(blob: try Armor.decode(text, begin: Self.begin, end: Self.end, subject: "the signature", limit: Self.limit))
  }

  /// Reads the armored text.
  package init(armored text: String) throws(SignatureError) { try self.init(armored: Array(text.utf8)) }

  /// Reads the bytes within the armor.
  package init(blob: some Collection<UInt8>) throws(SignatureError) {
    guard blob.count <= Self.limit else {
      throw SignatureError(.tooLarge, "read", "the signature", "it has \(blob.count) bytes; at most \(Self.limit) are read")
    }
    var reader = WireReader(blob, of: "the signature")
    guard try reader.bytes(Self.magic.count).elementsEqual(Self.magic) else { throw reader.failure("it does not begin with SSHSIG") }
    let version = try reader.uint32()
    guard version == 1 else { throw reader.failure("it is of version \(version); version 1 is known", .unsupported) }
    publicKey = try SSHPublicKey(blob: try reader.string())
    namespace = try reader.text("the namespace", limit: 1024)
    guard !namespace.isEmpty else { throw reader.failure("its namespace is empty") }
    // Not covered by the signature, and empty in all there are: what stands there was put there by somebody else.
    guard try reader.string().isEmpty else { throw reader.failure("its reserved field is used", .unsupported) }
    let name = try reader.text("the hash's name", limit: 100)
    guard let hash = Hash(rawValue: name) else {
      throw reader.failure("its hash is \(SignatureError.quoted(name)); sha256 and sha512 are known", .unsupported)
    }
    self.hash = hash
    raw = try RawSignature(try reader.string(), by: publicKey.algorithm)
    try reader.finish()
  }

  /// The bytes within the armor.
  package var blob: [UInt8] {
    WireWriter.bytes { writer in
      writer.raw(Self.magic)
      writer.uint32(1)
      writer.string(publicKey.blob)
      writer.string(namespace)
      writer.string([])
      writer.string(hash.rawValue)
      writer.string(raw.blob)
    }
  }

  /// The armored text as `ssh-keygen` writes it, with a line end at its end.
  package var armored: String { Armor.encode(blob, begin: Self.begin, end: Self.end) }

  /// Whether somebody touched the security key that signed; nil for keys that are none.
  package var touched: Bool? { raw.presence.map { $0.flags & 1 != 0 } }

  /// Whether the security key that signed verified who touched it, by a PIN or a fingerprint; nil for keys that are none.
  package var userVerified: Bool? { raw.presence.map { $0.flags & 4 != 0 } }

  /// Throws `mismatch` unless ``publicKey`` signed these bytes for ``namespace``.
  ///
  /// The mathematics alone: whether that key may sign, and whether the namespace is the one expected, is judged by ``AllowedSigners``.
  package func verify(_ message: some Collection<UInt8>) throws(SignatureError) {
    try publicKey.plain.verify(raw, of: Self.signedBytes(of: message, namespace: namespace, hash: hash))
  }

  /// What is really signed: the namespace and the message's hash.
  static func signedBytes(of message: some Collection<UInt8>, namespace: String, hash: Hash) -> [UInt8] {
    WireWriter.bytes { writer in
      writer.raw(magic)
      writer.string(namespace)
      writer.string([])
      writer.string(hash.rawValue)
      writer.string(hash.algorithm.digest(message))
    }
  }
}

extension SSHSignature: CustomStringConvertible {
  package var description: String { "\(namespace) signature of \(publicKey)" }
}
