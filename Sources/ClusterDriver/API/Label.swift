import KubernetesModel
import ReleaseModel

/// The labels and annotations by which the driver tells its objects apart.
enum Label {
  /// The color of an object, in every selector over a color's pods too.
  static let color = Marker.colorLabel
  /// The rollout that made an object.
  static let rollout = Marker.rolloutLabel
  /// The service that an object belongs to: two services of one namespace have a blue each.
  static let service = Marker.serviceLabel
  /// Annotation: the version that an object is part of.
  static let version = Marker.prefix + "version"
  /// Annotation of a HorizontalPodAutoscaler whose minimum is pinned: the minimum it goes back to.
  static let minimum = Marker.prefix + "minimum"
  /// Annotation of what acts without the Service: ``RunRule/Time``.
  static let runs = Marker.prefix + "runs"
  /// Annotation of a Deployment that runs only while users are on its color: the size that it has then.
  static let size = Marker.prefix + "size"
  /// Annotation of a CronJob that its manifest itself suspends.
  static let suspended = Marker.prefix + "suspended"
  /// Annotation of what runs only while users are on its color: the rollout that users were on when it was held or started last.
  static let handed = Marker.prefix + "handed"
  /// Annotation of Deployments and their ReplicaSets: rises with each change of the pod template.
  static let revision = "deployment.kubernetes.io/revision"
  static let managedBy = "app.kubernetes.io/managed-by"
  /// The value of ``managedBy`` on what the bot alone owns.
  static let bot = "tagflip"
  /// The ReplicaSet's name for a pod template, on ReplicaSets and pods.
  static let templateHash = "pod-template-hash"
  /// Names the Service that an EndpointSlice belongs to.
  static let sliceService = "kubernetes.io/service-name"

  /// The label selector of everything that one color of one service holds.
  static func holdings(_ color: Color, of service: ServiceName) -> String {
    "\(Label.color)=\(color),\(Label.service)=\(service)"
  }
}

extension JSON {
  /// When it runs, where it is something that acts without the Service; nil for all else.
  var runs: RunRule.Time? { annotations[Label.runs].flatMap { RunRule.Time(rawValue: $0) } }
}

extension Color {
  /// The name of this color's object for one written without a color.
  func name(_ plain: String) -> String { "\(plain)-\(rawValue)" }

  /// The name without this color's suffix; the whole name where it has none.
  func plainName(_ name: String) -> String {
    name.hasSuffix("-\(rawValue)") ? String(name.dropLast(rawValue.count + 1)) : name
  }
}
