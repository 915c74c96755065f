import Digests

/// What opens a registry. Shows where it was found, and never what it is.
struct Credential: Sendable, Hashable {
  enum Kind: Sendable, Hashable {
    case password(user: String, String)
    /// A refresh token for the token service (`identitytoken`; "OAuth2 Token Authentication").
    case identityToken(String)
    /// A bearer token for the registry itself (`registrytoken`).
    case registryToken(String)
  }

  var kind: Kind
  /// Where it was found, for people: `Secret regcred`.
  var place: String

  /// The value of an `Authorization` header with user and password (RFC 7617); nil for a token.
  var basic: String? {
    guard case .password(let user, let password) = kind else { return nil }
    return "Basic \(Base64.encode(Array("\(user):\(password)".utf8)))"
  }
}

extension Credential: CustomStringConvertible {
  var description: String { "credentials of \(place)" }
}

extension Credential.Kind: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  var description: String { "withheld" }
  var debugDescription: String { description }
  var customMirror: Mirror { Mirror(self, children: []) }
}
