/// The kinds of keys that OpenSSH makes today, by their names on the wire; DSA is not among them.
package enum SSHKeyAlgorithm: String, Sendable, Hashable, CaseIterable {
  /// RFC 8709.
  case ed25519 = "ssh-ed25519"
  /// RFC 5656.
  case ecdsa256 = "ecdsa-sha2-nistp256"
  case ecdsa384 = "ecdsa-sha2-nistp384"
  case ecdsa521 = "ecdsa-sha2-nistp521"
  /// RFC 4253 for the key, RFC 8332 for its signatures.
  case rsa = "ssh-rsa"
  /// Keys that never leave a security key (OpenSSH, PROTOCOL.u2f).
  case hardwareEd25519 = "sk-ssh-ed25519@openssh.com"
  case hardwareECDSA256 = "sk-ecdsa-sha2-nistp256@openssh.com"

  /// The name of certificates of such keys (OpenSSH, PROTOCOL.certkeys).
  package var certificateName: String {
    let base = rawValue.hasSuffix("@openssh.com") ? String(rawValue.dropLast("@openssh.com".count)) : rawValue
    return "\(base)-cert-v01@openssh.com"
  }

  /// The algorithm that a name on the wire stands for, and whether it is that of a certificate.
  init?(name: String, isCertificate: inout Bool) {
    guard let algorithm = Self.allCases.first(where: { $0.rawValue == name || $0.certificateName == name }) else { return nil }
    isCertificate = algorithm.rawValue != name
    self = algorithm
  }

  /// Whether signatures come from a security key, which adds flags and a counter.
  package var isHardware: Bool { self == .hardwareEd25519 || self == .hardwareECDSA256 }

  /// The elliptic curve of ECDSA keys; nil for the others.
  var curve: EllipticCurve? {
    switch self {
    case .ecdsa256, .hardwareECDSA256: .p256
    case .ecdsa384: .p384
    case .ecdsa521: .p521
    case .ed25519, .hardwareEd25519, .rsa: nil
    }
  }
}

/// The curves of RFC 5656 that every implementation has.
enum EllipticCurve: String, Sendable, Hashable {
  case p256 = "nistp256"
  case p384 = "nistp384"
  case p521 = "nistp521"

  /// The bytes of one coordinate.
  var coordinateSize: Int {
    switch self {
    case .p256: 32
    case .p384: 48
    case .p521: 66
    }
  }

  /// The hash that signatures on it are made with (RFC 5656, section 6.2.1).
  var hash: HashAlgorithm {
    switch self {
    case .p256: .sha256
    case .p384: .sha384
    case .p521: .sha512
    }
  }

  /// Its object identifier's content (RFC 5480, section 2.1.1.1).
  var identifier: [UInt8] {
    switch self {
    case .p256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]
    case .p384: [0x2b, 0x81, 0x04, 0x00, 0x22]
    case .p521: [0x2b, 0x81, 0x04, 0x00, 0x23]
    }
  }
}
