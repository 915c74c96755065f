import ReleaseModel
import Yams

// How images are asked for at their registries: a mapping, or the word `trusted`.
extension SettingsFile {
  /// Whether images are taken as they are named. A slip of the pen here must not switch a check off.
  func trustsImages(_ root: LayeredObject) -> Bool {
    guard let (node, _) = root.find("images"), node.mapping == nil else { return false }
    if node.scalar?.string == "trusted" { return true }
    problems.add(
      "images must be \"trusted\" or a mapping", at: root.location("images"),
      hint: "leave it out to have each image looked up at its registry; credentials go into images: {config: FILE}")
    return false
  }

  func images(_ root: LayeredObject) -> ImageSettings {
    guard let (node, _) = root.find("images"), node.mapping != nil else { return ImageSettings() }
    let object = root.nested("images", known: known("images"))
    let registries = (object.objects("registries", known: known("registries"), what: "a registry") ?? []).compactMap(registry)
    var seen: Set<String> = []
    if let twin = registries.first(where: { !seen.insert($0.host).inserted }) {
      problems.add("images.registries names \(twin.host) twice", at: object.location("registries"), hint: "put what is said of it together")
    }
    return ImageSettings(config: object.string("config").map(resolved), registries: registries)
  }

  private func registry(_ entry: YAMLObject) -> RegistrySettings? {
    let object = LayeredObject([entry], problems: problems)
    guard let host = object.string("host").map(Self.normalised), Self.isHost(host) else {
      problems.add(
        "a registry must say its host, as images name it", at: entry.location(),
        hint: "write the part of an image before the first slash: host: registry.example:5000")
      return nil
    }
    let settings = RegistrySettings(
      host: host, config: object.string("config").map(resolved), certificateAuthority: object.string("certificateAuthority").map(resolved),
      isInsecure: object.bool("insecure") ?? false)
    if settings.isInsecure, settings.certificateAuthority != nil {
      problems.add(
        "\(host) cannot be both insecure and known by its certificate", at: object.location("insecure"), hint: "leave insecure out")
    }
    return settings
  }

  /// As references are normalised: without capitals, Docker Hub by one name.
  private static func normalised(_ text: String) -> String {
    let host = text.lowercased()
    return host == "index.docker.io" || host == "registry-1.docker.io" ? "docker.io" : host
  }

  /// A host name or address with an optional port, and nothing of a URL: what images could never name would never count.
  private static func isHost(_ text: String) -> Bool {
    guard !text.isEmpty, text.utf8.count <= 255 else { return false }
    return text.utf8.allSatisfy { byte in
      (0x30...0x3A).contains(byte) || (0x61...0x7A).contains(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
        || byte == UInt8(ascii: "[") || byte == UInt8(ascii: "]")
    }
  }
}
