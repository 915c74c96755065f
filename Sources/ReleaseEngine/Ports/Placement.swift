/// The pods of one color that the active Service selects, or would select if it were pointed at it, at one instant.
package struct Placement: Sendable, Hashable {
  /// Those that are to run: what is going, or has ended, is left out.
  package var pods: [PlacedPod]

  package init(pods: [PlacedPod] = []) { self.pods = pods }

  /// The nodes on which a pod is ready, sorted.
  package var nodes: [String] { Set(pods.filter(\.isReady).compactMap(\.node)).sorted() }
}

/// One pod, as far as it matters where it is.
package struct PlacedPod: Sendable, Hashable {
  package var name: String
  /// Nil before it is scheduled.
  package var node: String?
  /// Its condition `Ready`, in which its readiness gates count.
  package var isReady: Bool

  package init(name: String, node: String?, isReady: Bool) {
    self.name = name
    self.node = node
    self.isReady = isReady
  }
}
