package import KubernetesClient
import KubernetesModel
import ReleaseEngine
package import ReleaseModel

/// The engine's cluster ports, over the Kubernetes API.
///
/// Writes only by server-side apply (a color's objects, the preview Service), the `scale` subresource, merge patches with a resourceVersion
/// (autoscaler minima), conditional deletes, and the one JSON patch of the active Service.
package struct ClusterDriver: Sendable {
  let client: KubernetesClient
  let stateNamespace: String

  package init(client: KubernetesClient, stateNamespace: String) {
    self.client = client
    self.stateNamespace = stateNamespace
  }
}

/// The labels that the driver gives and looks for.
enum Label {
  static let color = Marker.colorLabel
  static let rollout = Marker.rolloutLabel
  /// Tells the objects of two services in one namespace apart.
  static let service = Marker.prefix + "service"
  static let managedBy = "app.kubernetes.io/managed-by"
  /// On an autoscaler: the minimum that it had before it was pinned.
  static let minimum = Marker.prefix + "minimum"
}

extension ServiceTarget {
  /// The label selector of one color's objects.
  func selector(_ color: Color) -> String { "\(Label.service)=\(service),\(Label.color)=\(color)" }
}

extension Color {
  /// The end of the names of this color's objects.
  package var suffix: String { "-\(rawValue)" }
}
