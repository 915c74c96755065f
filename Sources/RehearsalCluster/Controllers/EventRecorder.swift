import KubernetesModel

/// Writes the Events that `kubectl describe` shows; one that happens again is counted, not written anew.
struct EventRecorder {
  private let component: String
  private let manager: String

  /// - Parameter component: as in an Event's source, such as `deployment-controller`.
  init(component: String, manager: String = ManagerName.controllers) {
    self.component = component
    self.manager = manager
  }

  func normal(_ reason: String, _ message: String, about object: JSON, in objects: any ClusterObjects, at now: Moment) {
    record("Normal", reason, message, about: object, in: objects, at: now)
  }

  func warning(_ reason: String, _ message: String, about object: JSON, in objects: any ClusterObjects, at now: Moment) {
    record("Warning", reason, message, about: object, in: objects, at: now)
  }

  private func record(
    _ type: String, _ reason: String, _ message: String, about object: JSON, in objects: any ClusterObjects, at now: Moment
  ) {
    let namespace = object.namespaceText.isEmpty ? "default" : object.namespaceText
    let digest = FNV.hash64([object.uidText, component, type, reason, message].joined(separator: "\u{0}"))
    let name = "\(object.name).\(String(digest, radix: 16))"
    let timestamp = JSON.string(now.timestamp)
    if var known = objects.get(.events, namespace: namespace, name: name) {
      known["count"] = .int(Int64((known["count"]?.int ?? 1) + 1))
      known["lastTimestamp"] = timestamp
      _ = try? objects.update(.events, known, by: manager)
      return
    }
    let event: JSON = [
      "apiVersion": "v1", "kind": "Event", "metadata": ["name": .string(name), "namespace": .string(namespace)],
      "involvedObject": [
        "kind": object["kind"] ?? "", "namespace": .string(object.namespaceText), "name": .string(object.name),
        "uid": .string(object.uidText),
        "apiVersion": object["apiVersion"] ?? "", "resourceVersion": .string(object.resourceVersion ?? ""),
      ],
      "reason": .string(reason), "message": .string(message), "source": ["component": .string(component)],
      "firstTimestamp": timestamp, "lastTimestamp": timestamp, "count": 1, "type": .string(type), "eventTime": nil,
      "reportingComponent": .string(component), "reportingInstance": "",
    ]
    _ = try? objects.create(.events, event, by: manager)  // a namespace that is being deleted takes none
  }
}
