import KubernetesModel

/// The kinds of object that an environment is made of, in the order in which they are applied: what pods need before the pods, what
/// judges or sizes them after.
enum EnvironmentKind: Int, Sendable, Hashable, CaseIterable, Comparable {
  case configMap
  case secret
  case serviceAccount
  case service
  case deployment
  case podDisruptionBudget
  case horizontalPodAutoscaler

  /// The kind of an object by its `apiVersion` and `kind`; nil for one that no environment holds.
  init?(of object: JSON) {
    let kind = EnvironmentKind.allCases.first { known in
      known.resource.kind == object["kind"]?.string && known.resource.apiVersion == object["apiVersion"]?.string
    }
    guard let kind else { return nil }
    self = kind
  }

  static func < (left: EnvironmentKind, right: EnvironmentKind) -> Bool { left.rawValue < right.rawValue }

  var resource: ResourceKind {
    switch self {
    case .configMap: .configMap
    case .secret: .secret
    case .serviceAccount: .serviceAccount
    case .service: .service
    case .deployment: .deployment
    case .podDisruptionBudget: .podDisruptionBudget
    case .horizontalPodAutoscaler: .horizontalPodAutoscaler
    }
  }

  /// `apps/v1/Deployment`; the core group is `v1/Service`.
  var title: String { "\(resource.apiVersion)/\(resource.kind)" }

  /// Whether both colors use one object, which then has no color in its name and is never deleted with one.
  var isShared: Bool { self == .serviceAccount }

  /// What one color has for itself.
  static let colored = allCases.filter { !$0.isShared }
}
