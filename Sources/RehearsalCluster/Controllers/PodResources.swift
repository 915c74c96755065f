import KubernetesModel

/// What a pod asks for: the sum over its containers, or one init container where that is more, plus the overhead.
struct PodResources: Sendable, Hashable {
  /// By resource name, such as `cpu`.
  private(set) var requests: [String: Quantity] = [:]
  private(set) var limits: [String: Quantity] = [:]

  init(spec: JSON?) {
    let containers = spec?["containers"]?.array ?? []
    requests = Self.sum(containers.map(Self.requests))
    limits = Self.sum(containers.map { Self.amounts($0["resources", "limits"]) })
    for container in spec?["initContainers"]?.array ?? [] {
      requests.merge(Self.requests(of: container), uniquingKeysWith: max)
      limits.merge(Self.amounts(container["resources", "limits"]), uniquingKeysWith: max)
    }
    requests.merge(Self.amounts(spec?["overhead"]), uniquingKeysWith: +)
  }

  /// A limit without a request is a request too.
  private static func requests(of container: JSON) -> [String: Quantity] {
    amounts(container["resources", "limits"]).merging(amounts(container["resources", "requests"])) { _, request in request }
  }

  private static func sum(_ parts: [[String: Quantity]]) -> [String: Quantity] {
    parts.reduce(into: [:]) { sum, part in sum.merge(part, uniquingKeysWith: +) }
  }

  /// The quantities of a resource list; what cannot be read counts as nothing.
  static func amounts(_ list: JSON?) -> [String: Quantity] {
    (list?.object ?? [:]).compactMapValues { value in
      value.string.flatMap { Quantity($0) } ?? value.int.map { Quantity($0) }
    }
  }
}
