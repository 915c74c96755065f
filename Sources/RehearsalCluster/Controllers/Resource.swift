/// A kind of object, by its API group and the plural that paths use.
package struct Resource: Sendable, Hashable {
  /// Empty for the core group.
  package let group: String
  package let plural: String

  package init(group: String = "", _ plural: String) {
    self.group = group
    self.plural = plural
  }

  package static let configMaps = Resource("configmaps")
  package static let endpoints = Resource("endpoints")
  package static let events = Resource("events")
  package static let limitRanges = Resource("limitranges")
  package static let namespaces = Resource("namespaces")
  package static let nodes = Resource("nodes")
  package static let pods = Resource("pods")
  package static let resourceQuotas = Resource("resourcequotas")
  package static let secrets = Resource("secrets")
  package static let serviceAccounts = Resource("serviceaccounts")
  package static let services = Resource("services")
  package static let deployments = Resource(group: "apps", "deployments")
  package static let replicaSets = Resource(group: "apps", "replicasets")
  package static let horizontalPodAutoscalers = Resource(group: "autoscaling", "horizontalpodautoscalers")
  package static let jobs = Resource(group: "batch", "jobs")
  package static let endpointSlices = Resource(group: "discovery.k8s.io", "endpointslices")
  package static let podDisruptionBudgets = Resource(group: "policy", "poddisruptionbudgets")
}
