/// A private key file in OpenSSH's format (OpenSSH, PROTOCOL.key), opened as far as that goes without a passphrase.
struct PrivateKeyFile {
  static let begin = "-----BEGIN OPENSSH PRIVATE KEY-----"
  static let end = "-----END OPENSSH PRIVATE KEY-----"
  /// The most bytes that are read; an RSA key of 16384 bits has 13,000.
  static let limit = 64 << 10

  private static let magic = Array("openssh-key-v1\0".utf8)
  private static let subject = "the private key"

  /// It stands in the clear, even if the private part is encrypted.
  let publicKey: SSHPublicKey
  let isEncrypted: Bool
  private let privatePart: [UInt8]

  init(_ text: some Collection<UInt8>) throws(SignatureError) {
    let blob = try Armor.decode(text, begin: Self.begin, end: Self.end, subject: Self.subject, limit: Self.limit)
    var reader = WireReader(blob, of: Self.subject)
    guard try reader.bytes(Self.magic.count).elementsEqual(Self.magic) else {
      throw reader.failure("it does not begin with openssh-key-v1")
    }
    let cipher = try reader.text("the cipher's name", limit: 100)
    let derivation = try reader.text("the key derivation's name", limit: 100)
    guard (cipher == "none") == (derivation == "none") else { throw reader.failure("only one of cipher and key derivation is none") }
    _ = try reader.string()
    guard try reader.uint32() == 1 else { throw reader.failure("it holds more than one key", .unsupported) }
    publicKey = try SSHPublicKey(blob: try reader.string())
    privatePart = Array(try reader.string())
    isEncrypted = cipher != "none"
    // Authenticated ciphers put a tag after it.
    if !isEncrypted { try reader.finish() }
  }

  /// The secret of an unencrypted Ed25519 key.
  func ed25519Secret() throws(SignatureError) -> Ed25519Secret {
    var reader = WireReader(privatePart, of: Self.subject)
    guard !isEncrypted else { throw reader.failure("it is encrypted: add it to an agent with ssh-add", .unavailable) }
    guard publicKey.algorithm == .ed25519, publicKey.certificate == nil else {
      throw reader.failure("only Ed25519 keys sign in this process, this is \(publicKey.name)", .unsupported)
    }
    let checks = (try reader.uint32(), try reader.uint32())
    guard checks.0 == checks.1 else { throw reader.failure("its check numbers differ") }
    guard try reader.text("the algorithm's name", limit: 100) == publicKey.name else {
      throw reader.failure("its two halves are of two kinds")
    }
    let publicBytes = try reader.string(of: 32, "the public half")
    let privateBytes = try reader.string(of: 64, "the private half")
    _ = try reader.string()  // the comment
    try checkPadding(&reader)
    // Signing with a public half that is not the secret's own would tell the secret to whoever sees two signatures.
    guard let secret = Ed25519Secret(seed: privateBytes.prefix(32)), secret.publicBytes == publicBytes,
      privateBytes.suffix(32).elementsEqual(publicBytes), publicKey.plain.material == .ed25519(publicBytes)
    else { throw reader.failure("its public half does not belong to its private one") }
    return secret
  }

  /// 1, 2, 3, … up to a multiple of eight bytes.
  private func checkPadding(_ reader: inout WireReader) throws(SignatureError) {
    guard privatePart.count.isMultiple(of: 8) else { throw reader.failure("its padding is wrong") }
    var expected: UInt8 = 1
    while !reader.isAtEnd {
      guard try reader.byte() == expected, expected < 8 else { throw reader.failure("its padding is wrong") }
      expected += 1
    }
  }
}
