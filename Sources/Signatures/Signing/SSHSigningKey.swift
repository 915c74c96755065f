/// An Ed25519 key that signs in this process.
///
/// Its signatures are byte for byte those of `ssh-keygen -Y sign`. It never tells its secret: not in descriptions, mirrors or errors.
package struct SSHSigningKey: Sendable {
  package let publicKey: SSHPublicKey
  private let secret: Ed25519Secret

  /// The key of a seed (RFC 8032, 5.1.5); nil unless it has 32 bytes.
  package init?(seed: [UInt8]) {
    guard let secret = Ed25519Secret(seed: seed[...]) else { return nil }
    self.init(secret: secret)
  }

  init(secret: Ed25519Secret) {
    self.secret = secret
    publicKey = SSHPublicKey(plain: PlainKey(ed25519: secret.publicBytes))
  }

  /// Reads an unencrypted private key file in OpenSSH's format.
  ///
  /// Throws `malformed`, `tooLarge`, `unavailable` for one that is encrypted and `unsupported` for other kinds of keys: those sign through
  /// ``SSHKeygenSigner``.
  package init(file bytes: some Collection<UInt8>) throws(SignatureError) {
    self.init(secret: try PrivateKeyFile(bytes).ed25519Secret())
  }

  /// The signature of the message for a namespace, as `ssh-keygen -Y sign` makes it.
  ///
  /// Throws `malformed` for an empty namespace, which no signature may have.
  package func sign(_ message: some Collection<UInt8>, namespace: String) throws(SignatureError) -> SSHSignature {
    guard !namespace.isEmpty else { throw SignatureError(.malformed, "sign", "the message", "the namespace is empty") }
    let signature = try signRaw(SSHSignature.signedBytes(of: message, namespace: namespace, hash: .sha512))
    return SSHSignature(publicKey: publicKey, namespace: namespace, hash: .sha512, raw: RawSignature(ed25519: signature))
  }

  /// The bare 64 bytes over these very bytes (RFC 8032): for formats that are not SSH's.
  func signRaw(_ bytes: [UInt8]) throws(SignatureError) -> [UInt8] {
    guard let signature = secret.sign(bytes) else { throw SignatureError(.unavailable, "sign", "the message", "libcrypto did not sign") }
    return signature
  }
}

extension SSHSigningKey: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The public key.
  package var description: String { "\(publicKey)" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: ["publicKey": description]) }
}
