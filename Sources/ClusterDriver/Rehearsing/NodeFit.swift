import KubernetesModel

/// Whether pods find places on a fixed set of nodes: first fit, the largest first. Pure.
///
/// Counts what nodes can allocate, what their pods request, cordons, readiness, taints and node selectors. Node affinity, pod affinity and
/// spreading are left to the scheduler: deploy bounds the wait for a pod that finds no place.
struct NodeFit: Sendable {
  private struct Node {
    let labels: [String: String]
    let taints: [JSON]
    var free: [String: Quantity]
  }

  private var nodes: [Node]

  /// - Parameter pods: all pods of the cluster that hold a place.
  init(nodes: [JSON], pods: [JSON]) {
    var requested: [String: [String: Quantity]] = [:]
    for pod in pods {
      guard let node = pod["spec", "nodeName"]?.string, let spec = pod["spec"], PodReading(pod).holdsPlace else { continue }
      requested[node, default: [:]].merge(PodDemand(spec: spec).requests, uniquingKeysWith: +)
      requested[node, default: [:]].merge(["pods": Quantity(1)], uniquingKeysWith: +)
    }
    self.nodes = nodes.filter(NodeFit.takesPods).map { node in
      let taken = requested[node.name] ?? [:]
      let free = Quantity.all(node["status", "allocatable"]).map { ($0.key, $0.value - (taken[$0.key] ?? .zero)) }
      return Node(labels: node.labels, taints: node["spec", "taints"]?.array ?? [], free: Dictionary(free) { first, _ in first })
    }
  }

  private static func takesPods(_ node: JSON) -> Bool {
    let ready = node["status", "conditions"]?.array?.first { $0["type"]?.string == "Ready" }
    return node["spec", "unschedulable"]?.bool != true && ready?["status"]?.string == "True"
  }

  /// Places pods one after another.
  /// - Returns: how many found none.
  mutating func place(_ pods: [(demand: PodDemand, spec: JSON)]) -> Int {
    let ordered = pods.sorted { left, right in
      func size(_ pod: (demand: PodDemand, spec: JSON), _ name: String) -> Quantity { pod.demand.requests[name] ?? .zero }
      return (size(left, "cpu"), size(left, "memory")) > (size(right, "cpu"), size(right, "memory"))
    }
    return ordered.filter { !place($0.demand, $0.spec) }.count
  }

  private mutating func place(_ demand: PodDemand, _ spec: JSON) -> Bool {
    let wanted = demand.requests.merging(["pods": Quantity(1)]) { own, _ in own }
    let fitting = nodes.indices.first { index in
      let node = nodes[index]
      return NodeFit.accepts(node, spec) && wanted.allSatisfy { $0.value == .zero || (node.free[$0.key] ?? .zero) >= $0.value }
    }
    guard let fitting else { return false }
    for (name, amount) in wanted { nodes[fitting].free[name] = (nodes[fitting].free[name] ?? .zero) - amount }
    return true
  }

  private static func accepts(_ node: Node, _ spec: JSON) -> Bool {
    let selector = spec["nodeSelector"]?.strings ?? [:]
    let tolerations = spec["tolerations"]?.array ?? []
    let blocking = node.taints.filter { ["NoSchedule", "NoExecute"].contains($0["effect"]?.string ?? "") }
    return selector.allSatisfy { node.labels[$0.key] == $0.value }
      && blocking.allSatisfy { taint in tolerations.contains { tolerates($0, taint) } }
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
