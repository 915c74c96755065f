import KubernetesModel

/// A ReplicaSet as a Deployment's controller sees it.
struct ReplicaSetView {
  static let hashLabel = "pod-template-hash"
  static let revision = "deployment.kubernetes.io/revision"
  static let revisionHistory = "deployment.kubernetes.io/revision-history"
  static let desiredReplicas = "deployment.kubernetes.io/desired-replicas"
  static let maxReplicas = "deployment.kubernetes.io/max-replicas"

  var object: JSON

  var name: String { object.name }
  var uidText: String { object.uidText }
  /// How many pods it is to have.
  var wanted: Int { object["spec", "replicas"]?.int ?? 1 }
  /// How many it has.
  var actual: Int { object["status", "replicas"]?.int ?? 0 }
  var ready: Int { object["status", "readyReplicas"]?.int ?? 0 }
  var available: Int { object["status", "availableReplicas"]?.int ?? 0 }
  var terminating: Int { object["status", "terminatingReplicas"]?.int ?? 0 }
  var observedGeneration: Int { object["status", "observedGeneration"]?.int ?? 0 }
  var revision: Int { annotation(Self.revision).flatMap { Int($0) } ?? 0 }

  func annotation(_ name: String) -> String? { object["metadata", "annotations", name]?.string }

  /// Whether its pods are made from this template, the hash label aside.
  func has(template: JSON) -> Bool {
    var own = object["spec", "template"] ?? [:]
    own["metadata", "labels", Self.hashLabel] = nil
    return own == template
  }

  /// Oldest first; of one age by name.
  static func isOlder(_ left: ReplicaSetView, _ right: ReplicaSetView) -> Bool {
    (left.object.creationTimestamp, left.name) < (right.object.creationTimestamp, right.name)
  }
}

extension [ReplicaSetView] {
  var wanted: Int { reduce(0) { $0 + $1.wanted } }
  var actual: Int { reduce(0) { $0 + $1.actual } }
  var ready: Int { reduce(0) { $0 + $1.ready } }
  var available: Int { reduce(0) { $0 + $1.available } }
  var terminating: Int { reduce(0) { $0 + $1.terminating } }
  var active: [ReplicaSetView] { filter { $0.wanted > 0 } }
}
