import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// One object as the release repo has it, and how to complain about it.
struct SourceObject: Sendable {
  let kind: EnvironmentKind
  let json: JSON
  let manifest: Manifest

  /// - Throws: `configuration`, located, where it is no object that an environment may hold.
  init(_ manifest: Manifest, plan: ServicePlan) throws(PortError) {
    self.manifest = manifest
    let attempted = "render \(manifest.kind) \(manifest.name)"
    let json: JSON
    do throws(JSON.SyntaxError) {
      json = try JSON(parsing: manifest.bytes)
    } catch {
      throw PortError(.configuration, attempted: attempted, reason: "it is no JSON object: \(error)", location: manifest.source)
    }
    guard let kind = EnvironmentKind(of: json) else {
      throw PortError(
        .configuration, attempted: attempted,
        reason: "an environment cannot hold \(json["apiVersion"]?.string ?? "?")/\(json["kind"]?.string ?? "?")",
        hint: "it can hold: \(EnvironmentKind.allCases.map(\.title).joined(separator: ", "))", location: manifest.source)
    }
    self.kind = kind
    self.json = SourceObject.withoutServerFields(json)
    if json.name.isEmpty { throw refusal("it has no metadata.name") }
    if let namespace = json.namespace, namespace != plan.namespace {
      throw refusal("it names the namespace \(namespace), but \(plan.service) lives in \(plan.namespace)", hint: "leave the namespace out")
    }
  }

  /// What an API server adds and takes from nobody, in case the manifest was copied from a cluster.
  private static func withoutServerFields(_ json: JSON) -> JSON {
    var json = json
    json["status"] = nil
    for field in ["managedFields", "uid", "resourceVersion", "generation", "creationTimestamp", "selfLink"] {
      json["metadata", field] = nil
    }
    return json
  }

  /// The name as written, without a color.
  var name: String { json.name }

  /// The labels of its pods; nil where it has none.
  var podLabels: [String: String]? {
    kind.templatePath == nil ? nil : PodTemplate(of: json, kind).labels
  }

  /// The complaint about it.
  func refusal(_ reason: String, hint: String? = nil) -> PortError {
    PortError(
      .configuration, attempted: "render \(kind.resource.kind) \(json.name)", reason: reason, hint: hint, location: manifest.source)
  }
}
