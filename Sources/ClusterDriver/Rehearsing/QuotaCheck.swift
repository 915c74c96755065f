import KubernetesModel
import ReleaseModel

/// What a new environment adds to a namespace.
struct EnvironmentDemand: Sendable {
  /// Its pods, each with its demand.
  var pods: [PodDemand]
  /// How many objects of a kind, as quotas name them: `count/deployments.apps`, `configmaps`.
  var objects: [String: Int]
}

/// Whether a namespace's ResourceQuotas have room for it. Pure.
struct QuotaCheck: Sendable {
  let demand: EnvironmentDemand
  /// What the color still holds and gives back before the new pods come.
  let freed: EnvironmentDemand
  /// What other rollouts count on and do not use yet.
  let reserved: [ServiceIndex.Reservation]

  /// What is missing, in words.
  func shortages(in quota: JSON) -> [String] {
    let hard = Quantity.all(quota["status", "hard"] ?? quota["spec", "hard"])
    let used = Quantity.all(quota["status", "used"])
    let scope = QuotaScope(quota)
    let added = demand.pods.filter(scope.covers)
    return hard.sorted { $0.key < $1.key }.compactMap { resource, limit in
      if added.contains(where: { misses(resource, $0) }) {
        return "quota \(quota.name) demands \(resource) of every container, and one does not say it"
      }
      // A reservation does not say which scopes it falls under: it counts where these pods do.
      let needed = amount(resource, added, demand.objects) + (added.isEmpty ? .zero : held(resource))
      let free = limit - (used[resource] ?? .zero) + amount(resource, freed.pods.filter(scope.covers), freed.objects)
      guard needed > free, needed > .zero else { return nil }
      return "quota \(quota.name): \(resource): \(needed) needed, \(max(free, .zero)) of \(limit) left"
    }
  }

  /// A quota on computing resources refuses pods that do not say what they want of them.
  private func misses(_ resource: String, _ pod: PodDemand) -> Bool {
    switch QuotaCheck.pod(resource) {
    case .requests(let name) where ["cpu", "memory"].contains(name): pod.requests[name] == nil
    case .limits(let name) where ["cpu", "memory"].contains(name): pod.limits[name] == nil
    case .requests, .limits, .count, nil: false
    }
  }

  private func amount(_ resource: String, _ pods: [PodDemand], _ objects: [String: Int]) -> Quantity {
    switch QuotaCheck.pod(resource) {
    case .count: Quantity(pods.count)
    case .requests(let name): pods.reduce(.zero) { $0 + ($1.requests[name] ?? .zero) }
    case .limits(let name): pods.reduce(.zero) { $0 + ($1.limits[name] ?? .zero) }
    case nil: Quantity(objects[resource] ?? 0)
    }
  }

  private func held(_ resource: String) -> Quantity {
    switch QuotaCheck.pod(resource) {
    case .count: reserved.reduce(.zero) { $0 + Quantity($1.pods) }
    case .requests("cpu"): reserved.reduce(.zero) { $0 + (Quantity("\($1.milliCPU)m") ?? .zero) }
    case .requests("memory"): reserved.reduce(.zero) { $0 + Quantity($1.memoryBytes) }
    case .requests, .limits, nil: .zero
    }
  }

  private enum PodResource {
    case count
    case requests(String)
    case limits(String)
  }

  /// What of a pod a quota's resource counts; nil where it counts other objects.
  private static func pod(_ resource: String) -> PodResource? {
    switch resource {
    case "pods", "count/pods": .count
    case "cpu", "memory", "ephemeral-storage": .requests(resource)
    case _ where resource.hasPrefix("requests.") && resource != "requests.storage": .requests(String(resource.dropFirst(9)))
    case _ where resource.hasPrefix("limits."): .limits(String(resource.dropFirst(7)))
    default: nil
    }
  }
}

/// Which pods a quota counts (https://kubernetes.io/docs/concepts/policy/resource-quotas/#quota-scopes). A scope that this version does not
/// know counts every pod, so that room is not promised by mistake.
struct QuotaScope: Sendable {
  private let plain: [String]
  private let expressions: [JSON]

  init(_ quota: JSON) {
    plain = (quota["spec", "scopes"]?.array ?? []).compactMap(\.string)
    expressions = quota["spec", "scopeSelector", "matchExpressions"]?.array ?? []
  }

  func covers(_ pod: PodDemand) -> Bool {
    plain.allSatisfy { QuotaScope.covers($0, pod) } && expressions.allSatisfy { covers($0, pod) }
  }

  private func covers(_ expression: JSON, _ pod: PodDemand) -> Bool {
    let scope = expression["scopeName"]?.string ?? ""
    guard scope == "PriorityClass" else { return QuotaScope.covers(scope, pod) }
    let values = (expression["values"]?.array ?? []).compactMap(\.string)
    return switch expression["operator"]?.string {
    case "In": pod.priorityClass.map(values.contains) ?? false
    case "NotIn": !(pod.priorityClass.map(values.contains) ?? false)
    case "Exists": pod.priorityClass != nil
    case "DoesNotExist": pod.priorityClass == nil
    default: true
    }
  }

  private static func covers(_ scope: String, _ pod: PodDemand) -> Bool {
    switch scope {
    case "BestEffort": pod.isBestEffort
    case "NotBestEffort": !pod.isBestEffort
    case "Terminating": pod.isTerminating
    case "NotTerminating": !pod.isTerminating
    // Such quotas are there to forbid: their limit often is 0.
    case "CrossNamespacePodAffinity": pod.reachesNamespaces
    default: true
    }
  }
}
