import KubernetesModel
import Synchronization

@testable import RehearsalCluster

/// The least API that controllers can live on, with the rules that they rely on and none of the rest.
final class ControllerObjects: ClusterObjects {
  fileprivate struct Key: Hashable {
    var resource: Resource
    var namespace: String
    var name: String
  }

  fileprivate struct State {
    var objects: [Key: JSON] = [:]
    var version = 0
    var created = 0
    var refusesPods: String?
    /// Every version of every Deployment, as a watch would show them.
    var deployments: [JSON] = []
    /// Every write, as `verb resource namespace/name`.
    var writes: [String] = []
  }

  private let state = Mutex(State())
  private let clock: ClusterClock

  init(clock: ClusterClock) { self.clock = clock }

  let resources: [Resource] = [
    .configMaps, .endpoints, .events, .namespaces, .nodes, .pods, .resourceQuotas, .secrets, .serviceAccounts, .services, .deployments,
    .replicaSets, .horizontalPodAutoscalers, .jobs, .endpointSlices, .podDisruptionBudgets,
  ]

  /// Rises with every write that changed something.
  var version: Int { state.withLock { $0.version } }
  var deploymentHistory: [JSON] { state.withLock { $0.deployments } }
  var writes: [String] { state.withLock { $0.writes } }
  /// The message with which pods are refused, as by a quota; nil to let them in.
  var refusesPods: String? {
    get { state.withLock { $0.refusesPods } }
    set { state.withLock { $0.refusesPods = newValue } }
  }

  func list(_ resource: Resource) -> [JSON] {
    state.withLock { state in
      state.objects.filter { $0.key.resource == resource }.sorted { ($0.key.namespace, $0.key.name) < ($1.key.namespace, $1.key.name) }
        .map(\.value)
    }
  }

  func get(_ resource: Resource, namespace: String, name: String) -> JSON? {
    state.withLock { $0.objects[Key(resource: resource, namespace: namespace, name: name)] }
  }

  func create(_ resource: Resource, _ object: JSON, by manager: String) throws(ObjectRefusal) -> JSON {
    let timestamp = clock.now().timestamp
    let result = state.withLock { state -> Result<JSON, ObjectRefusal> in
      if resource == .pods, let refusal = state.refusesPods { return .failure(ObjectRefusal(.forbidden, refusal)) }
      state.created += 1
      var made = object
      if made.name.isEmpty { made["metadata", "name"] = .string("\(made["metadata", "generateName"]?.string ?? "")\(state.created)") }
      let key = Key(resource: resource, namespace: made.namespaceText, name: made.name)
      guard state.objects[key] == nil else { return .failure(ObjectRefusal(.alreadyExists, "\(made.name) already exists")) }
      made["metadata", "uid"] = .string("uid-\(state.created)")
      made["metadata", "creationTimestamp"] = .string(timestamp)
      made["metadata", "generation"] = 1
      if resource == .pods { made["status"] = ["phase": "Pending", "qosClass": "BestEffort"] }
      return .success(state.store(made, key, verb: "create"))
    }
    return try result.get()
  }

  func update(_ resource: Resource, _ object: JSON, by manager: String) throws(ObjectRefusal) -> JSON {
    try change(resource, object, verb: "update") { old in
      var new = object
      new["status"] = old["status"]
      if new["spec"] != old["spec"] || new["endpoints"] != old["endpoints"] {
        new["metadata", "generation"] = .int(Int64(old.generation + 1))
      }
      return new
    }
  }

  func updateStatus(_ resource: Resource, _ object: JSON, by manager: String) throws(ObjectRefusal) -> JSON {
    try change(resource, object, verb: "status") { old in
      var new = old
      new["status"] = object["status"]
      new["metadata", "annotations"] = object["metadata", "annotations"]
      return new
    }
  }

  func bind(_ pod: JSON, toNode node: String, by manager: String) throws(ObjectRefusal) {
    let timestamp = clock.now().timestamp
    _ = try change(.pods, pod, verb: "bind") { old in
      var new = old
      new["spec", "nodeName"] = .string(node)
      let scheduled: JSON = ["type": "PodScheduled", "status": "True", "lastProbeTime": nil, "lastTransitionTime": .string(timestamp)]
      let others = (old["status", "conditions"]?.array ?? []).filter { $0["type"] != "PodScheduled" }
      new["status", "conditions"] = .array(others + [scheduled])
      return new
    }
  }

  func delete(
    _ resource: Resource, _ object: JSON, gracePeriod: Int?, propagation: DeletionPropagation, by manager: String
  ) throws(ObjectRefusal) {
    let now = clock.now()
    let result = state.withLock { state -> Result<Void, ObjectRefusal> in
      let key = Key(resource: resource, namespace: object.namespaceText, name: object.name)
      guard var old = state.objects[key], old.uidText == object.uidText else { return .failure(ObjectRefusal(.notFound, object.name)) }
      let finalizer = [DeletionPropagation.foreground: "foregroundDeletion", .orphan: "orphan"][propagation]
      if let finalizer, !old.finalizers.contains(finalizer) {
        old["metadata", "finalizers"] = .array((old.finalizers + [finalizer]).map { .string($0) })
      }
      let runs = resource == .pods && !(old["spec", "nodeName"]?.string ?? "").isEmpty && !old.hasFinished
      let grace = gracePeriod ?? old["spec", "terminationGracePeriodSeconds"]?.int ?? 30
      let waits = !old.finalizers.isEmpty || resource == .namespaces || runs && grace > 0
      guard waits else {
        state.remove(key)
        return .success(())
      }
      if !old.isDeleting {
        old["metadata", "deletionTimestamp"] = .string(now.timestamp)
        old["metadata", "generation"] = .int(Int64(old.generation + 1))
        if runs { old["metadata", "deletionGracePeriodSeconds"] = .int(Int64(grace)) }
        if resource == .namespaces { old["spec", "finalizers"] = ["kubernetes"] }
      }
      if old != state.objects[key] { _ = state.store(old, key, verb: "delete") }
      return .success(())
    }
    try result.get()
  }

  private func change(_ resource: Resource, _ object: JSON, verb: String, _ body: (JSON) -> JSON) throws(ObjectRefusal) -> JSON {
    let result = state.withLock { state -> Result<JSON, ObjectRefusal> in
      let key = Key(resource: resource, namespace: object.namespaceText, name: object.name)
      guard let old = state.objects[key] else { return .failure(ObjectRefusal(.notFound, object.name)) }
      guard old.resourceVersion == object.resourceVersion else { return .failure(ObjectRefusal(.conflict, object.name)) }
      let new = body(old)
      let goes =
        new.isDeleting && new.finalizers.isEmpty && (resource != .pods || !old.finalizers.isEmpty)
        && (resource != .namespaces || new["spec", "finalizers"]?.array?.isEmpty ?? true)
      if goes && verb == "update" {
        state.remove(key)
        return .success(new)
      }
      return .success(new == old ? old : state.store(new, key, verb: verb))
    }
    return try result.get()
  }
}

extension ControllerObjects.State {
  fileprivate mutating func store(_ object: JSON, _ key: ControllerObjects.Key, verb: String) -> JSON {
    version += 1
    var stored = object
    stored["metadata", "resourceVersion"] = .string(String(version))
    objects[key] = stored
    if key.resource == .deployments { deployments.append(stored) }
    writes.append("\(verb) \(key.resource.plural) \(key.namespace)/\(key.name)")
    return stored
  }

  fileprivate mutating func remove(_ key: ControllerObjects.Key) {
    version += 1
    objects[key] = nil
    writes.append("remove \(key.resource.plural) \(key.namespace)/\(key.name)")
  }
}
