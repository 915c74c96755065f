extension AllowedSigners {
  /// Judges a signature wholly: its mathematics, its namespace, and whether its key may sign.
  ///
  /// - Parameters:
  ///   - namespace: the use that is expected, `git` for commits and tags.
  ///   - instant: seconds since 1970 at which keys and certificates must be valid. A date inside what was signed is the signer's claim: who stole
  ///     an expired key can choose it.
  ///   - principal: for whom the key must be allowed to speak; nil for anybody.
  ///   - revocations: what was taken back, at whatever time.
  ///
  /// Throws only if a binary revocation list cannot be asked; everything else is a verdict.
  package func judge(
    _ signature: SSHSignature, over message: some Collection<UInt8>, namespace: String, at instant: Int64, as principal: String? = nil,
    revocations: RevocationList? = nil
  ) throws(SignatureError) -> SignerVerdict {
    guard signature.namespace == namespace else { return .refused(.otherNamespace(signature.namespace, expected: namespace)) }
    do throws(SignatureError) {
      try signature.verify(message)
    } catch {
      return .refused(.invalid(error))
    }
    return try judge(signature.publicKey, namespace: namespace, at: instant, as: principal, revocations: revocations)
  }

  /// Judges whether a key may sign; that it did sign is for ``SSHSignature/verify(_:)``.
  ///
  /// Of several lines that list the key the first that allows it counts; if none does, the first one's reason is told.
  package func judge(
    _ key: SSHPublicKey, namespace: String, at instant: Int64, as principal: String? = nil, revocations: RevocationList? = nil
  ) throws(SignatureError) -> SignerVerdict {
    if let revocation = try revocations?.revocation(of: key) { return .refused(.revoked(revocation)) }
    var refusal: SignerRefusal?
    for line in lines where line.concerns(key) {
      switch line.judge(key, namespace: namespace, at: instant, as: principal) {
      case .success(let signer): return .allowed(signer)
      case .failure(let reason): refusal = refusal ?? reason
      }
    }
    return .refused(refusal ?? .unknownKey(fingerprint: key.fingerprint, file: file))
  }
}

extension AllowedSignersLine {
  /// Whether the line is about this very key, or about its certificate's authority.
  fileprivate func concerns(_ key: SSHPublicKey) -> Bool {
    options.isAuthority ? key.certificate?.authorityKey == self.key.plain : self.key == key
  }

  /// In the order in which OpenSSH asks (sshsig.c, `check_allowed_keys_line`).
  fileprivate func judge(
    _ key: SSHPublicKey, namespace: String, at instant: Int64, as principal: String?
  ) -> Result<Signer, SignerRefusal> {
    if let principal, !principals.matches(principal) {
      return .failure(.otherPrincipal(principal, allowed: principals.description, line: number))
    }
    var allowed = Signer.Principals.patterns(principals)
    if options.isAuthority, let certificate = key.certificate {
      if let refusal = certificate.refusal(at: instant) { return .failure(refusal) }
      let names = certificate.principals.filter { principals.matches($0) && (principal == nil || $0 == principal) }
      guard !names.isEmpty else {
        return .failure(
          .certificatePrincipal(
            keyID: certificate.keyID, names: certificate.principals, allowed: principal ?? principals.description, line: number))
      }
      allowed = .names(names)
    }
    if let namespaces = options.namespaces, !namespaces.matches(namespace) {
      return .failure(.wrongNamespace(namespace, allowed: namespaces.description, line: number))
    }
    if let validAfter = options.validAfter, instant < validAfter {
      return .failure(.notYetValid(from: validAfter, at: instant, line: number))
    }
    if let validBefore = options.validBefore, instant > validBefore {
      return .failure(.expired(until: validBefore, at: instant, line: number))
    }
    return .success(Signer(principals: allowed, key: key, line: number))
  }
}

extension SSHCertificate {
  /// Why it is not one of a person at that time; nil where it is.
  ///
  /// Every critical option is refused. Those that OpenSSH knows restrict logins, and a key that was given out for one command from one address
  /// was not given out to sign releases.
  fileprivate func refusal(at instant: Int64) -> SignerRefusal? {
    guard purpose == .user else { return .certificateForHosts(keyID: keyID) }
    let now = UInt64(clamping: instant)
    if now < validAfter { return .certificateNotYetValid(keyID: keyID, from: validAfter, at: instant) }
    if now >= validBefore { return .certificateExpired(keyID: keyID, until: validBefore, at: instant) }
    return criticalOptions.first.map { .criticalOption($0, keyID: keyID) }
  }
}
