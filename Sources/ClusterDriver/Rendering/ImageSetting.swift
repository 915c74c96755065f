import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// Sets the images that the plan names, structurally: in containers whose image has the rule's name, and nowhere else.
struct ImageSetting {
  private let references: [String: ImageReference]
  private let order: [String]
  private var used: Set<String> = []
  private var seen: Set<String> = []

  init(rules: [ImageRule], version: Version) {
    references = Dictionary(rules.map { ($0.name, $0.reference(for: version)) }) { _, last in last }
    order = rules.map(\.name)
  }

  mutating func apply(to object: inout JSON) {
    guard object["kind"]?.string == "Deployment", var spec = object["spec", "template", "spec"] else { return }
    for key in ["containers", "initContainers"] {
      spec.mapElements(key) { container in
        guard let text = container["image"]?.string, let image = ImageReference(text) else { return }
        seen.insert(image.name)
        guard let reference = references[image.name] else { return }
        used.insert(image.name)
        container["image"] = .string(reference.description)
      }
    }
    object["spec", "template", "spec"] = spec
  }

  /// - Throws: `configuration` for a rule that fits no container: most likely a slip of the pen, and never one to pass over.
  func demandAllUsed(_ service: ServiceName) throws(PortError) {
    guard let unused = order.first(where: { !used.contains($0) }) else { return }
    let there = seen.sorted().joined(separator: ", ")
    throw PortError(
      .configuration, attempted: "set the images of \(service)", reason: "no container runs the image \(unused)",
      hint: there.isEmpty ? "the containers name no image" : "the containers run: \(there)",
      location: SourceLocation(file: "services/\(service)/cutover.yaml"))
  }
}
