import CLibcrypto

/// The 32 secret bytes of an Ed25519 key (RFC 8032): they sign and are never told.
///
/// They lie in memory of their own, which is overwritten when the last holder lets go of them. It describes and mirrors itself without them.
@safe final class Ed25519Secret: Sendable {
  static let size = 32

  /// Written once in `init` and overwritten in `deinit`; read only between.
  private nonisolated(unsafe) let seed: UnsafeMutablePointer<UInt8>
  /// The 32 bytes of the public key that belongs to them.
  let publicBytes: [UInt8]

  /// Nil unless there are 32 bytes.
  init?(seed bytes: some Collection<UInt8>) {
    guard bytes.count == Self.size else { return nil }
    let seed = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.size)
    for (offset, byte) in bytes.enumerated() { unsafe (seed + offset).initialize(to: byte) }
    guard let publicBytes = unsafe Self.withKey(seed, { unsafe Self.publicBytes(of: $0) }) else {
      unsafe Self.wipe(seed)
      return nil
    }
    unsafe self.seed = seed
    self.publicBytes = publicBytes
  }

  deinit { unsafe Self.wipe(seed) }

  /// The 64 bytes of the message's signature, which are always the same; nil where libcrypto has no memory.
  func sign(_ message: [UInt8]) -> [UInt8]? {
    unsafe Self.withKey(seed) { key in
      guard let context = unsafe EVP_MD_CTX_new() else { return nil }
      defer { unsafe EVP_MD_CTX_free(context) }
      guard unsafe EVP_DigestSignInit(context, nil, nil, nil, key) == 1 else { return nil }
      var (signature, size) = ([UInt8](repeating: 0, count: 64), 64)
      guard unsafe EVP_DigestSign(context, &signature, &size, message, message.count) == 1, size == 64 else { return nil }
      return signature
    }
  }

  private static func withKey<Value>(_ seed: UnsafeMutablePointer<UInt8>, _ body: (OpaquePointer) -> Value?) -> Value? {
    defer { ERR_clear_error() }
    guard let key = unsafe EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, seed, size) else { return nil }
    defer { unsafe EVP_PKEY_free(key) }
    return unsafe body(key)
  }

  private static func publicBytes(of key: OpaquePointer) -> [UInt8]? {
    var (bytes, count) = ([UInt8](repeating: 0, count: size), size)
    return unsafe EVP_PKEY_get_raw_public_key(key, &bytes, &count) == 1 && count == size ? bytes : nil
  }

  private static func wipe(_ seed: UnsafeMutablePointer<UInt8>) {
    unsafe OPENSSL_cleanse(seed, size)
    unsafe seed.deallocate()
  }
}

extension Ed25519Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  var description: String { "Ed25519 private key" }
  var debugDescription: String { description }
  var customMirror: Mirror { Mirror(self, children: []) }
}
