/// What ``AllowedSigners`` says of a key.
package enum SignerVerdict: Sendable, Hashable {
  case allowed(Signer)
  case refused(SignerRefusal)
}

/// Who may sign with a key.
package struct Signer: Sendable, Hashable {
  /// Whom the key may speak for.
  package enum Principals: Sendable, Hashable {
    /// As the file lists them, for a key that is listed itself.
    case patterns(PatternList)
    /// Those of a certificate that the file allows its authority to name; never empty.
    case names([String])
  }

  package let principals: Principals
  /// The key that signed.
  package let key: SSHPublicKey
  /// Which line of the file allowed it, from 1.
  package let line: Int

  /// Whether the key may speak for that principal.
  package func speaks(for principal: String) -> Bool {
    switch principals {
    case .patterns(let list): list.matches(principal)
    case .names(let names): names.contains(principal)
    }
  }

  /// The principals in one line, with commas between them.
  package var names: String {
    switch principals {
    case .patterns(let list): list.description
    case .names(let names): names.joined(separator: ",")
    }
  }
}

/// Why a signature does not count.
package enum SignerRefusal: Error, Sendable, Hashable {
  /// The file lists neither the key nor its certificate's authority.
  case unknownKey(fingerprint: String, file: String)
  /// It is listed, but not for the principal that was asked for.
  case otherPrincipal(String, allowed: String, line: Int)
  /// It is listed for other uses.
  case wrongNamespace(String, allowed: String, line: Int)
  /// It is listed from a later time on. Seconds since 1970.
  case notYetValid(from: Int64, at: Int64, line: Int)
  /// It is listed up to an earlier time. Seconds since 1970.
  case expired(until: Int64, at: Int64, line: Int)
  /// The certificate itself begins later. Seconds since 1970.
  case certificateNotYetValid(keyID: String, from: UInt64, at: Int64)
  /// The certificate itself ended before. Seconds since 1970.
  case certificateExpired(keyID: String, until: UInt64, at: Int64)
  /// The certificate is one for hosts.
  case certificateForHosts(keyID: String)
  /// The certificate restricts its key in a way that cannot be honoured here.
  case criticalOption(String, keyID: String)
  /// None of the certificate's principals is one that the file allows its authority to name.
  case certificatePrincipal(keyID: String, names: [String], allowed: String, line: Int)
  /// Someone took it back.
  case revoked(Revocation)
  /// The signature was made for another use than the one asked for, whoever made it.
  case otherNamespace(String, expected: String)
  /// The mathematics say no.
  case invalid(SignatureError)
}

extension SignerRefusal: CustomStringConvertible {
  /// The reason as part of a sentence, with what is needed to look it up.
  package var description: String {
    func quoted(_ text: String) -> String { SignatureError.quoted(text) }
    return switch self {
    case .unknownKey(let fingerprint, let file): "key \(fingerprint) is not listed in \(file)"
    case .otherPrincipal(let principal, let allowed, let line):
      "the key on line \(line) may not sign for \(quoted(principal)), only for \(quoted(allowed))"
    case .wrongNamespace(let namespace, let allowed, let line):
      "the key on line \(line) may not sign in namespace \(quoted(namespace)), only in \(quoted(allowed))"
    case .notYetValid(let from, let at, let line):
      "the key on line \(line) is valid from \(SignerTime.text(from)) on, and this is about \(SignerTime.text(at))"
    case .expired(let until, let at, let line):
      "the key on line \(line) was valid until \(SignerTime.text(until)), and this is about \(SignerTime.text(at))"
    case .certificateNotYetValid(let id, let from, let at):
      "certificate \(quoted(id)) is valid from \(SignerTime.text(Int64(clamping: from))) on, and this is about \(SignerTime.text(at))"
    case .certificateExpired(let id, let until, let at):
      "certificate \(quoted(id)) was valid before \(SignerTime.text(Int64(clamping: until))), and this is about \(SignerTime.text(at))"
    case .certificateForHosts(let id): "certificate \(quoted(id)) is for hosts, not for people"
    case .criticalOption(let name, let id):
      "certificate \(quoted(id)) has the critical option \(quoted(name)), which cannot be honoured here"
    case .certificatePrincipal(let id, let names, let allowed, let line):
      "certificate \(quoted(id)) is for \(names.isEmpty ? "nobody" : quoted(names.joined(separator: ","))), "
        + "and the authority on line \(line) may name \(quoted(allowed))"
    case .revoked(let revocation): "\(revocation)"
    case .otherNamespace(let namespace, let expected): "it was made for namespace \(quoted(namespace)), not for \(quoted(expected))"
    case .invalid(let error): error.cause
    }
  }
}
