import KubernetesModel

/// Which labels an object must have: exact values, and expressions over sets.
struct LabelSelector: Sendable, Hashable {
  fileprivate struct Expression: Sendable, Hashable {
    var key: String
    var sign: String
    var values: Set<String>
  }

  let matchLabels: [String: String]
  private let expressions: [Expression]

  /// The plain map of a Service; without it nothing is selected.
  init?(map: JSON?) {
    let labels = map?.strings ?? [:]
    guard !labels.isEmpty else { return nil }
    matchLabels = labels
    expressions = []
  }

  /// A `metav1.LabelSelector`, as in a Deployment; an empty one selects everything, a missing one nothing.
  init?(_ selector: JSON?) {
    guard let selector, selector.object != nil else { return nil }
    matchLabels = selector["matchLabels"]?.strings ?? [:]
    expressions = (selector["matchExpressions"]?.array ?? []).map { entry in
      Expression(
        key: entry["key"]?.string ?? "", sign: entry["operator"]?.string ?? "",
        values: Set(entry["values"]?.array?.compactMap(\.string) ?? []))
    }
  }

  func matches(_ labels: [String: String]) -> Bool {
    matchLabels.allSatisfy { labels[$0.key] == $0.value } && expressions.allSatisfy { $0.matches(labels[$0.key]) }
  }
}

extension LabelSelector.Expression {
  fileprivate func matches(_ value: String?) -> Bool {
    switch sign {
    case "In": value.map(values.contains) ?? false
    case "NotIn": !(value.map(values.contains) ?? false)
    case "Exists": value != nil
    case "DoesNotExist": value == nil
    default: false
    }
  }
}
