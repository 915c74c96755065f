/// How registries are asked for images. Credentials are named by file, never written in the settings.
package struct ImageSettings: Sendable, Hashable {
  /// A docker config whose credentials count for every registry; nil for none.
  package var config: String?
  /// Registries that need more than `https` and the system's authorities, or that only the settings may name.
  package var registries: [RegistrySettings]

  package init(config: String? = nil, registries: [RegistrySettings] = []) {
    self.config = config
    self.registries = registries
  }

  /// The entry of a registry; nil where the settings do not name it.
  package subscript(registry: String) -> RegistrySettings? { registries.first { $0.host == registry } }
}

/// One registry, and what opens it.
package struct RegistrySettings: Sendable, Hashable {
  /// As images name it, in lower case, with its port where one is given: `registry.example:5000`. Naming it lifts the refusal of loopback and
  /// link-local addresses.
  package var host: String
  /// A docker config for this registry alone.
  package var config: String?
  /// A PEM file of the only certificate authorities to trust; nil for the system's.
  package var certificateAuthority: String?
  /// Whether it is asked by plain `http`.
  package var isInsecure: Bool

  package init(host: String, config: String? = nil, certificateAuthority: String? = nil, isInsecure: Bool = false) {
    self.host = host
    self.config = config
    self.certificateAuthority = certificateAuthority
    self.isInsecure = isInsecure
  }
}
