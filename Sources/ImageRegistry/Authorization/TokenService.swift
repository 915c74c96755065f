import FoundationEssentials
import HTTPTransport
import ReleaseEngine
import ReleaseModel
import Synchronization

/// Tokens of the services that registries name, for pulling one repository each (distribution, "Token Authentication Specification" and "OAuth2
/// Token Authentication"). Each is asked for once while it is good, and belongs to the credentials that it was asked for with.
final class TokenService: Sendable {
  private static let largestAnswer = 1 << 16
  /// What a token is good for where the service does not say, by the specification.
  private static let standardLife = 60
  /// So long before its end a token is not used any more.
  private static let margin: Duration = .seconds(10)

  private struct Key: Hashable {
    var realm: String
    var service: String?
    var scope: String
    var credential: Credential?
  }

  private let kept = Mutex<[Key: (token: String, until: Duration)]>([:])

  /// The value of an `Authorization` header; nil where the service refuses the credentials.
  func authorization(
    realm: String, service: String?, for exchange: RegistryExchange, with credential: Credential?
  ) async throws(PortError) -> String? {
    let scope = "repository:\(exchange.image.repository):pull"
    let key = Key(realm: realm, service: service, scope: scope, credential: credential)
    let now = exchange.clock.elapsed
    if let known = kept.withLock({ $0[key] }), known.until > now { return "Bearer \(known.token)" }
    let response = try await ask(key, exchange)
    if response.status == 401 || response.status == 403 || response.status == 400 { return nil }
    guard response.status == 200 else {
      throw exchange.failure(.corrupt, "the token service \(HTTPError.redacted(realm)) answered HTTP \(response.status)")
    }
    guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(response.body)), let token = answer.token ?? answer.accessToken,
      TokenService.isToken(token)
    else { throw exchange.failure(.corrupt, "the answer of the token service \(HTTPError.redacted(realm)) holds no token") }
    let life = min(max(answer.expiresIn ?? Self.standardLife, 0), 86_400)
    kept.withLock { $0[key] = (token, now + .seconds(life) - Self.margin) }
    return "Bearer \(token)"
  }

  /// Forgets a token that a registry did not take although it should have been good.
  func forget(_ authorization: String) {
    kept.withLock { kept in kept = kept.filter { "Bearer \($0.value.token)" != authorization } }
  }

  private func ask(_ key: Key, _ exchange: RegistryExchange) async throws(PortError) -> HTTPResponse {
    var fields = [("scope", key.scope)]
    if let service = key.service { fields.append(("service", service)) }
    if case .identityToken(let token)? = key.credential?.kind {
      fields += [("grant_type", "refresh_token"), ("client_id", "tagflip"), ("refresh_token", token)]
      return try await exchange.send("POST", key.realm, form: Self.form(fields), maximumBody: Self.largestAnswer)
    }
    let joint = key.realm.contains("?") ? "&" : "?"
    return try await exchange.send(
      "GET", "\(key.realm)\(joint)\(Self.form(fields))", authorization: key.credential?.basic, maximumBody: Self.largestAnswer)
  }

  /// Names and values as a form spells them (URL standard, "application/x-www-form-urlencoded").
  private static func form(_ fields: [(String, String)]) -> String {
    fields.map { "\($0.0)=\(PercentEncoding.escaped($0.1))" }.joined(separator: "&")
  }

  /// Whether a text may stand in a header (RFC 6750 §2.1): nothing else of an answer gets there.
  private static func isToken(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
  }

  private struct Answer: Decodable {
    var token: String?
    var accessToken: String?
    var expiresIn: Int?

    enum CodingKeys: String, CodingKey {
      case token
      case accessToken = "access_token"
      case expiresIn = "expires_in"
    }
  }
}
