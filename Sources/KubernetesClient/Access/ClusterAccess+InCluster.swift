import HTTPTransport

extension ClusterAccess {
  /// The folder in which a pod finds its service account (https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/).
  package static let serviceAccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount"

  /// The access of a pod by its service account.
  package static func inCluster(
    environment: [String: String], folder: String = serviceAccountFolder
  ) throws(ClusterAccessError) -> ClusterAccess {
    guard let host = environment["KUBERNETES_SERVICE_HOST"], let port = environment["KUBERNETES_SERVICE_PORT"] else {
      throw ClusterAccessError(
        file: nil, reason: "no kubeconfig is named and this is no pod (KUBERNETES_SERVICE_HOST is not set)",
        hint: "name one in the settings: cluster.kubeconfig")
    }
    let authority = try FileText.read(
      "\(folder)/ca.crt", because: "the pod's service account", hint: "mount its token: automountServiceAccountToken")
    let namespace = try? FileText.read("\(folder)/namespace", because: "", hint: "")
    return ClusterAccess(
      server: "https://\(host.contains(":") ? "[\(host)]" : host):\(port)", tls: TLSSettings(certificateAuthority: authority),
      credentials: .tokenFile("\(folder)/token"),
      namespace: namespace.map { String(decoding: $0, as: UTF8.self).filter { !$0.isWhitespace } })
  }
}
