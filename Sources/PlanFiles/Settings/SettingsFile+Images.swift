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
    guard let host = object.string("host").flatMap({ RegistryHost($0) }) else {
      problems.add(
        "a registry must say its host, as images name it", at: entry.location(),
        hint: "write the part of an image before the first slash: host: registry.example:5000")
      return nil
    }
    let settings = RegistrySettings(
      host: host.description, config: object.string("config").map(resolved),
      certificateAuthority: object.string("certificateAuthority").map(resolved),
      isInsecure: object.bool("insecure") ?? false)
    if settings.isInsecure, settings.certificateAuthority != nil {
      problems.add(
        "\(host) cannot be both insecure and known by its certificate", at: object.location("insecure"), hint: "leave insecure out")
    }
    return settings
  }
}
