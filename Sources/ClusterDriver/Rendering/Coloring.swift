import KubernetesModel
import ReleaseModel

/// Turns plain objects into those of one color: suffix, labels, references to each other, and the color in every selector over its pods.
struct Coloring: Sendable {
  private let color: Color
  private let service: ServiceName
  private let version: Version
  private let namespace: String
  private let plan: ServicePlan
  /// The names that get a suffix, by kind: those of the environment's own objects.
  private let own: [EnvironmentKind: Set<String>]
  /// The labels of the environment's pods, as written.
  private let podLabels: [[String: String]]

  init(_ objects: [SourceObject], color: Color, blueprint: Blueprint) {
    self.color = color
    service = blueprint.plan.service
    version = blueprint.version
    plan = blueprint.plan
    namespace = plan.namespace
    let identity = plan.identity
    own = Dictionary(grouping: objects.filter { !$0.kind.isShared(identity) }, by: \.kind).mapValues { Set($0.map(\.name)) }
    podLabels = objects.compactMap(\.podLabels)
  }

  func color(_ object: inout JSON, _ kind: EnvironmentKind) {
    object["metadata", "namespace"] = .string(namespace)
    guard !kind.isShared(plan.identity) else { return }
    let rule = kind.runKind.flatMap { plan.runRule($0, object.name) }
    object["metadata", "name"] = .string(color.name(object.name))
    if let rule { object["metadata", "annotations", Label.runs] = .string(rule.runs.rawValue) }
    object["metadata", "annotations", Label.version] = .string(version.text)
    label(&object)
    switch kind {
    case .deployment:
      if rule != nil { object["metadata", "annotations", Label.size] = .string(String(object["spec", "replicas"]?.int ?? 1)) }
      object.edit("spec", by: deployment)
    case .job: object.edit("spec", "template", by: template)
    case .cronJob:
      if object["spec", "suspend"]?.bool == true { object["metadata", "annotations", Label.suspended] = "true" }
      object.edit("spec", "jobTemplate") { job in
        label(&job)
        job.edit("spec", "template", by: template)
      }
    case .horizontalPodAutoscaler: object.edit("spec", "scaleTargetRef") { rename(.deployment, "name", in: &$0) }
    case .podDisruptionBudget: object.edit("spec", "selector", by: narrow)
    case .service:
      if let selector = object["spec", "selector"]?.strings, !selector.isEmpty {
        object["spec", "selector", Label.color] = .string(color.rawValue)
      }
    case .serviceAccount:
      for list in ["imagePullSecrets", "secrets"] { object.editEach(list) { rename(.secret, "name", in: &$0) } }
    case .configMap, .secret: break
    }
  }

  private func label(_ object: inout JSON) {
    object["metadata", "labels", Label.color] = .string(color.rawValue)
    object["metadata", "labels", Label.service] = .string(service.text)
  }

  private func deployment(_ spec: inout JSON) {
    // The size is not the manifest's to say: it is given when the color is applied.
    spec["replicas"] = nil
    spec["selector", "matchLabels", Label.color] = .string(color.rawValue)
    spec.edit("template", by: template)
  }

  private func template(_ template: inout JSON) {
    label(&template)
    template.edit("spec", by: podSpec)
  }

  private func podSpec(_ spec: inout JSON) {
    for list in PodTemplate.containerLists { spec.editEach(list, by: container) }
    spec.editEach("volumes", by: volume)
    spec.editEach("imagePullSecrets") { rename(.secret, "name", in: &$0) }
    for key in ["serviceAccountName", "serviceAccount"] { rename(.serviceAccount, key, in: &spec) }
    spec.editEach("topologySpreadConstraints") { $0.edit("labelSelector", by: narrow) }
    for family in ["podAffinity", "podAntiAffinity"] {
      spec.editEach("affinity", family, "requiredDuringSchedulingIgnoredDuringExecution", by: affinityTerm)
      spec.editEach("affinity", family, "preferredDuringSchedulingIgnoredDuringExecution") { $0.edit("podAffinityTerm", by: affinityTerm) }
    }
  }

  private func container(_ container: inout JSON) {
    container.editEach("env") { variable in
      variable.edit("valueFrom", "configMapKeyRef") { rename(.configMap, "name", in: &$0) }
      variable.edit("valueFrom", "secretKeyRef") { rename(.secret, "name", in: &$0) }
    }
    container.editEach("envFrom") { source in
      source.edit("configMapRef") { rename(.configMap, "name", in: &$0) }
      source.edit("secretRef") { rename(.secret, "name", in: &$0) }
    }
  }

  private func volume(_ volume: inout JSON) {
    volume.edit("configMap") { rename(.configMap, "name", in: &$0) }
    volume.editEach("projected", "sources") { source in
      source.edit("configMap") { rename(.configMap, "name", in: &$0) }
      source.edit("secret") { rename(.secret, "name", in: &$0) }
    }
    // `secret` and `azureFile` call it secretName; csi nodePublishSecretRef; most others secretRef.
    for type in (volume.object ?? [:]).keys where type != "name" {
      volume.edit(type) { rename(.secret, "secretName", in: &$0) }
      for holder in ["secretRef", "nodePublishSecretRef"] {
        volume.edit(type, holder) { rename(.secret, "name", in: &$0) }
      }
    }
  }

  /// Suffixes a name that is one of the environment's own objects'; another name is somebody else's object and stays.
  private func rename(_ kind: EnvironmentKind, _ key: String, in holder: inout JSON) {
    guard let name = holder[key]?.string, own[kind]?.contains(name) == true else { return }
    holder[key] = .string(color.name(name))
  }

  /// A term that looks into other namespaces too means more than this environment's pods, and stays as it is.
  private func affinityTerm(_ term: inout JSON) {
    let namespaces = (term["namespaces"]?.array ?? []).compactMap(\.string)
    guard term["namespaceSelector"] == nil, namespaces.isEmpty || namespaces == [namespace] else { return }
    term.edit("labelSelector", by: narrow)
  }

  /// Lets the color into a label selector that means the environment's pods.
  private func narrow(_ selector: inout JSON) {
    guard let query = LabelQuery(selector), podLabels.contains(where: query.matches) else { return }
    selector["matchLabels", Label.color] = .string(color.rawValue)
  }
}
