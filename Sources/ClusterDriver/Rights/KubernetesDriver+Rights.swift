import KubernetesClient
import KubernetesModel
package import ReleaseEngine
import ReleaseModel

extension KubernetesDriver {
  /// Whether the caller may do something, as the API server says (SelfSubjectAccessReview).
  /// - Parameters:
  ///   - namespace: nil for the whole cluster.
  ///   - resource: with its subresource: `deployments/scale`.
  package func may(_ verb: String, _ resource: String, group: String, in namespace: String?) async throws(PortError) -> Bool {
    let parts = resource.split(separator: "/", maxSplits: 1).map(String.init)
    var attributes: JSON = ["verb": .string(verb), "group": .string(group), "resource": .string(parts[0])]
    if parts.count > 1 { attributes["subresource"] = .string(parts[1]) }
    if let namespace { attributes["namespace"] = .string(namespace) }
    let review: JSON = [
      "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview", "spec": ["resourceAttributes": attributes],
    ]
    return try await api.create(.selfSubjectAccessReview, nil, review)["status", "allowed"]?.bool == true
  }

  /// The server's version, as it spells it.
  package func serverVersion() async throws(PortError) -> String {
    do throws(KubernetesError) {
      return try await api.client.version().text
    } catch {
      throw PortError(error, isWrite: false)
    }
  }
}
