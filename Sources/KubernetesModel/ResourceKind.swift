/// A kind of Kubernetes object: how it is called, and where the API serves it.
package struct ResourceKind: Sendable, Hashable {
  package let kind: String
  /// Empty for the core group.
  package let group: String
  package let version: String
  package let plural: String
  package let isNamespaced: Bool

  package init(_ kind: String, group: String = "", version: String = "v1", plural: String, isNamespaced: Bool = true) {
    self.kind = kind
    self.group = group
    self.version = version
    self.plural = plural
    self.isNamespaced = isNamespaced
  }

  /// `v1`, or `apps/v1`.
  package var apiVersion: String { group.isEmpty ? version : "\(group)/\(version)" }

  /// The path of one object, or of all where no name is given.
  package func path(namespace: String? = nil, name: String? = nil, subresource: String? = nil) -> String {
    var path = group.isEmpty ? "/api/\(version)" : "/apis/\(group)/\(version)"
    if isNamespaced, let namespace { path += "/namespaces/\(namespace)" }
    path += "/\(plural)"
    if let name { path += "/\(name)" }
    if let subresource { path += "/\(subresource)" }
    return path
  }

  package static let configMap = ResourceKind("ConfigMap", plural: "configmaps")
  package static let limitRange = ResourceKind("LimitRange", plural: "limitranges")
  package static let namespace = ResourceKind("Namespace", plural: "namespaces", isNamespaced: false)
  package static let node = ResourceKind("Node", plural: "nodes", isNamespaced: false)
  package static let pod = ResourceKind("Pod", plural: "pods")
  package static let resourceQuota = ResourceKind("ResourceQuota", plural: "resourcequotas")
  package static let secret = ResourceKind("Secret", plural: "secrets")
  package static let service = ResourceKind("Service", plural: "services")
  package static let serviceAccount = ResourceKind("ServiceAccount", plural: "serviceaccounts")
  package static let deployment = ResourceKind("Deployment", group: "apps", plural: "deployments")
  package static let replicaSet = ResourceKind("ReplicaSet", group: "apps", plural: "replicasets")
  package static let horizontalPodAutoscaler = ResourceKind(
    "HorizontalPodAutoscaler", group: "autoscaling", version: "v2", plural: "horizontalpodautoscalers")
  package static let job = ResourceKind("Job", group: "batch", plural: "jobs")
  package static let cronJob = ResourceKind("CronJob", group: "batch", plural: "cronjobs")
  package static let lease = ResourceKind("Lease", group: "coordination.k8s.io", plural: "leases")
  package static let endpointSlice = ResourceKind("EndpointSlice", group: "discovery.k8s.io", plural: "endpointslices")
  package static let podDisruptionBudget = ResourceKind("PodDisruptionBudget", group: "policy", plural: "poddisruptionbudgets")
  /// Of the AWS Load Balancer Controller; served only where its definition is installed.
  package static let targetGroupBinding = ResourceKind(
    "TargetGroupBinding", group: "elbv2.k8s.aws", version: "v1beta1", plural: "targetgroupbindings")
  package static let selfSubjectAccessReview = ResourceKind(
    "SelfSubjectAccessReview", group: "authorization.k8s.io", plural: "selfsubjectaccessreviews", isNamespaced: false)
  package static let selfSubjectReview = ResourceKind(
    "SelfSubjectReview", group: "authentication.k8s.io", plural: "selfsubjectreviews", isNamespaced: false)
}

/// The fields of `metadata` that everybody reads.
extension JSON {
  package var name: String { self["metadata", "name"]?.string ?? "" }
  package var namespace: String? { self["metadata", "namespace"]?.string }
  package var uid: String? { self["metadata", "uid"]?.string }
  package var resourceVersion: String? { self["metadata", "resourceVersion"]?.string }
  package var labels: [String: String] { self["metadata", "labels"]?.strings ?? [:] }
  package var annotations: [String: String] { self["metadata", "annotations"]?.strings ?? [:] }

  /// The members of an object that are strings.
  package var strings: [String: String]? { object?.compactMapValues(\.string) }
}
