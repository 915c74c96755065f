package import ReleaseModel

/// The pods of one color that the active Service selects, or would select if it were pointed at it, at one instant.
package struct Placement: Sendable, Hashable {
  /// Those that are to run: what is going, or has ended, is left out.
  package var pods: [PlacedPod]

  package init(pods: [PlacedPod] = []) { self.pods = pods }

  /// The nodes on which a pod is ready, sorted.
  package var nodes: [String] { Set(pods.filter(\.isReady).compactMap(\.node)).sorted() }

  /// Since when each pod has been known to be healthy in its load balancers' eyes, by the latest word of any of its gates, the earliest of
  /// which counts. Nil where a pod has no such gate, or one that is closed: nothing is known then.
  package var targetsHealthySince: Timestamp? {
    let gates = pods.map(\.targetGates)
    guard !gates.isEmpty, gates.allSatisfy({ !$0.isEmpty && $0.allSatisfy { $0.healthySince != nil } }) else { return nil }
    return gates.flatMap { $0.compactMap(\.healthySince) }.min()
  }
}

/// One pod, as far as it matters where it is.
package struct PlacedPod: Sendable, Hashable {
  package var name: String
  package var uid: String
  /// By the API server's clock, in whole seconds; nil where it cannot be read.
  package var createdAt: Timestamp?
  /// Nil before it is scheduled.
  package var node: String?
  /// Its condition `Ready`, in which its readiness gates count.
  package var isReady: Bool
  /// What load balancers that send to its own address say of it.
  package var targetGates: [TargetGate]

  package init(
    name: String, uid: String = "", createdAt: Timestamp? = nil, node: String?, isReady: Bool, targetGates: [TargetGate] = []
  ) {
    self.name = name
    self.uid = uid
    self.createdAt = createdAt
    self.node = node
    self.isReady = isReady
    self.targetGates = targetGates
  }
}

/// A readiness gate that a load balancer's controller opens once its balancer finds the pod healthy.
package struct TargetGate: Sendable, Hashable {
  /// The condition's type: `target-health.elbv2.k8s.aws/…`, `cloud.google.com/load-balancer-neg-ready`.
  package var type: String
  /// Since when it is open; nil while it is closed.
  package var healthySince: Timestamp?

  package init(type: String, healthySince: Timestamp?) {
    self.type = type
    self.healthySince = healthySince
  }
}
