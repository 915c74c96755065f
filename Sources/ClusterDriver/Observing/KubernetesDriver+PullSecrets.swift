import KubernetesModel
package import ReleaseEngine

extension KubernetesDriver {
  /// The docker config of a Secret by which pods pull images; nil where there is no such Secret, or it is none of type
  /// `kubernetes.io/dockerconfigjson`. Which Secrets may be read is for the caller to say.
  package func dockerConfig(of secret: String, namespace: String) async throws(PortError) -> [UInt8]? {
    try await api.find(.secret, namespace, secret).flatMap { PullSecrets.config(in: $0) }
  }
}
