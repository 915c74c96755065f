import Digests
import HTTPTransport
import ReleaseEngine
import ReleaseModel

/// One question about one image: the requests that answer it, with whatever authorization the registry asks for.
struct RegistryQuestion: Sendable {
  private static let largestManifest = 4 << 20

  // By reference: what is carried over suspension points must be small (see `Indirect`).
  @Indirect private(set) var exchange: RegistryExchange
  @Indirect private(set) var search: CredentialSearch
  let tokens: TokenService
  let secrets: [PullSecret]
  let namespace: String
  /// The header that the registry took last.
  private var authorization: String?
  /// Whether it was the cluster's Secrets, and not the registry, that gave no answer.
  private(set) var isClusterToBlame = false

  init(exchange: RegistryExchange, search: CredentialSearch, tokens: TokenService, secrets: [PullSecret], namespace: String) {
    self.exchange = exchange
    self.search = search
    self.tokens = tokens
    self.secrets = secrets
    self.namespace = namespace
  }

  private var image: RegistryImage { exchange.image }

  /// What the registry says.
  /// - Throws: `forbidden` where it wants other credentials or must not be asked; everything else is no answer.
  mutating func answer() async throws(PortError) -> ImageAnswer {
    let head = try await request("HEAD", image.selector)
    switch head.status {
    case 200: break
    // Not every registry knows HEAD, and none may say more with it than a status.
    case 404, 405, 501, 400: return try await manifest(at: image.selector, announced: nil)
    default: throw unexpected(head)
    }
    let announced = head.head["Docker-Content-Digest"].flatMap { Digest(parsing: $0) }
    return try await manifest(at: announced?.description ?? image.selector, announced: announced)
  }

  /// Reads the manifest itself: its bytes say what the digest is.
  /// - Parameter announced: the digest that the registry named before; it must be that of the bytes.
  private mutating func manifest(at selector: String, announced: Digest?) async throws(PortError) -> ImageAnswer {
    let response = try await request("GET", selector)
    let words = RegistryErrors(response.body).words
    if response.status == 404 {
      guard announced == nil else { throw exchange.failure(.unreachable, "it was there and then was not", hint: "the next run asks again") }
      return .absent(registry: image.registry, words: words ?? "HTTP 404, in no registry's words")
    }
    guard response.status == 200 else { throw unexpected(response) }
    let reading: ManifestReading
    do throws(ManifestReading.Objection) {
      reading = try ManifestReading(response.body)
    } catch {
      throw exchange.failure(
        .corrupt, "what \(image.registry) answered is no image that pods can run: \(error.reason)",
        hint: "push it again with a current builder, or correct the image's name")
    }
    // The registry's word for these bytes, the word it gave before, and the digest that the manifest asked for: all of one mind, or none counts.
    let told = response.head["Docker-Content-Digest"].flatMap { Digest(parsing: $0) }
    let asked = image.digest.flatMap { Digest(parsing: $0) }
    for claim in [announced, told, asked].compactMap(\.self) where claim != reading.digest {
      throw exchange.failure(
        .corrupt, "\(image.registry) named the digest \(claim) and sent bytes of \(reading.digest)",
        hint: "nothing is released on that; look at the registry, or at what stands in between")
    }
    return .found(ResolvedImage(digest: reading.digest, parts: reading.parts))
  }

  private func unexpected(_ response: HTTPResponse) -> PortError {
    let words = RegistryErrors(response.body).words.map { ": \($0)" } ?? ""
    return exchange.failure(.unreachable, "\(image.registry) answered HTTP \(response.status)\(words)", hint: "the next run asks again")
  }

  // MARK: Authorization

  private func send(_ method: String, _ selector: String, _ authorization: String?) async throws(PortError) -> HTTPResponse {
    try await exchange.send(
      method, "\(exchange.places.base(of: image))/v2/\(image.repository)/manifests/\(selector)", accept: ManifestReading.mediaTypes,
      authorization: authorization, maximumBody: Self.largestManifest, follows: true)
  }

  /// Asks with the header that was taken before, and where the registry wants another, with each there is.
  private mutating func request(_ method: String, _ selector: String) async throws(PortError) -> HTTPResponse {
    let first = try await send(method, selector, authorization)
    guard first.isDenial else { return first }
    guard let challenge = Challenge(first.head) else { throw denied(first, offered: [], remarks: []) }
    let findings = try await findings()
    var last = first
    for credential in findings.credentials.isEmpty ? [nil] : findings.credentials.map(Optional.some) {
      guard let header = try await header(challenge, credential) else { continue }
      var response = try await send(method, selector, header)
      if response.status == 401, case .bearer = challenge {
        // A token that was kept may have been taken back since.
        tokens.forget(header)
        if let renewed = try await self.header(challenge, credential), renewed != header {
          response = try await send(method, selector, renewed)
          if !response.isDenial { authorization = renewed }
        }
      } else if !response.isDenial {
        authorization = header
      }
      guard response.isDenial else { return response }
      last = response
    }
    throw denied(last, offered: findings.credentials, remarks: findings.remarks)
  }

  private mutating func findings() async throws(PortError) -> CredentialSearch.Findings {
    do throws(CredentialSearch.Failure) {
      return try await search.findings(for: image, pulledBy: secrets, in: namespace)
    } catch {
      switch error {
      case .settings(let error): throw error
      case .cluster(let error):
        isClusterToBlame = true
        throw error
      }
    }
  }

  /// The header for one credential, or for none; nil where there is none, or the token service refuses it.
  private func header(_ challenge: Challenge, _ credential: Credential?) async throws(PortError) -> String? {
    if case .registryToken(let token)? = credential?.kind { return "Bearer \(token)" }
    switch challenge {
    case .basic: return credential?.basic
    case .bearer(let realm, let service):
      return try await tokens.authorization(realm: realm, service: service, for: exchange, with: credential)
    }
  }

  private func denied(_ response: HTTPResponse, offered: [Credential], remarks: [String]) -> PortError {
    let words = RegistryErrors(response.body).words.map { " (\($0))" } ?? ""
    let who = offered.isEmpty ? "without credentials" : "with the \(offered.map(\.description).joined(separator: ", the "))"
    let more = remarks.isEmpty ? "" : "; \(remarks.joined(separator: "; "))"
    return exchange.failure(
      .forbidden, PlainText.line("\(image.registry) answered HTTP \(response.status)\(words) \(who)\(more)", longest: 600),
      hint:
        "give the bot credentials that may pull it: images.config or images.registries in the settings, or imagePullSecrets of the pods "
        + "(a Secret outside the environment must stand in policy.secrets)")
  }
}

extension HTTPResponse {
  fileprivate var isDenial: Bool { status == 401 || status == 403 }
}
