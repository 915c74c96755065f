package import Digests

/// What a record rests on, byte for byte: kept in the audit branch's tree beside the records, so that whoever reads them later can repeat
/// what was decided.
///
/// A record names exhibits by kind, name and digest. Their bytes travel with it until it is appended, and are no part of its JSON.
package struct Exhibit: Sendable, Hashable, Codable {
  package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
    /// A tag object as Git stores it, without Git's own header.
    case tag
    /// A commit as Git stores it, without Git's own header.
    case commit
    /// The installation's settings. Secrets that were written in them are left out.
    case settings
    /// The files that the settings name: who may sign tags and requests, and which keys were taken back.
    case signers
    case revoked
    case keyring
    case operators
    case revokedOperators = "revoked-operators"
    /// What an operator signed: a ``SignedRequest``.
    case request
    /// The rendered environment. Values of Secrets are replaced by digests that nobody can guess at.
    case environment
  }

  package var kind: Kind
  /// For people: an object's id, a file's name.
  package var name: String
  /// SHA-256 of the bytes.
  package var digest: Digest
  /// Nil once the record was read back: the tree has them.
  package var bytes: [UInt8]?

  /// The most that is kept of anything, in bytes.
  package static let limit = 4 << 20

  package init(_ kind: Kind, name: String, bytes: [UInt8]) {
    self.kind = kind
    self.name = name
    self.digest = Digest(of: bytes)
    self.bytes = bytes
  }

  private enum CodingKeys: String, CodingKey {
    case kind, name, digest
  }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    kind = try container.decode(Kind.self, forKey: .kind)
    name = try container.decode(String.self, forKey: .name)
    digest = try container.decode(Digest.self, forKey: .digest)
    bytes = nil
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(kind, forKey: .kind)
    try container.encode(name, forKey: .name)
    try container.encode(digest, forKey: .digest)
  }
}
