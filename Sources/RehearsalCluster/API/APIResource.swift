import KubernetesModel

/// A kind that the embedded API serves.
struct APIResource: Sendable, Hashable {
  let resource: Resource
  let version: String
  let kind: String
  let singular: String
  let shortNames: [String]
  let isNamespaced: Bool
  let subresources: [String]

  init(
    _ kind: String, _ resource: Resource, version: String = "v1", singular: String, short: [String] = [], isNamespaced: Bool = true,
    subresources: [String] = []
  ) {
    self.kind = kind
    self.resource = resource
    self.version = version
    self.singular = singular
    self.shortNames = short
    self.isNamespaced = isNamespaced
    self.subresources = subresources
  }

  var apiVersion: String { resource.group.isEmpty ? version : "\(resource.group)/\(version)" }

  /// As in messages: `services`, `deployments.apps`.
  var qualified: String { resource.group.isEmpty ? resource.plural : "\(resource.plural).\(resource.group)" }

  /// Whether a deletion is answered with what was deleted instead of a Status (`ReturnDeletedObject` of the registry).
  var isReturnedByDeletion: Bool { ["Pod", "Service", "ServiceAccount", "ResourceQuota"].contains(kind) }

  /// What everybody is told who reads the kind.
  var warnings: [(String, String)] {
    guard kind == "Endpoints" else { return [] }
    return [("Warning", "299 - \"v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice\"")]
  }

  static let all: [APIResource] = [
    APIResource("ConfigMap", .configMaps, singular: "configmap", short: ["cm"]),
    APIResource("Endpoints", .endpoints, singular: "endpoints", short: ["ep"]),
    APIResource("Event", .events, singular: "event", short: ["ev"]),
    APIResource("LimitRange", .limitRanges, singular: "limitrange", short: ["limits"]),
    APIResource("Namespace", .namespaces, singular: "namespace", short: ["ns"], isNamespaced: false, subresources: ["status", "finalize"]),
    APIResource("Node", .nodes, singular: "node", short: ["no"], isNamespaced: false, subresources: ["status"]),
    APIResource("Pod", .pods, singular: "pod", short: ["po"], subresources: ["status", "log"]),
    APIResource("ResourceQuota", .resourceQuotas, singular: "resourcequota", short: ["quota"], subresources: ["status"]),
    APIResource("Secret", .secrets, singular: "secret"),
    APIResource("Service", .services, singular: "service", short: ["svc"], subresources: ["status", "proxy"]),
    APIResource("ServiceAccount", .serviceAccounts, singular: "serviceaccount", short: ["sa"]),
    APIResource("Deployment", .deployments, singular: "deployment", short: ["deploy"], subresources: ["status", "scale"]),
    APIResource("ReplicaSet", .replicaSets, singular: "replicaset", short: ["rs"], subresources: ["status", "scale"]),
    APIResource("StatefulSet", Resource(group: "apps", "statefulsets"), singular: "statefulset", short: ["sts"], subresources: ["status"]),
    APIResource("DaemonSet", Resource(group: "apps", "daemonsets"), singular: "daemonset", short: ["ds"], subresources: ["status"]),
    APIResource("Job", .jobs, singular: "job", subresources: ["status"]),
    APIResource("CronJob", Resource(group: "batch", "cronjobs"), singular: "cronjob", short: ["cj"], subresources: ["status"]),
    APIResource(
      "HorizontalPodAutoscaler", Resource(group: "autoscaling", "horizontalpodautoscalers"), version: "v2",
      singular: "horizontalpodautoscaler",
      short: ["hpa"], subresources: ["status"]),
    APIResource("Lease", Resource(group: "coordination.k8s.io", "leases"), singular: "lease"),
    APIResource("EndpointSlice", .endpointSlices, singular: "endpointslice"),
    APIResource("PodDisruptionBudget", .podDisruptionBudgets, singular: "poddisruptionbudget", short: ["pdb"], subresources: ["status"]),
  ]

  /// Kinds that are asked and never stored.
  static let reviews: [APIResource] = [
    APIResource(
      "SelfSubjectReview", Resource(group: "authentication.k8s.io", "selfsubjectreviews"), singular: "selfsubjectreview",
      isNamespaced: false),
    APIResource(
      "SelfSubjectAccessReview", Resource(group: "authorization.k8s.io", "selfsubjectaccessreviews"), singular: "selfsubjectaccessreview",
      isNamespaced: false),
  ]

  private static let byResource = Dictionary(uniqueKeysWithValues: all.map { ($0.resource, $0) })

  static func of(_ resource: Resource) -> APIResource? { byResource[resource] }

  /// The kind at a path; the version counts.
  static func at(group: String, version: String, plural: String) -> APIResource? {
    (all + reviews).first { $0.resource == Resource(group: group, plural) && $0.version == version }
  }

  /// Every group with its one version, the core group first.
  static let groups: [(group: String, version: String)] = {
    var seen: [(group: String, version: String)] = []
    for type in all + reviews where !seen.contains(where: { $0.group == type.resource.group }) {
      seen.append((type.resource.group, type.version))
    }
    return seen
  }()
}
