import KubernetesModel

/// The names under which the control plane's parts write, as they show in `managedFields`.
package enum ControlPlane {
  package static let manager = "kube-controller-manager"
  package static let scheduler = "kube-scheduler"
  package static let kubelet = "kubelet"
}

extension ClusterObjects {
  /// Replaces a status, unless it is the same already.
  func writeStatus(_ status: JSON, of resource: Resource, _ object: JSON, by manager: String = ControlPlane.manager) {
    guard object["status"] != status else { return }
    var changed = object
    changed["status"] = status
    _ = try? updateStatus(resource, changed, by: manager)
  }

  /// Deletes an object and, later, what it owns.
  func remove(_ resource: Resource, _ object: JSON) {
    try? delete(resource, object, gracePeriod: nil, propagation: .background, by: ControlPlane.manager)
  }
}
