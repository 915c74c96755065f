/// A signature as SSH writes it behind its algorithm's name: what a key answers, before anything is wrapped around it.
struct RawSignature: Sendable, Hashable {
  /// What a security key says about how it came to sign.
  struct Presence: Sendable, Hashable {
    /// Bit 0: somebody touched it; bit 2: it verified who.
    var flags: UInt8
    var counter: UInt32
  }

  /// The name on the wire; for RSA it tells the hash.
  let algorithm: String
  let bytes: [UInt8]
  /// For signatures of security keys; nil for others.
  let presence: Presence?

  init(ed25519 bytes: [UInt8]) { (algorithm, self.bytes, presence) = (SSHKeyAlgorithm.ed25519.rawValue, bytes, nil) }

  /// Reads one that was made by a key of that algorithm.
  init(_ blob: ArraySlice<UInt8>, by keyAlgorithm: SSHKeyAlgorithm) throws(SignatureError) {
    var reader = WireReader(blob, of: "the signature")
    algorithm = try reader.text("the algorithm's name", limit: 100)
    try Self.check(algorithm, for: keyAlgorithm)
    bytes = Array(try reader.string())
    presence = keyAlgorithm.isHardware ? Presence(flags: try reader.byte(), counter: try reader.uint32()) : nil
    try reader.finish()
  }

  var blob: [UInt8] {
    WireWriter.bytes { writer in
      writer.string(algorithm)
      writer.string(bytes)
      guard let presence else { return }
      writer.byte(presence.flags)
      writer.uint32(presence.counter)
    }
  }

  private static func check(_ algorithm: String, for key: SSHKeyAlgorithm) throws(SignatureError) {
    func failure(_ kind: SignatureError.Kind, _ cause: String) -> SignatureError { SignatureError(kind, "read", "the signature", cause) }
    guard key == .rsa else {
      guard algorithm == key.rawValue else {
        throw failure(.malformed, "it is of \(SignatureError.quoted(algorithm)), and its key of \(key.rawValue)")
      }
      return
    }
    switch algorithm {
    case "rsa-sha2-256", "rsa-sha2-512": return
    case "ssh-rsa": throw failure(.weak, "it was made with SHA-1, which can be forged; sign again with rsa-sha2-512 or an ed25519 key")
    default: throw failure(.malformed, "it is of \(SignatureError.quoted(algorithm)), and its key of ssh-rsa")
    }
  }

  /// The signature as libcrypto wants it, with the hash it was made with.
  func encoded(for key: PlainKey) throws(SignatureError) -> (bytes: [UInt8], hash: HashAlgorithm?) {
    func failure(_ cause: String) -> SignatureError { SignatureError(.malformed, "read", "the signature", cause) }
    switch key.material {
    case .ed25519:
      guard bytes.count == 64 else { throw failure("an Ed25519 signature has 64 bytes, this one \(bytes.count)") }
      return (bytes, nil)
    case .ecdsa(let curve, _):
      var reader = WireReader(bytes, of: "the signature")
      let r = try reader.positiveInteger("r", limit: curve.coordinateSize)
      let s = try reader.positiveInteger("s", limit: curve.coordinateSize)
      try reader.finish()
      return (DER.sequence(DER.integer(r), DER.integer(s)), curve.hash)
    case .rsa(let modulus, _):
      // Some signers drop leading zeros; OpenSSH puts them back, and so must everyone who is to agree with it.
      guard bytes.count <= modulus.count else { throw failure("it is longer than its key") }
      let padded = [UInt8](repeating: 0, count: modulus.count - bytes.count) + bytes
      return (padded, algorithm == "rsa-sha2-256" ? .sha256 : .sha512)
    }
  }
}
