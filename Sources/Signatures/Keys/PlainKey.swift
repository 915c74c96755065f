import Digests

/// A public key without a certificate.
///
/// Its numbers are such that libcrypto takes them for a key: a point lies on its curve.
struct PlainKey: Sendable, Hashable {
  let algorithm: SSHKeyAlgorithm
  let material: KeyMaterial
  /// What a security key's key is for, mostly `ssh:`; empty for others.
  let application: String

  /// Reads what follows the name.
  init(_ algorithm: SSHKeyAlgorithm, from reader: inout WireReader) throws(SignatureError) {
    self.algorithm = algorithm
    material = try KeyMaterial(algorithm, from: &reader)
    application = algorithm.isHardware ? try reader.text("the application", limit: 1024) : ""
    guard VerifyingKey(subjectPublicKeyInfo: material.subjectPublicKeyInfo) != nil else { throw reader.failure("its numbers are no key") }
  }

  init(ed25519 bytes: [UInt8]) { (algorithm, material, application) = (.ed25519, .ed25519(bytes), "") }

  /// The whole key on the wire.
  var blob: [UInt8] {
    WireWriter.bytes { writer in
      writer.string(algorithm.rawValue)
      material.write(to: &writer)
      if algorithm.isHardware { writer.string(application) }
    }
  }

  /// `SHA256:` and unpadded base64, as OpenSSH prints it.
  var fingerprint: String { "SHA256:" + Base64.encode(Digest(of: blob).bytes).prefix(43) }

  /// Throws unless the signature is one of the message by this key; the mathematics alone.
  func verify(_ signature: RawSignature, of message: [UInt8]) throws(SignatureError) {
    let encoded = try signature.encoded(for: self)
    var signed = message
    if let presence = signature.presence {
      // PROTOCOL.u2f: a security key signs hashes, with the flags and the counter between them.
      signed = HashAlgorithm.sha256.digest(application.utf8)
      signed += WireWriter.bytes {
        $0.byte(presence.flags)
        $0.uint32(presence.counter)
      }
      signed += HashAlgorithm.sha256.digest(message)
    }
    guard let key = VerifyingKey(subjectPublicKeyInfo: material.subjectPublicKeyInfo),
      key.accepts(encoded.bytes, of: signed, hash: encoded.hash)
    else { throw SignatureError(.mismatch, "verify", "the signature", "\(fingerprint) did not sign these bytes") }
  }
}
