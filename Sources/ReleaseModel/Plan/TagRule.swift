package import Digests

/// What a release tag must be, by the installation's settings: who can push a tag must not be able to widen what a tag may do.
package struct TagRule: Sendable, Hashable {
  package enum Requirement: String, Sendable, Hashable, CaseIterable {
    /// Any tag of a commit, lightweight ones too.
    case any
    /// A tag object with a tagger and a message.
    case annotated
    /// A tag object that somebody signed who may sign.
    case signed
  }

  /// The services that it holds for; empty for all. The first rule that holds for a service counts.
  package var services: [ServiceName]
  package var requirement: Requirement
  /// Who may sign with SSH keys: a file as ssh-keygen(1) describes it under ALLOWED SIGNERS.
  package var signers: String?
  /// SSH keys that were taken back: a list of keys and fingerprints, or a key revocation list.
  package var revoked: String?
  /// Who may sign with OpenPGP: a keyring.
  package var keyring: String?
  /// Whether the tagged commit must be on the protected branch.
  package var onBranch: Bool
  /// Whether the tagged commit must be signed too, by somebody who may sign.
  package var signedCommit: Bool

  package init(
    services: [ServiceName] = [], requirement: Requirement = .any, signers: String? = nil, revoked: String? = nil, keyring: String? = nil,
    onBranch: Bool = false, signedCommit: Bool = false
  ) {
    self.services = services
    self.requirement = requirement
    self.signers = signers
    self.revoked = revoked
    self.keyring = keyring
    self.onBranch = onBranch
    self.signedCommit = signedCommit
  }
}

/// A signature that was verified when a tag was decided on.
package struct TagSignature: Sendable, Hashable, Codable {
  package enum Kind: String, Sendable, Hashable, Codable {
    case ssh
    case openpgp
  }

  package var kind: Kind
  /// For whom the settings let the key sign; for OpenPGP the name that the key gives itself.
  package var signer: String
  /// The key: `SHA256:…` of an SSH key, the primary fingerprint of an OpenPGP key.
  package var key: String

  package init(kind: Kind, signer: String, key: String) {
    self.kind = kind
    self.signer = signer
    self.key = key
  }
}

/// By what a tag was judged: what it takes to judge it again.
package struct TagJudgement: Sendable, Hashable, Codable {
  /// At which instant keys had to be valid.
  package var at: Timestamp
  /// Digests of the files that the rule names, as they were then.
  package var signers: Digest?
  package var revoked: Digest?
  package var keyring: Digest?

  package init(at: Timestamp, signers: Digest? = nil, revoked: Digest? = nil, keyring: Digest? = nil) {
    self.at = at
    self.signers = signers
    self.revoked = revoked
    self.keyring = keyring
  }
}
