import CLibcrypto

/// The hashes that signatures here may be made with.
enum HashAlgorithm: Sendable, Hashable {
  case sha256, sha384, sha512

  /// The hash of the bytes.
  func digest(_ bytes: some Collection<UInt8>) -> [UInt8] {
    let bytes = Array(bytes)
    return unsafe [UInt8](unsafeUninitializedCapacity: 64) { buffer, count in
      var size: CUnsignedInt = 0
      let result = unsafe EVP_Digest(bytes, bytes.count, buffer.baseAddress, &size, function, nil)
      precondition(result == 1, "libcrypto offers no SHA-2")  // out of memory, or an installation that cannot work at all
      count = Int(size)
    }
  }

  var function: OpaquePointer? {
    switch self {
    case .sha256: unsafe EVP_sha256()
    case .sha384: unsafe EVP_sha384()
    case .sha512: unsafe EVP_sha512()
    }
  }
}
