import KubernetesModel

/// The Endpoints object of a Service, which older clients read: addresses by whether they are ready, in subsets of equal ports.
struct EndpointsObject {
  static let managedByLabel = "endpoints.kubernetes.io/managed-by"
  static let managedBy = "endpoint-controller"

  let service: JSON
  let pods: [JSON]
  let trigger: String?

  func write(_ objects: any ClusterObjects) {
    let old = objects.get(.endpoints, namespace: service.namespaceText, name: service.name)
    var wanted =
      old ?? [
        "apiVersion": "v1", "kind": "Endpoints", "metadata": ["name": .string(service.name), "namespace": .string(service.namespaceText)],
      ]
    let subsets = subsets
    wanted["subsets"] = subsets.isEmpty ? nil : .array(subsets)
    let labels = service.labels.merging([Self.managedByLabel: Self.managedBy]) { _, own in own }
    wanted["metadata", "labels"] = JSON(labels)
    guard wanted != old else { return }
    wanted["metadata", "annotations", EndpointsController.lastChange] = trigger.map { .string($0) }
    if wanted["metadata", "annotations"] == [:] { wanted["metadata", "annotations"] = nil }
    if old == nil {
      _ = try? objects.create(.endpoints, wanted, by: ManagerName.controllers)
    } else {
      _ = try? objects.update(.endpoints, wanted, by: ManagerName.controllers)
    }
  }

  private var subsets: [JSON] {
    let publishesAll = service["spec", "publishNotReadyAddresses"]?.bool ?? false
    let present = pods.filter { publishesAll || !$0.isDeleting }
    let groups = Dictionary(grouping: present) { ResolvedPort.ports(of: service, on: $0) }
    return groups.sorted { $0.key.description < $1.key.description }.map { ports, members in
      var subset: JSON = ["ports": .array(ports.map(Self.port))]
      let (ready, unready) = (members.filter { publishesAll || $0.isReadyPod }, members.filter { !publishesAll && !$0.isReadyPod })
      if !ready.isEmpty { subset["addresses"] = .array(ready.map(Self.address)) }
      if !unready.isEmpty { subset["notReadyAddresses"] = .array(unready.map(Self.address)) }
      return subset
    }
  }

  private static func port(_ port: ResolvedPort) -> JSON {
    var json = port.json
    if port.name.isEmpty { json["name"] = nil }
    return json
  }

  private static func address(_ pod: JSON) -> JSON {
    [
      "ip": pod["status", "podIP"] ?? "", "nodeName": pod["spec", "nodeName"] ?? "", "targetRef": EndpointsController.target(pod),
    ]
  }
}
