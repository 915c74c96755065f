package import KubernetesModel

/// What controllers, the scheduler and the kubelets see of the API: objects of any kind, with the API's own rules behind every write.
///
/// Every object that is handed out carries `apiVersion`, `kind` and `metadata.resourceVersion`; an update is refused as a conflict when the
/// resource version it carries is no longer the object's. Writes that change nothing are no writes.
package protocol ClusterObjects: Sendable {
  /// All objects of a kind, in all namespaces, by namespace and name.
  func list(_ resource: Resource) -> [JSON]
  /// One object; `namespace` is empty for kinds that have none.
  func get(_ resource: Resource, namespace: String, name: String) -> JSON?
  /// Creates an object, with defaults, admission and quota as for anybody; answers what was stored.
  func create(_ resource: Resource, _ object: JSON, by manager: String) throws(ObjectRefusal) -> JSON
  /// Replaces all of an object but its status; raises its generation if the spec changes.
  ///
  /// An object that is being deleted goes when its last finalizer does: one in `metadata.finalizers`, of a Namespace in `spec.finalizers`.
  func update(_ resource: Resource, _ object: JSON, by manager: String) throws(ObjectRefusal) -> JSON
  /// Replaces an object's status and its annotations, as the API does for Deployments, and nothing else.
  func updateStatus(_ resource: Resource, _ object: JSON, by manager: String) throws(ObjectRefusal) -> JSON
  /// Puts a pod on a node, as the `binding` subresource does: sets `spec.nodeName` and the condition `PodScheduled`.
  func bind(_ pod: JSON, toNode node: String, by manager: String) throws(ObjectRefusal)
  /// Deletes an object of this uid as the API does: a pod that runs gets its grace period, an object with finalizers its deletion time.
  /// `gracePeriod` is in seconds; 0 removes a pod at once, nil takes the object's own.
  func delete(
    _ resource: Resource, _ object: JSON, gracePeriod: Int?, propagation: DeletionPropagation, by manager: String
  ) throws(ObjectRefusal)
  /// Every kind that there is, built in or defined.
  var resources: [Resource] { get }
}

/// What becomes of the objects that a deleted object owns.
package enum DeletionPropagation: String, Sendable, Hashable {
  case background = "Background"
  case foreground = "Foreground"
  case orphan = "Orphan"
}

/// Why the API did not do what a controller asked for.
package struct ObjectRefusal: Error, Hashable, CustomStringConvertible {
  package enum Reason: Sendable, Hashable {
    case notFound, alreadyExists, conflict, forbidden, invalid
  }

  package var reason: Reason
  /// The message of the Status that a client would get.
  package var message: String

  package init(_ reason: Reason, _ message: String) {
    self.reason = reason
    self.message = message
  }

  package var description: String { message }
}

/// One loop of the control plane, driven from outside: it looks at the objects, does what is to be done now, and says when it must look again.
package protocol Controller {
  /// Does one round.
  ///
  /// A refused write is not an error: the next round sees why. Rounds follow every change of any object, so that one step per round is enough.
  /// - Returns: the uptime at which the next round is due although nothing changes; nil if none is.
  mutating func tick(_ objects: any ClusterObjects, now: Moment) -> Duration?
}

/// The way from the API into running pods, for `kubectl logs` and the like.
package protocol PodAccess: Sendable {
  /// What the pod with this uid has said; nil when no container of it ever started here.
  func log(ofPod uid: String) -> PodLog?
}
