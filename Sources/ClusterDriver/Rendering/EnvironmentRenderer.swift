import KubernetesModel
package import ReleaseEngine
package import ReleaseModel

/// Renders a blueprint into one color: names suffixed, labels given, references among the objects rewritten, images set. Pure.
///
/// ServiceAccounts keep their names, since cloud identities name them; both colors share them.
package struct EnvironmentRenderer: Renderer {
  package init() {}

  package func render(_ blueprint: Blueprint, color: Color) throws(PortError) -> Environment {
    var objects: [(manifest: Manifest, json: JSON)] = []
    for manifest in blueprint.manifests {
      guard let json = try? JSON(parsing: manifest.bytes) else {
        throw PortError(
          .invalid, attempted: "render \(manifest.kind) \(manifest.name)", reason: "it is no JSON object", location: manifest.source)
      }
      objects.append((manifest, json))
    }
    let rewriting = ColorRewriting(objects.map(\.json), color: color, service: blueprint.plan.service, namespace: blueprint.plan.namespace)
    var images = ImageSetting(rules: blueprint.plan.images, version: blueprint.version)
    let autoscaled = Set(objects.compactMap { EnvironmentRenderer.scaledDeployment($0.json) })
    var rendered: [Manifest] = []
    var workloads: [Workload] = []
    for (manifest, json) in objects {
      var json = json
      images.apply(to: &json)
      if manifest.kind == "apps/v1/Deployment" { workloads.append(workload(json, autoscaled)) }
      let colored = rewriting.colored(json)
      rendered.append(Manifest(kind: manifest.kind, name: colored.name, bytes: colored.bytes, source: manifest.source))
    }
    try images.demandAllUsed(blueprint.plan.service)
    guard !workloads.isEmpty else {
      throw PortError(
        .configuration, attempted: "render \(blueprint.plan.service)", reason: "the manifests hold no Deployment",
        hint: "a color needs at least one Deployment that the active Service selects",
        location: SourceLocation(file: "services/\(blueprint.plan.service)/manifests"))
    }
    return Environment(color: color, objects: rendered, workloads: workloads)
  }

  private func workload(_ deployment: JSON, _ autoscaled: Set<String>) -> Workload {
    Workload(
      name: deployment.name, replicas: deployment["spec", "replicas"]?.int, autoscaled: autoscaled.contains(deployment.name),
      images: PodSpec(of: deployment).containers.compactMap { $0["image"]?.string })
  }

  /// The Deployment that an autoscaler sizes.
  private static func scaledDeployment(_ json: JSON) -> String? {
    guard json["kind"]?.string == "HorizontalPodAutoscaler", json["spec", "scaleTargetRef", "kind"]?.string == "Deployment" else {
      return nil
    }
    return json["spec", "scaleTargetRef", "name"]?.string
  }
}
