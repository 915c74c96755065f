import Digests

/// A public key as SSH knows it, with its certificate if it has one.
///
/// It is a key that can verify: of a kind known here, strong enough, and with numbers that libcrypto takes. Two are equal if they are the
/// same bytes on the wire; a certificate makes another key of it.
package struct SSHPublicKey: Sendable, Hashable {
  /// The most bytes of a key on the wire that are read; certificates are the longest.
  static let blobLimit = 64 << 10

  let plain: PlainKey
  package let certificate: SSHCertificate?
  /// The key on the wire (RFC 4253, section 6.6), certificate included.
  package let blob: [UInt8]

  init(plain: PlainKey) { (self.plain, certificate, blob) = (plain, nil, plain.blob) }

  /// Reads a key on the wire.
  ///
  /// Throws `malformed`, `unsupported` for kinds not known here, `weak` for short RSA keys, `tooLarge`, and for a certificate whose authority
  /// did not sign it `mismatch`.
  package init(blob: some Collection<UInt8>) throws(SignatureError) {
    guard blob.count <= Self.blobLimit else {
      throw SignatureError(.tooLarge, "read", "the public key", "it has \(blob.count) bytes; at most \(Self.blobLimit) are read")
    }
    var reader = WireReader(blob, of: "the public key")
    let name = try reader.text("the algorithm's name", limit: 100)
    var isCertificate = false
    guard let algorithm = SSHKeyAlgorithm(name: name, isCertificate: &isCertificate) else {
      throw reader.failure(
        "keys of \(SignatureError.quoted(name)) are not supported; take \(SSHKeyAlgorithm.allCases.map(\.rawValue).joined(separator: ", "))",
        .unsupported)
    }
    if isCertificate { _ = try reader.string() }  // the nonce, which is there to be signed
    plain = try PlainKey(algorithm, from: &reader)
    certificate = isCertificate ? try SSHCertificate(from: &reader) : nil
    try reader.finish()
    self.blob = Array(blob)
  }

  /// Reads `ssh-ed25519 AAAA… comment`, the line of a `.pub` file or, without its options, of an authorized_keys file.
  ///
  /// Throws like ``init(blob:)``, and `malformed` where there is no base64 or where the name before it is not the key's own.
  package init(line: some StringProtocol) throws(SignatureError) {
    func failure(_ cause: String, _ kind: SignatureError.Kind = .malformed) -> SignatureError {
      SignatureError(kind, "read", "the public key", cause)
    }
    let words = line.split(maxSplits: 2, whereSeparator: { $0 == " " || $0 == "\t" || $0.isNewline })
    guard words.count >= 2 else { throw failure("a line such as ssh-ed25519 AAAA… is expected") }
    guard words[1].utf8.count <= Self.blobLimit / 3 * 4 + 4 else { throw failure("its base64 is too long", .tooLarge) }
    guard let blob = Base64.decode(words[1]) else { throw failure("what follows \(SignatureError.quoted(words[0])) is not base64") }
    try self.init(blob: blob)
    guard name == words[0] else { throw failure("it says \(SignatureError.quoted(words[0])) and is \(name)") }
  }

  /// The kind of key, without regard to a certificate.
  package var algorithm: SSHKeyAlgorithm { plain.algorithm }

  /// The kind's name on the wire, which for a certificate is another.
  package var name: String { certificate == nil ? algorithm.rawValue : algorithm.certificateName }

  /// `SHA256:` and unpadded base64, as `ssh-keygen -l` prints it: that of the key itself, whatever its certificate.
  package var fingerprint: String { plain.fingerprint }

  /// The line of a `.pub` file, without a comment.
  package var line: String { "\(name) \(Base64.encode(blob))" }

  /// The key without its certificate.
  package var withoutCertificate: SSHPublicKey { SSHPublicKey(plain: plain) }

  /// The key as a PEM text that other libraries read: a SubjectPublicKeyInfo (RFC 7468, section 13), for Ed25519 that of RFC 8410.
  package var pem: String {
    var lines = ["-----BEGIN PUBLIC KEY-----"]
    var rest = Base64.encode(plain.material.subjectPublicKeyInfo)[...]
    while !rest.isEmpty {
      lines.append(String(rest.prefix(64)))
      rest = rest.dropFirst(64)
    }
    return (lines + ["-----END PUBLIC KEY-----", ""]).joined(separator: "\n")
  }
}

extension SSHPublicKey: CustomStringConvertible {
  /// The kind and the fingerprint.
  package var description: String { "\(name) \(fingerprint)" }
}
