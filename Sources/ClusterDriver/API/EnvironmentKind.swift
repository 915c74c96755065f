import KubernetesModel
import ReleaseModel

/// The kinds of object that an environment is made of, in the order in which they are applied: what pods need before the pods, what
/// judges or sizes them after.
enum EnvironmentKind: Int, Sendable, Hashable, CaseIterable, Comparable {
  case configMap
  case secret
  case serviceAccount
  case service
  case job
  case deployment
  case podDisruptionBudget
  case horizontalPodAutoscaler
  case cronJob

  /// The kind of an object by its `apiVersion` and `kind`; nil for one that no environment holds.
  init?(of object: JSON) {
    let kind = EnvironmentKind.allCases.first { known in
      known.resource.kind == object["kind"]?.string && known.resource.apiVersion == object["apiVersion"]?.string
    }
    guard let kind else { return nil }
    self = kind
  }

  /// The kind that a plan calls so (``title``).
  init?(titled title: String) {
    guard let kind = EnvironmentKind.allCases.first(where: { $0.title == title }) else { return nil }
    self = kind
  }

  static func < (left: EnvironmentKind, right: EnvironmentKind) -> Bool { left.rawValue < right.rawValue }

  var resource: ResourceKind {
    switch self {
    case .configMap: .configMap
    case .secret: .secret
    case .serviceAccount: .serviceAccount
    case .service: .service
    case .job: .job
    case .deployment: .deployment
    case .cronJob: .cronJob
    case .podDisruptionBudget: .podDisruptionBudget
    case .horizontalPodAutoscaler: .horizontalPodAutoscaler
    }
  }

  /// `apps/v1/Deployment`; the core group is `v1/Service`.
  var title: String { "\(resource.apiVersion)/\(resource.kind)" }

  /// Where the pod template lies; nil for what has no pods.
  var templatePath: [String]? {
    switch self {
    case .deployment, .job: ["spec", "template"]
    case .cronJob: ["spec", "jobTemplate", "spec", "template"]
    case .configMap, .secret, .serviceAccount, .service, .podDisruptionBudget, .horizontalPodAutoscaler: nil
    }
  }

  /// What a plan's rule calls it; nil for what never acts by itself.
  var runKind: RunRule.Kind? {
    switch self {
    case .deployment: .deployment
    case .job: .job
    case .cronJob: .cronJob
    case .configMap, .secret, .serviceAccount, .service, .podDisruptionBudget, .horizontalPodAutoscaler: nil
    }
  }

  /// Whether both colors use one object of the kind, which then has no color in its name and is never deleted with one.
  func isShared(_ identity: PodIdentity?) -> Bool { self == .serviceAccount && identity != .perColor }
}
