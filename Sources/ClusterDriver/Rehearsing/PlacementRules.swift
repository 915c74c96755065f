import KubernetesModel

/// Which nodes a pod accepts by its own words: its node selector and its required node affinity. Pure
/// (https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/#node-affinity).
struct NodeChoice: Sendable {
  private let selector: [String: String]
  /// One of these must hold; nil where the pod has no required affinity.
  private let terms: [JSON]?

  init(_ spec: JSON) {
    selector = spec["nodeSelector"]?.strings ?? [:]
    terms = spec["affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"]?.array
  }

  func accepts(name: String, labels: [String: String]) -> Bool {
    guard selector.allSatisfy({ labels[$0.key] == $0.value }) else { return false }
    guard let terms else { return true }
    return terms.contains { term in
      let expressions = term["matchExpressions"]?.array ?? []
      let fields = term["matchFields"]?.array ?? []
      // A term without a condition matches no node.
      guard !expressions.isEmpty || !fields.isEmpty else { return false }
      return expressions.allSatisfy { NodeChoice.holds($0, labels) } && fields.allSatisfy { NodeChoice.holds($0, ["metadata.name": name]) }
    }
  }

  private static func holds(_ expression: JSON, _ labels: [String: String]) -> Bool {
    let bound = expression["values"]?.array?.first?.string.flatMap { Int($0) }
    let present = expression["key"]?.string.flatMap { labels[$0] }.flatMap { Int($0) }
    switch expression["operator"]?.string {
    case "Gt": return present.map { present in bound.map { present > $0 } ?? false } ?? false
    case "Lt": return present.map { present in bound.map { present < $0 } ?? false } ?? false
    default: return LabelQuery(["matchExpressions": [expression]])?.matches(labels) ?? false
    }
  }
}

/// Which taints keep a pod away. Pure.
struct Tolerance: Sendable {
  private let tolerations: [JSON]

  init(_ spec: JSON) { tolerations = spec["tolerations"]?.array ?? [] }

  /// The first taint that the pod does not tolerate; nil where the node takes it.
  func objection(to taints: [JSON]) -> JSON? {
    taints.first { taint in
      ["NoSchedule", "NoExecute"].contains(taint["effect"]?.string ?? "") && !tolerations.contains { Tolerance.tolerates($0, taint) }
    }
  }

  private static func tolerates(_ toleration: JSON, _ taint: JSON) -> Bool {
    let key = toleration["key"]?.string ?? ""
    let effect = toleration["effect"]?.string ?? ""
    guard effect.isEmpty || effect == taint["effect"]?.string else { return false }
    guard toleration["operator"]?.string == "Exists" else {
      return key == taint["key"]?.string && toleration["value"]?.string ?? "" == taint["value"]?.string ?? ""
    }
    return key.isEmpty || key == taint["key"]?.string
  }
}

/// Which other pods a term of pod affinity, anti-affinity or spreading speaks of, and over what part of the cluster. Pure.
struct PodTerm: Sendable {
  /// The node label whose value tells one part of the cluster from another: a host, a zone.
  let topologyKey: String
  private let query: LabelQuery?
  /// Nil where pods of every namespace are meant. A selector over namespaces' labels, which are not read, counts as every namespace.
  private let namespaces: Set<String>?
  private let same: [String: String]
  private let different: [String: String]

  init(_ term: JSON, of pod: SchedulablePod) {
    topologyKey = term["topologyKey"]?.string ?? ""
    query = LabelQuery(term["labelSelector"])
    let named = (term["namespaces"]?.array ?? []).compactMap(\.string)
    namespaces = term["namespaceSelector"]?.object != nil ? nil : named.isEmpty ? [pod.namespace] : Set(named)
    func values(_ key: String) -> [String: String] {
      (term[key]?.array ?? []).compactMap(\.string).reduce(into: [:]) { $0[$1] = pod.labels[$1] }
    }
    same = values("matchLabelKeys")
    different = values("mismatchLabelKeys")
  }

  func matches(_ pod: SchedulablePod) -> Bool {
    (namespaces?.contains(pod.namespace) ?? true) && query?.matches(pod.labels) ?? false
      && same.allSatisfy { pod.labels[$0.key] == $0.value } && different.allSatisfy { pod.labels[$0.key] != $0.value }
  }

  /// The required terms of `podAffinity` or `podAntiAffinity`.
  static func required(_ kind: String, of pod: SchedulablePod) -> [PodTerm] {
    (pod.spec["affinity", kind, "requiredDuringSchedulingIgnoredDuringExecution"]?.array ?? []).map { PodTerm($0, of: pod) }
  }
}

/// A spread that the scheduler holds a pod to (`whenUnsatisfiable: DoNotSchedule`). Pure
/// (https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/).
struct SpreadRule: Sendable {
  let term: PodTerm
  let maxSkew: Int
  let minDomains: Int
  /// Whether nodes that the pod's own node affinity excludes count as places.
  let countsUnchosenNodes: Bool
  /// Whether nodes with taints that it does not tolerate count as places.
  let countsTaintedNodes: Bool

  static func all(of pod: SchedulablePod) -> [SpreadRule] {
    (pod.spec["topologySpreadConstraints"]?.array ?? []).filter { $0["whenUnsatisfiable"]?.string != "ScheduleAnyway" }.map { rule in
      SpreadRule(
        term: PodTerm(rule, of: pod), maxSkew: rule["maxSkew"]?.int ?? 1, minDomains: rule["minDomains"]?.int ?? 1,
        countsUnchosenNodes: rule["nodeAffinityPolicy"]?.string == "Ignore", countsTaintedNodes: rule["nodeTaintsPolicy"]?.string != "Honor"
      )
    }
  }

  /// The parts of the cluster into which one more pod may go.
  /// - Parameters:
  ///   - counts: how many pods that the rule counts each part holds.
  ///   - own: whether the pod itself is one of those.
  func open(_ counts: [String: Int], own: Bool) -> Set<String> {
    let least = counts.count < minDomains ? 0 : counts.values.min() ?? 0
    return Set(counts.filter { $0.value + (own ? 1 : 0) - least <= maxSkew }.keys)
  }
}
