import HTTPTransport
package import ReleaseEngine
import ReleaseModel

/// How an address is reached: by what scheme and certificates, and under which rules for addresses.
struct RegistryPlace: Sendable {
  var tls: TLSSettings
  var addresses: AddressPolicy
  var mayUseProxy: Bool
}

/// What the settings say of registries, and of the token services and places that they point to.
struct RegistryPlaces: Sendable {
  private let settings: ImageSettings
  private let files: any NamedFiles

  init(_ settings: ImageSettings, files: any NamedFiles) {
    self.settings = settings
    self.files = files
  }

  /// Where a registry's interface begins, without a slash at the end.
  func base(of image: RegistryImage) -> String {
    "\(settings[image.registry]?.isInsecure == true ? "http" : "https")://\(image.host.authority)"
  }

  /// How a URL is reached that a registry is asked by, or that it pointed to.
  ///
  /// - Throws: `forbidden` for `http` where the settings do not call that host, or the registry that named it, insecure.
  func place(for url: String, of image: RegistryImage, attempted: String) throws(PortError) -> RegistryPlace {
    guard let authority = HTTPAuthority(url: url) else {
      throw PortError(.forbidden, attempted: attempted, reason: "\(image.registry) points to what is no http or https address")
    }
    let own = settings[image.registry]
    let named = entry(of: authority) ?? (authority.host == image.host.answering ? own : nil)
    if authority.scheme == "http", named?.isInsecure != true {
      throw PortError(
        .forbidden, attempted: attempted, reason: "\(HTTPError.redacted(url)) is not https, which \(image.registry) points to",
        hint:
          "if it may be asked in the clear, name it in the settings: images.registries: [{host: \(spelling(authority)), insecure: true}]")
    }
    // A registry and its token service mostly stand behind the same private authority.
    let authorities = try (named ?? own)?.certificateAuthority.map { path throws(PortError) in try files.read(path) }
    return RegistryPlace(
      tls: TLSSettings(certificateAuthority: authorities), addresses: named == nil ? Self.foreign : .any, mayUseProxy: named != nil)
  }

  /// For a host that only a manifest, or a registry's answer, names.
  private static let foreign = AddressPolicy { address in
    if address.isLoopback { return "a loopback address, which the settings do not name" }
    if address.isLinkLocal { return "a link-local address, which the settings do not name" }
    return address.isUnspecified ? "it means this very host" : nil
  }

  private func entry(of authority: HTTPAuthority) -> RegistrySettings? {
    settings["\(authority.host):\(authority.port)"] ?? (isStandard(authority) ? settings[authority.host] : nil)
  }

  private func isStandard(_ authority: HTTPAuthority) -> Bool { authority.port == (authority.scheme == "http" ? 80 : 443) }

  /// An origin as the settings would name it.
  func spelling(_ authority: HTTPAuthority) -> String {
    isStandard(authority) ? authority.host : "\(authority.host):\(authority.port)"
  }
}

/// Reads files that the settings name, when they are needed.
package protocol NamedFiles: Sendable {
  func read(_ path: String) throws(PortError) -> [UInt8]
}
