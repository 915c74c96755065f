/// Why a key counts as taken back.
package enum Revocation: Sendable, Hashable {
  /// A line of a text list names it, its certificate's authority, or the certificate.
  case listed(fingerprint: String, file: String, line: Int)
  /// A binary list holds it, as `ssh-keygen -Q` says.
  case inBinaryList(fingerprint: String, file: String)
}

extension Revocation: CustomStringConvertible {
  package var description: String {
    switch self {
    case .listed(let fingerprint, let file, let line): "key \(fingerprint) was revoked (\(file):\(line))"
    case .inBinaryList(let fingerprint, let file): "key \(fingerprint) was revoked (\(file))"
    }
  }
}
