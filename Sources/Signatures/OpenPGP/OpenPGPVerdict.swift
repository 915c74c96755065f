/// What `gpg` says of a signature.
package enum OpenPGPVerdict: Sendable, Hashable {
  case good(OpenPGPSignature)
  case refused(OpenPGPRefusal)
}

/// Who made a signature, and when, as far as it says so itself.
package struct OpenPGPSignature: Sendable, Hashable {
  /// The fingerprint of the primary key, in upper-case hexadecimal digits: whoever lists keys lists these.
  package let primaryFingerprint: String
  /// The fingerprint of the key or subkey that signed.
  package let signingFingerprint: String
  /// Seconds since 1970 at which it says that it was made: the signer's claim.
  package let claimedTime: Int64
  /// One of the names that the key gives itself, in one line. Nobody has vouched for it here.
  package let userID: String
}

/// Why an OpenPGP signature does not count.
package enum OpenPGPRefusal: Error, Sendable, Hashable {
  /// The mathematics say no.
  case bad(keyID: String)
  /// The keyring does not hold the key.
  case unknownKey(keyID: String, keyring: String)
  /// The key expired, at that second since 1970 if it is known; the signature itself is right.
  case expiredKey(OpenPGPSignature, at: Int64?)
  /// Its owner took the key back; the signature itself is right.
  case revokedKey(OpenPGPSignature)
  /// The signature was made to hold for a time that is over.
  case expiredSignature(OpenPGPSignature)
  /// It was made with a hash that can be forged.
  case weakHash(OpenPGPSignature)
  /// It is not one over these bytes, but one of a key or of nothing.
  case otherClass(OpenPGPSignature)
  /// There is more than one: which of them counts nobody could say.
  case several
  /// `gpg` could not read it, in its words.
  case unreadable(String)
}

extension OpenPGPRefusal: CustomStringConvertible {
  /// The reason as part of a sentence.
  package var description: String {
    switch self {
    case .bad(let keyID): "OpenPGP key \(keyID) did not sign these bytes"
    case .unknownKey(let keyID, let keyring): "OpenPGP key \(keyID) is not in \(keyring)"
    case .expiredKey(let signature, let time):
      "OpenPGP key \(signature.primaryFingerprint) expired\(time.map { " at \(SignerTime.text($0))" } ?? "")"
    case .revokedKey(let signature): "OpenPGP key \(signature.primaryFingerprint) was revoked"
    case .expiredSignature(let signature): "the signature by OpenPGP key \(signature.primaryFingerprint) expired"
    case .weakHash(let signature): "the signature by OpenPGP key \(signature.primaryFingerprint) was made with a hash that can be forged"
    case .otherClass(let signature): "the signature by OpenPGP key \(signature.primaryFingerprint) is none over a document"
    case .several: "it holds more than one OpenPGP signature"
    case .unreadable(let words): "it is no OpenPGP signature that gpg can read\(words.isEmpty ? "" : ": \(words)")"
    }
  }
}
