import CLibcrypto

/// A public key in libcrypto's hands: owns its pointer alone.
@safe struct VerifyingKey: ~Copyable {
  private let pointer: OpaquePointer

  /// Nil where libcrypto finds that this is no key, such as a point beside its curve.
  init?(subjectPublicKeyInfo bytes: [UInt8]) {
    let pointer = unsafe bytes.withUnsafeBufferPointer { buffer in
      var start = buffer.baseAddress
      return unsafe d2i_PUBKEY(nil, &start, buffer.count)
    }
    // What libcrypto notes on this thread would be found there by the next one who asks why TLS failed.
    ERR_clear_error()
    guard let pointer = unsafe pointer else { return nil }
    unsafe self.pointer = pointer
  }

  deinit { unsafe EVP_PKEY_free(pointer) }

  /// Whether the signature, in libcrypto's encoding, is one of the message; Ed25519 has its own hash and wants none.
  borrowing func accepts(_ signature: [UInt8], of message: [UInt8], hash: HashAlgorithm?) -> Bool {
    defer { ERR_clear_error() }
    guard let context = unsafe EVP_MD_CTX_new() else { return false }
    defer { unsafe EVP_MD_CTX_free(context) }
    guard unsafe EVP_DigestVerifyInit(context, nil, hash?.function, nil, pointer) == 1 else { return false }
    return unsafe EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
  }
}
