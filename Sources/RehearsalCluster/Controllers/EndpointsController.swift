import KubernetesModel

/// EndpointSlices, and the Endpoints that came before them: which pods each Service reaches, and whether they are ready.
///
/// A Service has one slice for each distinct set of resolved ports, which is one unless pods name their ports differently. A slice is
/// changed in place, so that a selector that flips shows as a single change of a single object.
package struct EndpointsController: Controller {
  static let managedBy = "endpointslice-controller.k8s.io"
  static let serviceName = "kubernetes.io/service-name"
  static let lastChange = "endpoints.kubernetes.io/last-change-trigger-time"

  /// When each pod last became ready or unready, as seen in the round before; by Service and pod.
  private var seen: [String: [String: String]] = [:]

  package init() {}

  package mutating func tick(_ objects: any ClusterObjects, now: Moment) -> Duration? {
    let services = objects.list(.services)
    let pods = Dictionary(grouping: objects.list(.pods).filter(Self.isReachable), by: \.namespaceText)
    let slices = Dictionary(grouping: objects.list(.endpointSlices)) { $0.namespaceText }
    let known = Set(services.map(\.uidText))
    seen = seen.filter { known.contains($0.key) }
    removeOrphans(services, objects)
    for service in services where !service.isDeleting {
      guard service["spec", "type"]?.string != "ExternalName", let selector = LabelSelector(map: service["spec", "selector"]) else {
        continue
      }
      let chosen = (pods[service.namespaceText] ?? []).filter { selector.matches($0.labels) }
      let own = (slices[service.namespaceText] ?? []).filter {
        $0.labels[Self.serviceName] == service.name && $0.labels["endpointslice.kubernetes.io/managed-by"] == Self.managedBy
      }
      let trigger = trigger(for: service, pods: chosen)
      writeSlices(of: service, pods: chosen, existing: own, trigger: trigger, objects)
      EndpointsObject(service: service, pods: chosen, trigger: trigger).write(objects)
    }
    return nil
  }

  /// Endpoints have no owner whose end would end them.
  private func removeOrphans(_ services: [JSON], _ objects: any ClusterObjects) {
    let names = Set(services.map { "\($0.namespaceText)/\($0.name)" })
    for endpoints in objects.list(.endpoints) where endpoints.labels[EndpointsObject.managedByLabel] == EndpointsObject.managedBy {
      if !names.contains("\(endpoints.namespaceText)/\(endpoints.name)") { objects.remove(.endpoints, endpoints) }
    }
  }

  /// A pod can be reached from when it has an address until its containers have ended.
  private static func isReachable(_ pod: JSON) -> Bool {
    !pod.hasFinished && !(pod["status", "podIP"]?.string ?? "").isEmpty
  }

  /// The time of the earliest change of a pod since the last round, from which one can tell how long programming took; nil when what
  /// changed was not a pod. For a new Service it is the Service's own.
  private mutating func trigger(for service: JSON, pods: [JSON]) -> String? {
    let times = Dictionary(pods.map { ($0.uidText, $0.condition("Ready")?["lastTransitionTime"]?.string ?? "") }) { first, _ in first }
    let before = seen.updateValue(times, forKey: service.uidText)
    let changed = times.filter { before?[$0.key] != $0.value && !$0.value.isEmpty }.values.min()
    return changed ?? (before == nil ? service.creationTimestamp : nil)
  }

  private func writeSlices(
    of service: JSON, pods: [JSON], existing: [JSON], trigger: String?, _ objects: any ClusterObjects
  ) {
    var groups = Dictionary(grouping: pods) { ResolvedPort.ports(of: service, on: $0) }
    if groups.isEmpty { groups[[]] = [] }
    var free = existing
    for (ports, members) in groups.sorted(by: { $0.key.description < $1.key.description }) {
      let slice = slice(of: service, ports: ports, pods: members)
      let index = free.firstIndex { $0["ports"] == slice["ports"] } ?? free.indices.first
      guard let index else {
        var created = slice
        if let trigger { created["metadata", "annotations", Self.lastChange] = .string(trigger) }
        _ = try? objects.create(.endpointSlices, created, by: ManagerName.controllers)
        continue
      }
      update(free.remove(at: index), to: slice, trigger: trigger, objects)
    }
    for unused in free { objects.remove(.endpointSlices, unused) }
  }

  private func update(_ old: JSON, to slice: JSON, trigger: String?, _ objects: any ClusterObjects) {
    var updated = old
    updated["endpoints"] = slice["endpoints"]
    updated["ports"] = slice["ports"]
    updated["metadata", "labels"] = JSON(old.labels.merging(slice.labels) { _, new in new })
    guard updated != old else { return }
    updated["metadata", "annotations", Self.lastChange] = trigger.map { .string($0) }
    if updated["metadata", "annotations"] == [:] { updated["metadata", "annotations"] = nil }
    _ = try? objects.update(.endpointSlices, updated, by: ManagerName.controllers)
  }

  private func slice(of service: JSON, ports: [ResolvedPort], pods: [JSON]) -> JSON {
    var labels = service.labels
    labels["endpointslice.kubernetes.io/managed-by"] = Self.managedBy
    labels[Self.serviceName] = service.name
    if service["spec", "clusterIP"]?.string == "None" { labels["service.kubernetes.io/headless"] = "" }
    let publishesAll = service["spec", "publishNotReadyAddresses"]?.bool ?? false
    return [
      "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice",
      "metadata": [
        "generateName": .string("\(service.name)-"), "namespace": .string(service.namespaceText), "labels": JSON(labels),
        "ownerReferences": [service.ownerReference()],
      ],
      "addressType": "IPv4",
      "endpoints": pods.isEmpty ? .null : .array(pods.map { Self.endpoint($0, publishesAll: publishesAll) }),
      "ports": ports.isEmpty ? .null : .array(ports.map(\.json)),
    ]
  }

  private static func endpoint(_ pod: JSON, publishesAll: Bool) -> JSON {
    let serving = pod.isReadyPod
    return [
      "addresses": [pod["status", "podIP"] ?? ""],
      "conditions": [
        "ready": .bool(publishesAll || serving && !pod.isDeleting), "serving": .bool(serving || publishesAll),
        "terminating": .bool(pod.isDeleting),
      ],
      "targetRef": target(pod), "nodeName": pod["spec", "nodeName"] ?? "",
    ]
  }

  static func target(_ pod: JSON) -> JSON {
    ["kind": "Pod", "namespace": .string(pod.namespaceText), "name": .string(pod.name), "uid": .string(pod.uidText)]
  }
}
