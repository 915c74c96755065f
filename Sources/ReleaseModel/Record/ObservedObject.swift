/// A Kubernetes object as it was when a rollout's outcome was recorded: by these an auditor tells later whether somebody touched it since.
package struct ObservedObject: Sendable, Hashable, Codable {
  /// `v1/Service`, `apps/v1/Deployment`.
  package var kind: String
  package var name: String
  package var uid: String
  package var resourceVersion: String
  /// `deployment.kubernetes.io/revision`: rises with each change of a Deployment's pod template, also with one that is undone. Nil for what
  /// is no Deployment.
  package var revision: String?
  /// By which labels a Service chose its pods. Nil for what is no Service.
  package var selector: [String: String]?

  package init(
    kind: String, name: String, uid: String, resourceVersion: String, revision: String? = nil, selector: [String: String]? = nil
  ) {
    self.kind = kind
    self.name = name
    self.uid = uid
    self.resourceVersion = resourceVersion
    self.revision = revision
    self.selector = selector
  }
}
