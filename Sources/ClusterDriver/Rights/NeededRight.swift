/// What the bot must be allowed, and what for. `jobs/rbac.yaml` grants these and nothing else; a test compares the two.
package struct NeededRight: Sendable, Hashable {
  /// Where the right is needed.
  package enum Place: Sendable, Hashable, CaseIterable {
    /// The bot's own namespace.
    case state
    /// Each namespace that is released to.
    case target
    /// Each namespace that is released to, where checks go through the API server.
    case probed
    /// The whole cluster, where the settings say `nodes: fixed`.
    case nodes
  }

  package var place: Place
  /// The API group; empty for the core group.
  package var group: String
  /// `deployments`, or with a subresource `deployments/scale`.
  package var resource: String
  package var verbs: [String]
  /// What fails without it.
  package var purpose: String

  private init(_ place: Place, _ group: String, _ resource: String, _ verbs: [String], for purpose: String) {
    self.place = place
    self.group = group
    self.resource = resource
    self.verbs = verbs
    self.purpose = purpose
  }

  package static let all: [NeededRight] = [
    NeededRight(.state, "", "configmaps", ["get", "list", "create", "update"], for: "journals and the index"),
    NeededRight(.state, "coordination.k8s.io", "leases", ["get", "create", "update"], for: "Leases"),
    NeededRight(.target, "", "services", ["get", "list", "create", "patch", "delete"], for: "the flip, the preview and inner Services"),
    NeededRight(.target, "", "configmaps", ["get", "list", "create", "patch", "delete"], for: "a color's ConfigMaps"),
    NeededRight(.target, "", "secrets", ["get", "list", "create", "patch", "delete"], for: "a color's Secrets, and pull secrets"),
    NeededRight(.target, "", "serviceaccounts", ["get", "list", "create", "patch", "delete"], for: "ServiceAccounts of manifests"),
    NeededRight(.target, "", "pods", ["list"], for: "whether a color is ready"),
    NeededRight(.target, "", "pods", ["delete"], for: "moving established connections (plans with connections: long)"),
    NeededRight(.target, "", "resourcequotas", ["list"], for: "headroom"),
    NeededRight(.target, "", "limitranges", ["list"], for: "headroom"),
    NeededRight(.target, "apps", "deployments", ["get", "list", "create", "patch", "delete"], for: "a color's Deployments"),
    NeededRight(.target, "apps", "deployments/scale", ["patch"], for: "warm and cold colors"),
    NeededRight(.target, "apps", "replicasets", ["list"], for: "which pods are of the present template"),
    NeededRight(
      .target, "autoscaling", "horizontalpodautoscalers", ["get", "list", "create", "patch", "delete"], for: "a color's autoscalers"),
    NeededRight(
      .target, "policy", "poddisruptionbudgets", ["get", "list", "create", "patch", "delete"], for: "a color's disruption budgets"),
    NeededRight(.target, "batch", "jobs", ["get", "list", "create", "patch", "delete"], for: "Jobs that run before the cutover"),
    NeededRight(.target, "batch", "cronjobs", ["get", "list", "create", "patch", "delete"], for: "CronJobs that follow users"),
    NeededRight(.target, "discovery.k8s.io", "endpointslices", ["list", "watch"], for: "seeing where users really go"),
    NeededRight(.target, "elbv2.k8s.aws", "targetgroupbindings", ["list"], for: "seeing load balancers that send to pods' own addresses"),
    NeededRight(.probed, "", "services/proxy", ["get", "create"], for: "checks through the API server"),
    NeededRight(.nodes, "", "nodes", ["list"], for: "headroom on fixed nodes"),
    NeededRight(.nodes, "", "pods", ["list"], for: "headroom on fixed nodes"),
  ]
}
