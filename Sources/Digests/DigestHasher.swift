import CLibcrypto

/// Computes a ``Digest`` piece by piece; the pieces' boundaries do not matter.
///
/// Owns its libcrypto context alone and is used up by ``finish()``.
@safe package struct DigestHasher: ~Copyable {
  private let context: OpaquePointer

  /// A hasher that has read nothing yet.
  package init() {
    guard let context = unsafe EVP_MD_CTX_new(), unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      preconditionFailure("libcrypto offers no SHA-256")  // out of memory, or an installation that cannot work at all
    }
    unsafe self.context = context
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  /// Reads the next piece.
  package mutating func update(_ bytes: some Collection<UInt8>) {
    let hashed: Void? = bytes.withContiguousStorageIfAvailable { unsafe add($0) }
    if hashed == nil { unsafe Array(bytes).withUnsafeBufferPointer { unsafe add($0) } }
  }

  /// The digest of everything read.
  package consuming func finish() -> Digest {
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
      let result = unsafe EVP_DigestFinal_ex(context, buffer.baseAddress, nil)
      precondition(result == 1, "EVP_DigestFinal_ex failed")
      count = 32
    }
    guard let digest = Digest(bytes: bytes) else { preconditionFailure("SHA-256 has 32 bytes") }
    return digest
  }

  private func add(_ bytes: UnsafeBufferPointer<UInt8>) {
    let result = unsafe EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    precondition(result == 1, "EVP_DigestUpdate failed")
  }
}
