import KubernetesModel

/// Whether pods find places on a fixed set of nodes: first fit, the largest first. Pure.
///
/// Counts what nodes can allocate and what their pods request, cordons, readiness, taints, host ports, and of what pods demand of their place:
/// node selectors, node affinity, pod affinity and anti-affinity (that of running pods too) and spreading, each as far as it is required. What
/// is only preferred, preemption and volumes are left to the scheduler.
struct NodeFit: Sendable {
  private struct Node {
    let name: String
    let labels: [String: String]
    let taints: [JSON]
    /// Why it takes no pod at all.
    let closed: String?
    var free: [String: Quantity]
    var pods: [SchedulablePod]
    var ports: Set<String>
  }

  /// Pods of one Deployment that found no place.
  struct Miss: Sendable, Hashable {
    var count: Int
    /// What keeps the first of them away, in words: the rest may be kept away by those that were placed.
    var why: String
  }

  private var nodes: [Node]
  /// What pods that have a place forbid others: where, and which.
  private var fences: [(term: PodTerm, domain: String)] = []

  var count: Int { nodes.count }

  /// - Parameter pods: all pods of the cluster; those that have ended hold no place.
  init(nodes: [JSON], pods: [JSON]) {
    self.nodes = nodes.map { node in
      Node(
        name: node.name, labels: node.labels, taints: node["spec", "taints"]?.array ?? [], closed: NodeFit.closed(node),
        free: Quantity.all(node["status", "allocatable"]), pods: [], ports: [])
    }
    let places = Dictionary(self.nodes.enumerated().map { ($0.element.name, $0.offset) }) { first, _ in first }
    for pod in pods where PodReading(pod).holdsPlace {
      guard let index = pod["spec", "nodeName"]?.string.flatMap({ places[$0] }) else { continue }
      take(SchedulablePod(pod), at: index)
    }
  }

  private static func closed(_ node: JSON) -> String? {
    if node["spec", "unschedulable"]?.bool == true { return "cordoned" }
    let ready = node["status", "conditions"]?.array?.first { $0["type"]?.string == "Ready" }
    return ready?["status"]?.string == "True" ? nil : "not ready"
  }

  private mutating func take(_ pod: SchedulablePod, at index: Int) {
    for (name, amount) in NodeFit.wanted(pod) { nodes[index].free[name] = (nodes[index].free[name] ?? .zero) - amount }
    nodes[index].pods.append(pod)
    nodes[index].ports.formUnion(pod.hostPorts)
    for term in PodTerm.required("podAntiAffinity", of: pod) {
      if let domain = nodes[index].labels[term.topologyKey] { fences.append((term, domain)) }
    }
  }

  private static func wanted(_ pod: SchedulablePod) -> [String: Quantity] {
    pod.demand.requests.merging(["pods": Quantity(1)]) { own, _ in own }
  }

  /// Places pods one after another, the largest first.
  /// - Returns: those that found no place, by their Deployment.
  mutating func place(_ pods: [SchedulablePod]) -> [String: Miss] {
    func size(_ pod: SchedulablePod, _ name: String) -> Quantity { pod.demand.requests[name] ?? .zero }
    let ordered = pods.sorted { left, right in
      (size(left, "cpu"), size(left, "memory")) > (size(right, "cpu"), size(right, "memory"))
    }
    var misses: [String: Miss] = [:]
    for pod in ordered {
      let objections = objections(to: pod)
      if let index = nodes.indices.first(where: { objections[$0] == nil }) {
        take(pod, at: index)
      } else {
        misses[pod.workload, default: Miss(count: 0, why: NodeFit.words(objections))].count += 1
      }
    }
    return misses
  }

  // MARK: Why a node does not take a pod

  private enum Objection: Sendable, Hashable {
    case closed(String)
    case taint(String)
    case choice
    case affinity
    case antiAffinity
    case spread(String)
    case port(String)
    case lacks(String, needed: Quantity, free: Quantity)
  }

  /// What keeps the pod from each node; nil where one takes it.
  private func objections(to pod: SchedulablePod) -> [Objection?] {
    let choice = NodeChoice(pod.spec)
    let tolerance = Tolerance(pod.spec)
    let forbidden = forbidden(to: pod)
    let wanted = wantedParts(by: pod)
    let spread = SpreadRule.all(of: pod).map { ($0.term.topologyKey, parts(open: $0, to: pod, choice, tolerance)) }
    let ports = pod.hostPorts
    let amounts = NodeFit.wanted(pod).sorted { $0.key < $1.key }
    return nodes.map { node in
      if let closed = node.closed { return .closed(closed) }
      if let taint = tolerance.objection(to: node.taints) { return .taint(NodeFit.words(taint)) }
      guard choice.accepts(name: node.name, labels: node.labels) else { return .choice }
      if forbidden.contains(where: { node.labels[$0.key] == $0.domain }) { return .antiAffinity }
      guard wanted.allSatisfy({ key, parts in node.labels[key].map { parts?.contains($0) ?? true } ?? false }) else { return .affinity }
      if let rule = spread.first(where: { key, parts in !(node.labels[key].map(parts.contains) ?? false) }) { return .spread(rule.0) }
      if let port = ports.intersection(node.ports).min() { return .port(port) }
      for (name, amount) in amounts where amount > .zero {
        let free = node.free[name] ?? .zero
        if free < amount { return .lacks(name, needed: amount, free: max(free, .zero)) }
      }
      return nil
    }
  }

  /// The parts of the cluster that are closed to the pod: by its own anti-affinity, and by that of pods that are there.
  private func forbidden(to pod: SchedulablePod) -> [(key: String, domain: String)] {
    let own = PodTerm.required("podAntiAffinity", of: pod).flatMap { term in
      nodes.filter { $0.pods.contains(where: term.matches) }.compactMap { node in
        node.labels[term.topologyKey].map { (term.topologyKey, $0) }
      }
    }
    return own + fences.filter { $0.term.matches(pod) }.map { ($0.term.topologyKey, $0.domain) }
  }

  /// The parts of the cluster that each term of the pod's affinity leaves; nil where any that has the label will do: the first of pods that
  /// want each other's company begins anywhere.
  private func wantedParts(by pod: SchedulablePod) -> [(key: String, parts: Set<String>?)] {
    PodTerm.required("podAffinity", of: pod).map { term in
      let found = nodes.filter { $0.pods.contains(where: term.matches) }.compactMap { $0.labels[term.topologyKey] }
      return (term.topologyKey, found.isEmpty && term.matches(pod) ? nil : Set(found))
    }
  }

  private func parts(open rule: SpreadRule, to pod: SchedulablePod, _ choice: NodeChoice, _ tolerance: Tolerance) -> Set<String> {
    var counts: [String: Int] = [:]
    for node in nodes {
      guard let domain = node.labels[rule.term.topologyKey] else { continue }
      guard rule.countsUnchosenNodes || choice.accepts(name: node.name, labels: node.labels) else { continue }
      guard rule.countsTaintedNodes || tolerance.objection(to: node.taints) == nil else { continue }
      counts[domain, default: 0] += node.pods.count { !$0.isTerminating && rule.term.matches($0) }
    }
    return rule.open(counts, own: rule.term.matches(pod))
  }

  // MARK: Words

  private static func words(_ taint: JSON) -> String {
    let value = taint["value"]?.string.map { "=\($0)" } ?? ""
    return "\(taint["key"]?.string ?? "")\(value):\(taint["effect"]?.string ?? "")"
  }

  /// `2 nodes lack cpu (800m needed, at most 300m free), 1 node is cordoned`.
  private static func words(_ objections: [Objection?]) -> String {
    var lacking: [String: (count: Int, needed: Quantity, free: Quantity)] = [:]
    var others: [String: Int] = [:]
    for objection in objections.compactMap(\.self) {
      switch objection {
      case .lacks(let name, let needed, let free):
        let known = lacking[name]
        lacking[name] = ((known?.count ?? 0) + 1, needed, max(known?.free ?? .zero, free))
      case .closed(let why): others["is \(why)", default: 0] += 1
      case .taint(let taint): others["has the taint \(taint)", default: 0] += 1
      case .choice: others["is not among those that its node selector or affinity names", default: 0] += 1
      case .affinity: others["is not where its pod affinity wants it", default: 0] += 1
      case .antiAffinity: others["is closed by pod anti-affinity", default: 0] += 1
      case .spread(let key): others["would make its spread over \(key) too uneven", default: 0] += 1
      case .port(let port): others["has the host port \(port) taken", default: 0] += 1
      }
    }
    func nodes(_ count: Int, _ what: String) -> String {
      if count == 1 { return "1 node \(what)" }
      if what.hasPrefix("is ") { return "\(count) nodes are \(what.dropFirst(3))" }
      return "\(count) nodes \(what.hasPrefix("has ") ? "have \(what.dropFirst(4))" : what)"
    }
    let resources = lacking.sorted { $0.key < $1.key }.map { name, lack in
      let what = name == "pods" ? "room for one more pod" : "\(name) (\(lack.needed) needed, at most \(lack.free) free)"
      return "\(lack.count) \(lack.count == 1 ? "node lacks" : "nodes lack") \(what)"
    }
    let words = resources + others.sorted { $0.key < $1.key }.map { nodes($0.value, $0.key) }
    return words.isEmpty ? "there is no node" : words.joined(separator: ", ")
  }
}
