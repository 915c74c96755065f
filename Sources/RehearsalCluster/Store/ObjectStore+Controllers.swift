package import KubernetesModel
import Synchronization

// The store as controllers see it.
extension ObjectStore: ClusterObjects {
  package var resources: [Resource] { APIResource.all.map(\.resource) }

  package func list(_ resource: Resource) -> [JSON] { state.withLock { $0.sorted(resource) } }

  package func get(_ resource: Resource, namespace: String, name: String) -> JSON? {
    state.withLock { $0.objects[resource]?[Key(namespace: namespace, name: name)] }
  }

  package func create(_ resource: Resource, _ object: JSON, by manager: String) throws(ObjectRefusal) -> JSON {
    try write(resource, object, by: manager, existing: .forbidden) { _ in object }
  }

  package func update(_ resource: Resource, _ object: JSON, by manager: String) throws(ObjectRefusal) -> JSON {
    try write(resource, object, by: manager) { old throws(APIStatus) in try ObjectStore.checked(object, old, resource) }
  }

  package func updateStatus(_ resource: Resource, _ object: JSON, by manager: String) throws(ObjectRefusal) -> JSON {
    try write(resource, object, by: manager, subresource: "status") { old throws(APIStatus) in
      try ObjectStore.checked(object, old, resource)
    }
  }

  package func bind(_ pod: JSON, toNode node: String, by manager: String) throws(ObjectRefusal) {
    let timestamp = clock.now().timestamp
    _ = try write(.pods, pod, by: manager) { old in
      var bound = old ?? pod
      bound["spec", "nodeName"] = .string(node)
      return bound
    }
    _ = try write(.pods, pod, by: manager, subresource: "status") { old in
      var bound = old ?? pod
      let scheduled: JSON = ["type": "PodScheduled", "status": "True", "lastProbeTime": nil, "lastTransitionTime": .string(timestamp)]
      let others = (bound["status", "conditions"]?.array ?? []).filter { $0["type"] != "PodScheduled" }
      bound["status", "conditions"] = .array(others + [scheduled])
      return bound
    }
  }

  package func delete(
    _ resource: Resource, _ object: JSON, gracePeriod: Int?, propagation: DeletionPropagation, by manager: String
  ) throws(ObjectRefusal) {
    guard let type = APIResource.of(resource) else { throw ObjectRefusal(.notFound, resource.plural) }
    do throws(APIStatus) {
      _ = try remove(
        type, namespace: object.namespaceText, name: object.name, uid: object.uidText, gracePeriod: gracePeriod, propagation: propagation)
    } catch {
      throw ObjectRefusal(error)
    }
  }

  private static func checked(_ object: JSON, _ old: JSON?, _ resource: Resource) throws(APIStatus) -> JSON {
    if let version = object.resourceVersion, version != old?.resourceVersion, let type = APIResource.of(resource) {
      throw .conflict(type, object.name)
    }
    return object
  }

  private func write(
    _ resource: Resource, _ object: JSON, by manager: String, subresource: String = "", existing: ObjectWrite.Existing = .required,
    _ change: (JSON?) throws(APIStatus) -> JSON
  ) throws(ObjectRefusal) -> JSON {
    guard let type = APIResource.of(resource) else { throw ObjectRefusal(.notFound, resource.plural) }
    let who = ManagedFields.Manager(name: manager, operation: "Update", subresource: subresource)
    let request = ObjectWrite(type: type, namespace: object.namespaceText, name: object.name, manager: who, existing: existing)
    do throws(APIStatus) {
      return try write(request, change).object
    } catch {
      throw ObjectRefusal(error)
    }
  }
}

extension ObjectRefusal {
  fileprivate init(_ status: APIStatus) {
    let reason: Reason =
      switch status.reason {
      case "NotFound": .notFound
      case "AlreadyExists": .alreadyExists
      case "Conflict": .conflict
      case "Forbidden": .forbidden
      default: .invalid
      }
    self.init(reason, status.message)
  }
}
