import KubernetesModel
package import ReleaseEngine
package import ReleaseModel

/// Renders a blueprint into one color: names suffixed, labels given, references among the objects rewritten, images set. Pure.
///
/// ServiceAccounts keep their names, since cloud identities name them, and both colors share them, unless the plan says otherwise.
package struct EnvironmentRenderer: Renderer {
  private let redaction: SecretRedaction

  /// - Parameter key: the installation's own, for what is written down of Secrets; nil leaves their values out.
  package init(key: [UInt8]? = nil) { redaction = SecretRedaction(key: key) }

  package func render(_ blueprint: Blueprint, color: Color) throws(PortError) -> Environment {
    let plan = blueprint.plan
    var objects: [SourceObject] = []
    for manifest in blueprint.manifests { objects.append(try SourceObject(manifest, plan: plan)) }
    objects.sort { ($0.kind, $0.name) < ($1.kind, $1.name) }
    try EnvironmentRules(objects: objects, plan: plan).check()

    let coloring = Coloring(objects, color: color, blueprint: blueprint)
    var images = ImageSetting(rules: plan.images, version: blueprint.version, pins: blueprint.pins)
    let autoscaled = Set(objects.compactMap(EnvironmentRenderer.scaledDeployment))
    var rendered: [Manifest] = []
    var workloads: [Workload] = []
    for object in objects {
      var json = object.json
      if let path = object.kind.templatePath {
        images.apply(to: &json, at: path)
        workloads.append(EnvironmentRenderer.workload(json, object.kind, plan, autoscaled))
      }
      coloring.color(&json, object.kind)
      rendered.append(
        Manifest(
          kind: object.kind.title, name: json.name, bytes: json.bytes, redacted: redaction.recorded(json, object.kind),
          source: object.manifest.source))
    }
    try images.check(plan.service)
    return Environment(color: color, objects: rendered, workloads: workloads, pullSecrets: PullSecrets(objects, color: color).all)
  }

  private static func workload(_ object: JSON, _ kind: EnvironmentKind, _ plan: ServicePlan, _ autoscaled: Set<String>) -> Workload {
    let spec = PodTemplate(of: object, kind).spec
    var images: [String] = []
    var containers: [String: String] = [:]
    for list in PodTemplate.containerLists {
      for container in spec[list]?.array ?? [] {
        guard let image = container["image"]?.string else { continue }
        if !images.contains(image) { images.append(image) }
        if let name = container["name"]?.string { containers[name] = image }
      }
    }
    return Workload(
      name: object.name, replicas: kind == .deployment ? object["spec", "replicas"]?.int : nil,
      autoscaled: kind == .deployment && autoscaled.contains(object.name), images: images, containers: containers,
      runs: kind.runKind.flatMap { plan.runRule($0, object.name) }?.runs)
  }

  /// The Deployment that an autoscaler sizes.
  private static func scaledDeployment(_ object: SourceObject) -> String? {
    guard object.kind == .horizontalPodAutoscaler, object.json["spec", "scaleTargetRef", "kind"]?.string == "Deployment" else { return nil }
    return object.json["spec", "scaleTargetRef", "name"]?.string
  }
}
