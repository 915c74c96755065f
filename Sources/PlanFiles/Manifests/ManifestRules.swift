import KubernetesModel
import ReleaseModel

/// What a manifest may be, whatever it says otherwise: the kind, the namespace, and what policy lets pods use.
struct ManifestRules {
  let plan: ServicePlan
  let policy: Policy
  let own: [JSON]
  let problems: Problems

  private static let allowed: [ResourceKind] = [
    .deployment, .configMap, .secret, .serviceAccount, .horizontalPodAutoscaler, .podDisruptionBudget, .service, .job, .cronJob,
  ]
  /// What runs or acts whether the Service selects it or not, and cannot be handed over: in two colors it would act twice.
  private static let acting = ["StatefulSet", "DaemonSet", "ReplicaSet", "Pod", "ReplicationController"]
  private static let clusterScoped = [
    "Namespace", "Node", "PersistentVolume", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "StorageClass",
    "PriorityClass",
    "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "ValidatingAdmissionPolicy", "APIService", "IngressClass",
  ]

  func check(_ object: JSON, _ location: SourceLocation) {
    let kind = object["kind"]?.string ?? ""
    let subject = "\(kind.isEmpty ? "an object" : kind) \(PlainText.line(object.name, longest: 80))"
    guard object.object != nil, !kind.isEmpty, object["apiVersion"]?.string != nil else {
      return problems.add("this is no Kubernetes object: apiVersion or kind is missing", at: location)
    }
    if object.name.isEmpty { return problems.add("\(kind) has no metadata.name", at: location) }
    if Self.acting.contains(kind) {
      return problems.add(
        "\(subject) acts without the Service: it would run in both colors at once", at: location,
        hint: "release it separately, outside this environment; Deployments and CronJobs can be handed over (runs in cutover.yaml)")
    }
    if Self.clusterScoped.contains(kind) {
      return problems.add(
        "\(subject) belongs to the whole cluster, not to an environment", at: location, hint: "leave it out of the manifests")
    }
    guard Self.allowed.contains(where: { $0.kind == kind && $0.apiVersion == object["apiVersion"]?.string }) else {
      let known = Self.allowed.map { "\($0.kind) (\($0.apiVersion))" }.joined(separator: ", ")
      return problems.add(
        "\(subject) of \(PlainText.line(object["apiVersion"]?.string ?? "", longest: 60)) cannot be part of an environment", at: location,
        hint: "an environment is made of: \(known)")
    }
    if let namespace = object.namespace, namespace != plan.namespace {
      problems.add(
        "\(subject) is for the namespace \(namespace), the plan's is \(plan.namespace)", at: location, hint: "leave metadata.namespace out")
    }
    for field in ["uid", "resourceVersion", "managedFields", "creationTimestamp", "ownerReferences"]
    where object["metadata", field].map({ !$0.isNull }) ?? false {
      problems.add("\(subject) carries metadata.\(field), which only the cluster gives", at: location, hint: "leave it out")
    }
    if object["status"]?.object?.isEmpty == false { problems.add("\(subject) carries a status", at: location, hint: "leave it out") }
    if let pods = Self.podSpec(of: object) { checkPods(pods, subject, location) }
    if let runs = RunRule.Kind(rawValue: kind), runs != .deployment, plan.runRule(runs, object.name) == nil {
      problems.add(
        "\(subject) acts without the Service: it would run in both colors at once", at: location,
        hint: runs == .job
          ? "say in cutover.yaml that it runs first: runs: [{kind: Job, name: \(object.name), runs: before-cutover, backwardCompatible: true}]"
          : "say in cutover.yaml that it follows users: runs: [{kind: CronJob, name: \(object.name), runs: when-active}]")
    }
    checkTexts(object, subject, location)
  }

  /// What an object says of its pods; nil where it has none.
  private static func podSpec(of object: JSON) -> JSON? {
    switch object["kind"]?.string {
    case "Deployment", "Job": object["spec", "template", "spec"] ?? .null
    case "CronJob": object["spec", "jobTemplate", "spec", "template", "spec"] ?? .null
    default: nil
    }
  }

  /// ServiceAccounts and Secrets outside the environment are policy's to allow.
  private func checkPods(_ spec: JSON, _ subject: String, _ location: SourceLocation) {
    let accounts = names("ServiceAccount")
    let account = spec["serviceAccountName"]?.string ?? spec["serviceAccount"]?.string ?? "default"
    if account != "default", !accounts.contains(account), !policy.serviceAccounts.contains(account) {
      problems.add(
        "\(subject) runs as the ServiceAccount \(account), which is neither in the manifests nor allowed", at: location,
        hint: "add it to the manifests, or to policy.serviceAccounts of the settings")
    }
    let secrets = names("Secret")
    for name in Set(secretNames(spec)).sorted() where !secrets.contains(name) && !policy.secrets.contains(name) {
      problems.add(
        "\(subject) uses the Secret \(name), which is neither in the manifests nor allowed", at: location,
        hint: "add it to the manifests, or to policy.secrets of the settings")
    }
  }

  private func names(_ kind: String) -> Set<String> { Set(own.filter { $0["kind"]?.string == kind }.map(\.name)) }

  private func secretNames(_ spec: JSON) -> [String] {
    var found: [String?] = (spec["imagePullSecrets"]?.array ?? []).map { $0["name"]?.string }
    for volume in spec["volumes"]?.array ?? [] {
      found.append(volume["secret", "secretName"]?.string)
      for source in volume["projected", "sources"]?.array ?? [] { found.append(source["secret", "name"]?.string) }
    }
    for container in (spec["containers"]?.array ?? []) + (spec["initContainers"]?.array ?? []) {
      for variable in container["env"]?.array ?? [] { found.append(variable["valueFrom", "secretKeyRef", "name"]?.string) }
      for source in container["envFrom"]?.array ?? [] { found.append(source["secretRef", "name"]?.string) }
    }
    return found.compactMap(\.self)
  }

  /// Where Kubernetes wants texts, YAML likes to read numbers and booleans.
  private func checkTexts(_ object: JSON, _ subject: String, _ location: SourceLocation) {
    func demand(_ map: JSON?, _ place: String) {
      for (key, value) in (map?.object ?? [:]).sorted(by: { $0.key < $1.key }) where value.string == nil {
        problems.add("\(subject): \(place).\(key) must be a text, not \(value.text)", at: location, hint: "put it in quotes")
      }
    }
    demand(object["metadata", "labels"], "metadata.labels")
    demand(object["metadata", "annotations"], "metadata.annotations")
    demand(object["spec", "template", "metadata", "labels"], "spec.template.metadata.labels")
    demand(
      object["spec", "jobTemplate", "spec", "template", "metadata", "labels"], "spec.jobTemplate.spec.template.metadata.labels")
    if object["kind"] == "ConfigMap" { demand(object["data"], "data") }
    for container in Self.podSpec(of: object)?["containers"]?.array ?? [] {
      for variable in container["env"]?.array ?? [] {
        if let value = variable["value"], value.string == nil, !value.isNull {
          problems.add(
            "\(subject): the value of the variable \(variable["name"]?.string ?? "?") must be a text, not \(value.text)", at: location,
            hint: "put it in quotes")
        }
      }
    }
  }
}
