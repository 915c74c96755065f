package import KubernetesModel

/// A cluster that an auditor looks at. Nothing is ever written to it: `get` on Services, Deployments and ConfigMaps and `list` on Deployments and pods are
/// all the rights that are needed.
package protocol LiveCluster: Sendable {
  /// One object with its managedFields; nil where there is none.
  func find(_ kind: ResourceKind, namespace: String, name: String) async throws(LiveFailure) -> JSON?

  /// All objects of a namespace that bear the labels.
  func list(_ kind: ResourceKind, namespace: String, labels: [String: String]) async throws(LiveFailure) -> [JSON]
}

/// Why something of the cluster could not be read.
package struct LiveFailure: Error, Sendable, Hashable {
  /// What was attempted and what came of it, in one line.
  package var words: String
  /// Whether nothing else can be read either.
  package var isOutage: Bool

  package init(_ words: String, isOutage: Bool) {
    self.words = words
    self.isOutage = isOutage
  }
}
