import KubernetesModel

/// A Kubernetes label selector (`matchLabels` and `matchExpressions`), evaluated here.
struct LabelQuery: Sendable, Hashable {
  private var labels: [String: String]
  private var expressions: [Expression]

  private enum Expression: Sendable, Hashable {
    case isOne(String, of: [String])
    case isNone(String, of: [String])
    case exists(String)
    case isMissing(String)
    /// An operator that this version does not know: nothing matches, so that nothing is claimed by mistake.
    case unknown
  }

  /// What a Service's selector says: all of these labels.
  init(labels: [String: String]) {
    self.labels = labels
    expressions = []
  }

  /// What a LabelSelector says; nil where the value is no object.
  init?(_ selector: JSON?) {
    guard let selector, selector.object != nil else { return nil }
    labels = selector["matchLabels"]?.strings ?? [:]
    expressions = (selector["matchExpressions"]?.array ?? []).map(LabelQuery.expression)
  }

  private static func expression(_ json: JSON) -> Expression {
    let key = json["key"]?.string ?? ""
    let values = (json["values"]?.array ?? []).compactMap(\.string)
    return switch json["operator"]?.string {
    case "In": .isOne(key, of: values)
    case "NotIn": .isNone(key, of: values)
    case "Exists": .exists(key)
    case "DoesNotExist": .isMissing(key)
    default: .unknown
    }
  }

  /// Whether it names no condition, and so matches everything.
  var isEmpty: Bool { labels.isEmpty && expressions.isEmpty }

  func matches(_ candidate: [String: String]) -> Bool {
    labels.allSatisfy { candidate[$0.key] == $0.value }
      && expressions.allSatisfy { expression in
        switch expression {
        case .isOne(let key, let values): candidate[key].map(values.contains) ?? false
        case .isNone(let key, let values): !(candidate[key].map(values.contains) ?? false)
        case .exists(let key): candidate[key] != nil
        case .isMissing(let key): candidate[key] == nil
        case .unknown: false
        }
      }
  }
}
