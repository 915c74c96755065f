import Digests

/// What an operator asks for in his own name. He signs its canonical JSON (SSHSIG, namespace ``namespace``), and each may be used once.
package struct OperatorRequest: Sendable, Hashable, Codable {
  package enum Action: String, Sendable, Hashable, Codable, CaseIterable {
    /// A version is let in once more.
    case retry
    /// A version may be released although a freeze holds.
    case override
    /// The audit branch is accepted as it is.
    case reseal
  }

  /// The namespace of the signatures: a signature made for something else never counts as one on a request.
  package static let namespace = "tagflip-request"
  /// How long after it was written a request is accepted.
  package static let lifetime: Duration = .seconds(24 * 3600)

  package var action: Action
  package var installation: String
  /// The tag that is asked for; nil for `reseal`.
  @Indirect package var tag: ReleaseTag?
  /// What is accepted; nil but for `reseal`.
  @Indirect package var reseal: AcceptedRewrite?
  package var reason: String
  /// When it was written, by the API server's clock.
  package var at: Timestamp

  package init(
    _ action: Action, installation: String, tag: ReleaseTag? = nil, reseal: AcceptedRewrite? = nil, reason: String, at: Timestamp
  ) {
    self.action = action
    self.installation = installation
    self.tag = tag
    self.reseal = reseal
    self.reason = reason
    self.at = at
  }

  /// What is signed.
  package var bytes: [UInt8] {
    get throws { try CanonicalJSON.bytes(of: self) }
  }
}

/// A request with its signatures, as it lies in a file and in the audit branch's tree: canonical JSON.
package struct SignedRequest: Sendable, Hashable, Codable {
  package var request: OperatorRequest
  /// Armored SSH signatures, in the order in which they were made.
  package var signatures: [String]

  package init(_ request: OperatorRequest, signatures: [String] = []) {
    self.request = request
    self.signatures = signatures
  }

  /// Reads a request; nil for anything but its one spelling, with or without a newline at its end.
  package init?(parsing bytes: [UInt8]) {
    let text = bytes.last == 0x0A ? Array(bytes.dropLast()) : bytes
    guard text.count <= 1 << 16, let value = try? CanonicalJSON.value(SignedRequest.self, from: text),
      (try? CanonicalJSON.bytes(of: value)) == text
    else { return nil }
    self = value
  }

  /// As a file: canonical JSON and a newline.
  package var file: [UInt8] {
    get throws { try CanonicalJSON.bytes(of: self) + [0x0A] }
  }

  /// As a record names it: by what was signed. One more signature, or another order of them, makes no other request of it.
  package var exhibit: Exhibit {
    get throws { Exhibit(.request, name: "\(Digest(of: try request.bytes))", bytes: try file) }
  }
}

/// Whose requests count, by the installation's settings. Without them whoever may run tagflip may ask, and the record names him as the API
/// server does.
package struct OperatorRules: Sendable, Hashable {
  /// Who may sign: a file as ssh-keygen(1) describes it under ALLOWED SIGNERS.
  package var signers: String
  /// SSH keys that were taken back: a list of keys and fingerprints, or a key revocation list.
  package var revoked: String?
  /// What a second person must sign too.
  package var secondPerson: Set<OperatorRequest.Action>

  package init(signers: String, revoked: String? = nil, secondPerson: Set<OperatorRequest.Action> = []) {
    self.signers = signers
    self.revoked = revoked
    self.secondPerson = secondPerson
  }

  /// How many persons must sign.
  package func persons(for action: OperatorRequest.Action) -> Int { secondPerson.contains(action) ? 2 : 1 }
}

extension OperatorRules {
  /// Who is missing among those who signed; nil where they are enough. Two signatures of one person, or of one key, are one.
  package func shortage(of operators: [TagSignature], for action: OperatorRequest.Action) -> String? {
    let count = min(Set(operators.map(\.signer)).count, Set(operators.map(\.key)).count)
    guard count < persons(for: action) else { return nil }
    return count == 0
      ? "nobody signed the \(action.rawValue), and the settings ask for an operator's signature"
      : "the settings ask for a second person's signature on a \(action.rawValue), and only \(operators.map(\.signer).first ?? "one") signed"
  }
}

extension OperatorRequest {
  /// What a request that was signed is for, where that is something else than is wanted; nil where it is the same. Reason and time are the
  /// signer's.
  package func difference(from signed: OperatorRequest) -> String? {
    if signed.action != action { return "a \(signed.action.rawValue)" }
    if signed.installation != installation { return "installation \(PlainText.line(signed.installation, longest: 80))" }
    if signed.tag != tag { return signed.tag.map { "\(PlainText.line($0.name, longest: 100)) at \($0.object.prefix(12))" } ?? "no tag" }
    if signed.reseal != reseal { return "a branch that stood elsewhere" }
    return nil
  }

  /// Why it comes too late, or too early; nil where it does not.
  package func objection(at now: Timestamp) -> String? {
    if now - at > OperatorRequest.lifetime { return "the request was written at \(at), and counts for \(OperatorRequest.lifetime.words)" }
    if at - now > .seconds(300) { return "the request says that it was written at \(at), which is not yet" }
    return nil
  }
}
