/// The numbers of a public key.
enum KeyMaterial: Sendable, Hashable {
  /// 32 bytes (RFC 8032).
  case ed25519([UInt8])
  /// A point, uncompressed (SEC 1, section 2.3.3).
  case ecdsa(EllipticCurve, point: [UInt8])
  case rsa(modulus: [UInt8], exponent: [UInt8])

  /// The fewest and the most bits of an RSA modulus: less can be factored or soon will be, more is used to keep verifiers busy.
  static let modulusBits = 2048...16384

  /// Reads the fields that follow the key's name on the wire.
  init(_ algorithm: SSHKeyAlgorithm, from reader: inout WireReader) throws(SignatureError) {
    if let curve = algorithm.curve {
      guard try reader.text("the curve's name") == curve.rawValue else { throw reader.failure("it names another curve than its kind has") }
      let point = try reader.string(of: 1 + 2 * curve.coordinateSize, "the point")
      guard point[0] == 4 else { throw reader.failure("its point is not uncompressed") }
      self = .ecdsa(curve, point: point)
    } else if algorithm == .rsa {
      let exponent = try reader.positiveInteger("the exponent", limit: 8)
      let modulus = try reader.positiveInteger("the modulus", limit: Self.modulusBits.upperBound / 8)
      let bits = modulus.count * 8 - modulus[0].leadingZeroBitCount
      guard bits >= Self.modulusBits.lowerBound else {
        throw reader.failure("an RSA key of \(bits) bits is too short; take one of at least \(Self.modulusBits.lowerBound)", .weak)
      }
      guard exponent != [1], exponent.last.map({ $0 & 1 == 1 }) == true else {
        throw reader.failure("its exponent is none that RSA can use")
      }
      self = .rsa(modulus: modulus, exponent: exponent)
    } else {
      self = .ed25519(try reader.string(of: 32, "the key"))
    }
  }

  /// Writes what ``init(_:from:)`` reads.
  func write(to writer: inout WireWriter) {
    switch self {
    case .ed25519(let bytes): writer.string(bytes)
    case .ecdsa(let curve, let point):
      writer.string(curve.rawValue)
      writer.string(point)
    case .rsa(let modulus, let exponent):
      writer.positiveInteger(exponent)
      writer.positiveInteger(modulus)
    }
  }

  /// The key as X.509 has it (RFC 5280, section 4.1; RFC 8410, 5480, 8017).
  var subjectPublicKeyInfo: [UInt8] {
    switch self {
    case .ed25519(let bytes): DER.sequence(DER.sequence(DER.identifier([0x2b, 0x65, 0x70])), DER.bitString(bytes))
    case .ecdsa(let curve, let point):
      DER.sequence(
        DER.sequence(DER.identifier([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]), DER.identifier(curve.identifier)), DER.bitString(point))
    case .rsa(let modulus, let exponent):
      DER.sequence(
        DER.sequence(DER.identifier([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01]), DER.null),
        DER.bitString(DER.sequence(DER.integer(modulus), DER.integer(exponent))))
    }
  }
}
