import KubernetesModel
import ReleaseModel

/// What a namespace's LimitRanges give to containers that do not say themselves. Pure.
struct ContainerDefaults: Sendable {
  var requests: [String: Quantity] = [:]
  var limits: [String: Quantity] = [:]

  static let none = ContainerDefaults(limitRanges: [])

  init(limitRanges: [JSON]) {
    for range in limitRanges {
      for item in range["spec", "limits"]?.array ?? [] where item["type"]?.string == "Container" {
        limits.merge(Quantity.all(item["default"])) { first, _ in first }
        requests.merge(Quantity.all(item["defaultRequest"])) { first, _ in first }
        // A default limit is the default request too where none is given.
        requests.merge(Quantity.all(item["default"])) { first, _ in first }
      }
    }
  }
}

/// What one pod asks of a node and a quota. Pure.
struct PodDemand: Sendable, Hashable {
  let requests: [String: Quantity]
  let limits: [String: Quantity]
  let priorityClass: String?
  /// Whether it ends by itself at a deadline, which some quotas tell apart.
  let isTerminating: Bool
  /// Whether its affinity speaks of pods of other namespaces, which some quotas forbid.
  let reachesNamespaces: Bool

  /// - Parameter spec: a pod's `spec`.
  init(spec: JSON, defaults: ContainerDefaults = .none) {
    let pod = spec["resources"]
    requests = PodDemand.total(spec) { PodDemand.requests($0, defaults) }.merging(Quantity.all(pod?["requests"])) { _, pod in pod }
    limits = PodDemand.total(spec) { PodDemand.limits($0, defaults) }.merging(Quantity.all(pod?["limits"])) { _, pod in pod }
    priorityClass = spec["priorityClassName"]?.string
    isTerminating = spec["activeDeadlineSeconds"]?.int != nil
    reachesNamespaces = PodDemand.affinityTerms(spec).contains { term in
      term["namespaceSelector"]?.object != nil || !(term["namespaces"]?.array ?? []).isEmpty
    }
  }

  /// Whether it asks for nothing, and is the first to go.
  var isBestEffort: Bool { requests.isEmpty && limits.isEmpty }

  private static func affinityTerms(_ spec: JSON) -> [JSON] {
    ["podAffinity", "podAntiAffinity"].compactMap { spec["affinity", $0] }.flatMap { affinity in
      (affinity["requiredDuringSchedulingIgnoredDuringExecution"]?.array ?? [])
        + (affinity["preferredDuringSchedulingIgnoredDuringExecution"]?.array ?? []).compactMap { $0["podAffinityTerm"] }
    }
  }

  /// Containers and sidecars together, or the largest init container with the sidecars before it, whichever is more; and the overhead
  /// (https://kubernetes.io/docs/concepts/workloads/pods/sidecar-containers/#resource-sharing-within-containers).
  private static func total(_ spec: JSON, _ amounts: (JSON) -> [String: Quantity]) -> [String: Quantity] {
    var running: [String: Quantity] = [:]
    var starting: [String: Quantity] = [:]
    for container in spec["initContainers"]?.array ?? [] {
      if container["restartPolicy"]?.string == "Always" {
        running.merge(amounts(container), uniquingKeysWith: +)
        starting.merge(running, uniquingKeysWith: max)
      } else {
        starting.merge(running.merging(amounts(container), uniquingKeysWith: +), uniquingKeysWith: max)
      }
    }
    for container in spec["containers"]?.array ?? [] { running.merge(amounts(container), uniquingKeysWith: +) }
    return running.merging(starting, uniquingKeysWith: max).merging(Quantity.all(spec["overhead"]), uniquingKeysWith: +)
  }

  private static func requests(_ container: JSON, _ defaults: ContainerDefaults) -> [String: Quantity] {
    Quantity.all(container["resources", "requests"])
      .merging(Quantity.all(container["resources", "limits"])) { request, _ in request }
      .merging(defaults.requests) { own, _ in own }
  }

  private static func limits(_ container: JSON, _ defaults: ContainerDefaults) -> [String: Quantity] {
    Quantity.all(container["resources", "limits"]).merging(defaults.limits) { own, _ in own }
  }
}

extension ResourceRequests {
  /// What a pod asks for of what is told of capacity.
  init(_ demand: PodDemand) {
    self.init(milliCPU: demand.requests["cpu"]?.milli ?? 0, memoryBytes: demand.requests["memory"]?.whole ?? 0)
  }
}

extension Quantity {
  /// The members of an object that are quantities, written as text or as a number.
  static func all(_ json: JSON?) -> [String: Quantity] {
    (json?.object ?? [:]).compactMapValues { value in
      value.string.flatMap { Quantity($0) } ?? value.int.map { Quantity($0) } ?? value.double.flatMap { Quantity("\($0)") }
    }
  }
}
