import KubernetesModel

/// A pod as far as the scheduler asks about it: one that runs, or one that is to come. Pure.
struct SchedulablePod: Sendable {
  let namespace: String
  let labels: [String: String]
  let spec: JSON
  let demand: PodDemand
  /// The Deployment, without the color's suffix, that is to make it; empty for pods that run already and for room that is only kept.
  var workload = ""
  /// Whether it is going: it still holds its place, and counts no more where pods are spread.
  var isTerminating = false

  init(namespace: String, labels: [String: String] = [:], spec: JSON, demand: PodDemand, workload: String = "") {
    self.namespace = namespace
    self.labels = labels
    self.spec = spec
    self.demand = demand
    self.workload = workload
  }

  /// One that runs.
  init(_ pod: JSON) {
    let spec = pod["spec"] ?? .null
    self.init(namespace: pod.namespace ?? "", labels: pod.labels, spec: spec, demand: PodDemand(spec: spec))
    isTerminating = pod.isTerminating
  }

  /// Room that is kept for a pod of which only the requests are known.
  init(namespace: String, milliCPU: Int, memoryBytes: Int) {
    let spec: JSON = [
      "containers": [["resources": ["requests": ["cpu": .string("\(milliCPU)m"), "memory": .string("\(memoryBytes)")]]]]
    ]
    self.init(namespace: namespace, spec: spec, demand: PodDemand(spec: spec))
  }

  /// The ports of its node that it takes, by protocol.
  var hostPorts: Set<String> {
    let own = (spec["containers"]?.array ?? []) + (spec["initContainers"]?.array ?? []).filter { $0["restartPolicy"]?.string == "Always" }
    let isOnHost = spec["hostNetwork"]?.bool == true
    return own.flatMap { $0["ports"]?.array ?? [] }.reduce(into: Set<String>()) { ports, port in
      guard let number = port["hostPort"]?.int ?? (isOnHost ? port["containerPort"]?.int : nil), number > 0 else { return }
      ports.insert("\(number)/\(port["protocol"]?.string ?? "TCP")")
    }
  }
}
