import Digests
import FoundationEssentials
import ReleaseEngine
import ReleaseModel

/// A docker `config.json`, or the value of a Secret of type `kubernetes.io/dockerconfigjson`: which credentials open which registry
/// (https://docs.docker.com/reference/cli/docker/login; keys with paths and wildcards as a kubelet reads them,
/// https://kubernetes.io/docs/concepts/containers/images/#config-json).
struct DockerConfig: Sendable {
  private let file: File
  private let place: String

  /// - Parameter place: where it was found, for people: `Secret regcred`.
  /// - Throws: `configuration` where it is none. What is in it is not shown.
  init(_ bytes: [UInt8], place: String) throws(PortError) {
    guard let file = try? JSONDecoder().decode(File.self, from: Data(bytes)) else {
      throw PortError(
        .configuration, attempted: "read the registries' credentials of \(place)", reason: "it is no docker config",
        hint: "it reads {\"auths\": {\"registry.example\": {\"auth\": \"…\"}}}, as docker login writes it")
    }
    self.file = file
    self.place = place
  }

  /// The program to ask for a registry's credentials, `docker-credential-NAME`, and the name under which it knows the registry.
  struct Helper: Sendable, Hashable {
    var name: String
    var server: String
    /// What names it, for people: `credsStore of /etc/tagflip/docker.json`.
    var setting: String
  }

  /// The helper that the config names for an image's registry: its own, or the store of all.
  func helper(for image: RegistryImage) -> Helper? {
    let own = (file.credHelpers ?? [:]).sorted { $0.key < $1.key }.first { ConfigKey($0.key).fits(image) }
    if let own { return Helper(name: own.value, server: own.key, setting: "credHelpers of \(place)") }
    guard let store = file.credsStore, !store.isEmpty else { return nil }
    let server = image.host == .hub ? RegistryHost.hubConfigKey : image.registry
    return Helper(name: store, server: server, setting: "credsStore of \(place)")
  }

  /// The credentials that it holds for an image, the most specific first.
  func credentials(for image: RegistryImage) -> [Credential] {
    (file.auths ?? [:]).filter { ConfigKey($0.key).fits(image) }
      .sorted { (ConfigKey($0.key).rank, $0.key) > (ConfigKey($1.key).rank, $1.key) }
      .compactMap { $0.value.kind.map { Credential(kind: $0, place: place) } }
  }

  private struct File: Decodable {
    var auths: [String: Entry]?
    var credHelpers: [String: String]?
    var credsStore: String?
  }

  private struct Entry: Decodable {
    var auth: String?
    var username: String?
    var password: String?
    var identitytoken: String?
    var registrytoken: String?

    var kind: Credential.Kind? {
      if let token = registrytoken, !token.isEmpty { return .registryToken(token) }
      if let token = identitytoken, !token.isEmpty { return .identityToken(token) }
      if let auth, let bytes = Base64.decode(auth) {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let colon = text.firstIndex(of: ":") else { return nil }
        return .password(user: String(text[..<colon]), String(text[text.index(after: colon)...]))
      }
      guard let username, let password, !username.isEmpty else { return nil }
      return .password(user: username, password)
    }
  }
}

/// A key of a docker config: a host, perhaps with a scheme, a port, a path and, in its labels, `*`.
struct ConfigKey: Sendable {
  private let host: String
  private let path: [Substring]

  init(_ text: String) {
    var rest = text[...]
    for scheme in ["https://", "http://"] where rest.hasPrefix(scheme) { rest = rest.dropFirst(scheme.count) }
    let parts = rest.split(separator: "/", omittingEmptySubsequences: true)
    host = RegistryHost.canonical(parts.first.map(String.init) ?? "")
    // `v1` and `v2` are the registries' interfaces and no repositories.
    path = parts.dropFirst().first == "v1" || parts.dropFirst().first == "v2" ? Array(parts.dropFirst(2)) : Array(parts.dropFirst())
  }

  /// How specific it is: the longer path, then the one without wildcards.
  var rank: Int { path.count * 2 + (host.contains("*") ? 0 : 1) }

  func fits(_ image: RegistryImage) -> Bool {
    let repository = image.repository.split(separator: "/")
    return fitsHost(image.registry) && repository.count >= path.count && repository.prefix(path.count).elementsEqual(path)
  }

  /// Label by label, since `*` stands within one.
  private func fitsHost(_ registry: String) -> Bool {
    if host == registry { return true }
    let (mine, theirs) = (host.split(separator: "."), registry.split(separator: "."))
    return mine.count == theirs.count && zip(mine, theirs).allSatisfy { ConfigKey.fits($0, $1) }
  }

  private static func fits(_ pattern: Substring, _ label: Substring) -> Bool {
    let pieces = pattern.split(separator: "*", omittingEmptySubsequences: false)
    guard pieces.count > 1, let first = pieces.first, let last = pieces.last else { return pattern == label }
    guard label.hasPrefix(first), label.dropFirst(first.count).hasSuffix(last) else { return false }
    var rest = label.dropFirst(first.count).dropLast(last.count)
    for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
      guard let found = rest.firstRange(of: piece) else { return false }
      rest = rest[found.upperBound...]
    }
    return true
  }
}

extension DockerConfig: CustomStringConvertible, CustomReflectable {
  var description: String { "docker config of \(place)" }
  var customMirror: Mirror { Mirror(self, children: ["place": place]) }
}
