import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// Sets the images that the plan names, structurally: in containers whose image has the rule's name, and nowhere else. What registries have
/// resolved gets its digest then.
struct ImageSetting: Sendable {
  private let rules: [(name: String, reference: ImageReference)]
  private let pins: [String: String]
  private var used: Set<String> = []
  private var seen: Set<String> = []

  init(rules: [ImageRule], version: Version, pins: [String: String] = [:]) {
    self.pins = pins
    self.rules = rules.map { ($0.name, $0.reference(for: version)) }
  }

  /// - Parameter path: where the pod template lies.
  mutating func apply(to object: inout JSON, at path: [String]) {
    var used = used
    var seen = seen
    object.edit(at: path) { template in
      for list in PodTemplate.containerLists {
        template.editEach("spec", list) { container in
          guard let text = container["image"]?.string, let image = ImageReference(text) else { return }
          seen.insert(image.name)
          var named = text
          if let rule = rules.last(where: { $0.name == image.name }) {
            used.insert(image.name)
            named = rule.reference.description
          }
          container["image"] = .string(pins[named] ?? named)
        }
      }
    }
    self.used = used
    self.seen = seen
  }

  /// - Throws: `configuration` for a rule that fits no container (most likely a slip of the pen, and never one to pass over), or whose
  ///   version cannot stand as a tag.
  func check(_ service: ServiceName) throws(PortError) {
    for (name, reference) in rules {
      if !used.contains(name) {
        let there = seen.sorted().joined(separator: ", ")
        throw refusal(
          service, "no container runs the image \(name)",
          hint: there.isEmpty ? "the containers name no image" : "the containers run: \(there)")
      }
      if let tag = reference.tag, !ImageReference.isTag(tag) {
        throw refusal(
          service, "\"\(PlainText.line(tag, longest: 140))\" cannot stand as an image tag",
          hint: "a tag has at most 128 letters, digits, \"_\", \".\" and \"-\"; a version with \"+\" has none")
      }
      if let digest = reference.digest, !ImageReference.isDigest(digest) {
        throw refusal(
          service, "\"\(PlainText.line(digest, longest: 80))\" is no digest", hint: "it reads sha256: and 64 hexadecimal digits")
      }
    }
  }

  private func refusal(_ service: ServiceName, _ reason: String, hint: String) -> PortError {
    PortError(
      .configuration, attempted: "set the images of \(service)", reason: reason, hint: hint,
      location: SourceLocation(file: "services/\(service)/cutover.yaml"))
  }
}
