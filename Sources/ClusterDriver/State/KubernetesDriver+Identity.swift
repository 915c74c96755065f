import KubernetesClient
package import ReleaseEngine
package import ReleaseModel

extension KubernetesDriver: ClusterIdentity {
  package func caller() async throws(PortError) -> String { try await api.whoAmI() }

  package func now() async throws(PortError) -> Timestamp {
    if let time = api.client.serverTime { return Timestamp(milliseconds: time) }
    // Any answer brings the time; this one needs no right but that of every authenticated caller.
    _ = try await api.whoAmI()
    guard let time = api.client.serverTime else {
      throw PortError(
        .corrupt, attempted: "read the API server's time", reason: "its answers have no Date header",
        hint: "a proxy in front of it may take it away")
    }
    return Timestamp(milliseconds: time)
  }
}
