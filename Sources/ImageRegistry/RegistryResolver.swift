package import HTTPTransport
package import ReleaseEngine
package import ReleaseModel

/// The engine's images port over OCI registries.
package struct RegistryResolver: ImageResolver {
  /// How long the requests of one question may take, with all that is tried again. Credential helpers and the cluster's Secrets are asked
  /// within limits of their own.
  static let limit: Duration = .seconds(60)

  private let http: any HTTPSending
  private let clock: any RunClock
  private let places: RegistryPlaces
  private let search: CredentialSearch
  private let tokens = TokenService()
  private let proxies: EnvironmentProxies

  /// - Parameters:
  ///   - settings: registries, and the docker configs that open them.
  ///   - secrets: reads pull secrets of the cluster.
  ///   - allowed: the names of those that may be read.
  ///   - environment: for credential helpers, `PATH` and `HOME` among it, and to say which proxy a request took.
  ///   - files: reads a file that the settings name.
  package init(
    http: any HTTPSending, clock: any RunClock, settings: ImageSettings, secrets: any PullSecretSource, allowed: [String],
    environment: [String: String], files: any NamedFiles
  ) {
    self.http = http
    self.clock = clock
    places = RegistryPlaces(settings, files: files)
    proxies = EnvironmentProxies(environment)
    search = CredentialSearch(settings: settings, allowed: Set(allowed), secrets: secrets, files: files, environment: environment)
  }

  package func resolve(
    _ reference: ImageReference, secrets: [PullSecret], namespace: String
  ) async throws(PortError) -> ImageAnswer {
    guard let image = RegistryImage(reference) else {
      throw PortError(
        .invalid, attempted: "look up the image \(PlainText.line(reference.description, longest: 300))", reason: "it is no image reference",
        hint: "it reads registry.example/shop/web:1.4.0: a repository has lower-case letters, digits, \".\", \"_\", \"-\" and \"/\"")
    }
    let exchange = RegistryExchange(
      http: http, clock: clock, places: places, proxies: proxies, image: image, end: clock.elapsed + Self.limit)
    var question = RegistryQuestion(exchange: exchange, search: search, tokens: tokens, secrets: secrets, namespace: namespace)
    do throws(PortError) {
      return try await question.answer()
    } catch  where error.kind == .forbidden && !question.isClusterToBlame {
      // The registry's own 401 or 403, and a place that must not be asked. A cluster that lets nobody read a Secret says nothing of the image.
      return .denied(error)
    }
  }
}
