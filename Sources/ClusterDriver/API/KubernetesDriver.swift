package import KubernetesClient
package import ReleaseEngine

/// The engine's cluster ports over the Kubernetes API.
///
/// Writes only by server-side apply (a color's objects, the preview Service), the `scale` subresource, merge patches with a resourceVersion
/// (autoscaler minima), conditional deletes, conditional updates of the bot's own ConfigMaps and Leases, and the one JSON patch of the
/// active Service. Keeps nothing between calls: what it answers was read when it was asked.
package struct KubernetesDriver: Sendable {
  let api: ClusterAPI
  /// The namespace of the bot's own Leases, journals and index.
  let stateNamespace: String
  let clock: any RunClock

  package init(client: KubernetesClient, stateNamespace: String, clock: any RunClock) {
    self.api = ClusterAPI(client: client)
    self.stateNamespace = stateNamespace
    self.clock = clock
  }

  /// Waits between two looks at the cluster.
  /// - Throws: `cancelled`, naming what was waited for.
  func pause(_ span: Duration, _ attempted: String) async throws(PortError) {
    do {
      try await clock.sleep(for: span)
    } catch {
      throw PortError(.cancelled, attempted: attempted, reason: "told to stop")
    }
  }
}
