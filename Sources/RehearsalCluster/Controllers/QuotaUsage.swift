package import KubernetesModel

/// What an object counts for in a ResourceQuota, by the names that a quota's `hard` uses.
package enum QuotaUsage {
  private static let countedByName: Set<String> = [
    "configmaps", "persistentvolumeclaims", "replicationcontrollers", "resourcequotas", "secrets", "services",
  ]

  /// The amounts of one object, as texts of Kubernetes quantities; empty where it counts for nothing, as a finished pod.
  package static func amounts(of resource: Resource, _ object: JSON) -> [String: String] {
    quantities(of: resource, object).mapValues(\.description)
  }

  static func quantities(of resource: Resource, _ object: JSON) -> [String: Quantity] {
    let suffix = resource.group.isEmpty ? "" : ".\(resource.group)"
    var found = ["count/\(resource.plural)\(suffix)": Quantity(1)]
    if resource.group.isEmpty && countedByName.contains(resource.plural) { found[resource.plural] = Quantity(1) }
    guard resource == .pods else { return found }
    if object.hasFinished { return ["count/pods": Quantity(1)] }
    found["pods"] = Quantity(1)
    let resources = PodResources(spec: object["spec"])
    for (name, amount) in resources.requests {
      found["requests.\(name)"] = amount
      if ["cpu", "memory", "ephemeral-storage"].contains(name) { found[name] = amount }
    }
    for (name, amount) in resources.limits { found["limits.\(name)"] = amount }
    return found
  }

  /// What a namespace uses of the named amounts, zero included.
  static func total(of names: [String], namespace: String, in objects: any ClusterObjects) -> [String: Quantity] {
    var total = Dictionary(uniqueKeysWithValues: names.map { ($0, Quantity.zero) })
    for resource in resources(countedBy: names, all: objects.resources) {
      for object in objects.list(resource) where object.namespaceText == namespace {
        for (name, amount) in quantities(of: resource, object) where total[name] != nil { total[name, default: .zero] += amount }
      }
    }
    return total
  }

  /// The kinds that the names are about, so that nothing else has to be counted.
  private static func resources(countedBy names: [String], all: [Resource]) -> [Resource] {
    let computed = ["pods", "cpu", "memory", "ephemeral-storage"]
    return all.filter { resource in
      let suffix = resource.group.isEmpty ? "" : ".\(resource.group)"
      return names.contains { name in
        name == "count/\(resource.plural)\(suffix)" || resource.group.isEmpty && name == resource.plural
          || resource == .pods && (computed.contains(name) || name.hasPrefix("requests.") || name.hasPrefix("limits."))
      }
    }
  }
}
