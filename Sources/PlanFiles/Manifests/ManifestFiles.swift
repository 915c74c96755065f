import KubernetesModel
import ReleaseEngine
import ReleaseModel
import Yams

/// The environment's objects: `services/NAME/manifests/*.yaml` at the tag's commit.
struct ManifestFiles {
  let files: any RepositoryFiles
  let commit: String
  let plan: ServicePlan
  let policy: Policy

  /// The longest that all files together may be, in bytes.
  private static let longest = 4 << 20

  private var folder: String { "services/\(plan.service)/manifests" }
  private var attempted: String { "read the manifests of \(plan.service)" }

  func manifests() async throws(PortError) -> [Manifest] {
    let paths = try await files.list(folder, at: commit).filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") || $0.hasSuffix(".json") }
    guard !paths.isEmpty else {
      throw PortError(
        .configuration, attempted: attempted, reason: "there are none", hint: "commit the environment's Deployment and what it needs there",
        location: SourceLocation(file: folder))
    }
    let problems = Problems(attempted: attempted)
    var objects: [(json: JSON, location: SourceLocation)] = []
    var left = Self.longest
    for path in paths {
      guard let bytes = try await files.read(path, at: commit) else { continue }
      left -= min(bytes.count, YAMLText.longest)  // one that is too long by itself is told as that
      guard left >= 0 else {
        throw PortError(
          .configuration, attempted: attempted, reason: "the manifests are longer than \(Self.longest) bytes together",
          hint: "an environment is what one release of one service needs", location: SourceLocation(file: path))
      }
      for node in try YAMLText.documents(bytes, file: path, attempted: attempted) {
        objects += unfolded(node.json, node.location(in: path))
      }
    }
    let rules = ManifestRules(plan: plan, policy: policy, own: objects.map(\.json), problems: problems)
    for object in objects { rules.check(object.json, object.location) }
    try problems.throwIfAny()
    return objects.map { object in
      let kind = "\(object.json["apiVersion"]?.string ?? "")/\(object.json["kind"]?.string ?? "")"
      return Manifest(kind: kind, name: object.json.name, bytes: object.json.bytes, source: object.location)
    }
  }

  /// The objects of a `List`.
  private func unfolded(_ json: JSON, _ location: SourceLocation) -> [(json: JSON, location: SourceLocation)] {
    guard json["kind"]?.string?.hasSuffix("List") == true, let items = json["items"]?.array else { return [(json, location)] }
    return items.map { ($0, location) }
  }
}
