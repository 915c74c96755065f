package import ReleaseModel

/// An image as a registry is asked for it: the reference of a manifest, normalised as Docker does (distribution's `reference` package,
/// "familiar names").
package struct RegistryImage: Sendable, Hashable {
  /// The registry: `docker.io`, `registry.example:5000`, `[::1]:5000`.
  package let host: RegistryHost
  /// The repository within the registry: `library/web`.
  package let repository: String
  /// The tag; nil where only a digest counts.
  package let tag: String?
  package let digest: String?

  /// The image that a reference means; nil where it is none.
  ///
  /// The first component is a registry if it has a dot or a port, is `localhost`, or has a capital letter, which no repository can have.
  /// Anything else is a repository of Docker Hub, one without a slash in its `library`. Without tag and digest the tag is `latest`.
  package init?(_ reference: ImageReference) {
    let parts = reference.name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    var host: RegistryHost? = .hub
    var repository = reference.name
    if parts.count == 2, RegistryImage.isRegistry(parts[0]) {
      host = RegistryHost(String(parts[0]))
      repository = String(parts[1])
    }
    if host == .hub, !repository.contains("/") { repository = "library/\(repository)" }
    guard let host, RegistryImage.isRepository(repository), host.description.utf8.count + 1 + repository.utf8.count <= 255
    else { return nil }
    self.host = host
    self.repository = repository
    tag = reference.tag ?? (reference.digest == nil ? "latest" : nil)
    digest = reference.digest
  }

  /// The registry as references name it.
  package var registry: String { host.description }

  /// What stands behind `/manifests/`: a digest says more than a tag.
  var selector: String { digest ?? tag ?? "latest" }

  private static func isRegistry(_ text: Substring) -> Bool {
    text.contains(".") || text.contains(":") || text == "localhost" || text.lowercased() != text
  }

  /// Components of lower-case letters and digits, joined by `.`, `_`, `__` or any number of `-` (OCI distribution, "Pulling manifests").
  private static func isRepository(_ text: String) -> Bool {
    text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy(isComponent)
  }

  private static func isComponent(_ text: Substring) -> Bool {
    func isWord(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) }
    let bytes = Array(text.utf8)
    guard let first = bytes.first, let last = bytes.last, isWord(first), isWord(last) else { return false }
    let joints = bytes.split(omittingEmptySubsequences: true, whereSeparator: isWord).map { String(decoding: $0, as: UTF8.self) }
    return joints.allSatisfy { $0 == "." || $0 == "_" || $0 == "__" || $0.allSatisfy { $0 == "-" } }
  }
}

extension RegistryImage: CustomStringConvertible {
  package var description: String {
    "\(registry)/\(repository)" + (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "")
  }
}
