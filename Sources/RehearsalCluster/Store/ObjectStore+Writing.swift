import KubernetesModel
import Synchronization

/// One write, with what it depends on.
struct ObjectWrite: Sendable {
  var type: APIResource
  var namespace: String
  /// Empty where the server is to choose one.
  var name: String
  var manager: ManagedFields.Manager
  var isDryRun = false
  /// Whether the object may, or must, be there already.
  var existing = Existing.required

  enum Existing: Sendable {
    case forbidden
    case required
    case allowed
  }
}

extension ObjectStore {
  /// Carries out a write: what `change` makes of the present object is checked, defaulted and stored, all under the lock.
  /// - Returns: what is stored now, and whether it was made new.
  func write(
    _ write: ObjectWrite, _ change: (JSON?) throws(APIStatus) -> JSON
  ) throws(APIStatus) -> (object: JSON, isNew: Bool) {
    let moment = clock.now()
    let (result, listeners) = state.withLock { state -> (Result<(object: JSON, isNew: Bool), APIStatus>, [@Sendable () -> Void]) in
      let before = state.version
      do throws(APIStatus) {
        let result = try self.write(write, &state, moment, change)
        return (.success(result), state.version == before ? [] : Array(state.listeners.values))
      } catch {
        return (.failure(error), [])
      }
    }
    for listener in listeners { listener() }
    return try result.get()
  }

  private func write(
    _ write: ObjectWrite, _ state: inout State, _ moment: Moment, _ change: (JSON?) throws(APIStatus) -> JSON
  ) throws(APIStatus) -> (object: JSON, isNew: Bool) {
    let type = write.type
    let old = write.name.isEmpty ? nil : state.objects[type.resource]?[Key(namespace: write.namespace, name: write.name)]
    if old == nil && write.existing == .required { throw .notFound(type, write.name) }
    if old != nil && write.existing == .forbidden { throw .alreadyExists(type, write.name, isDeleting: old?.isDeleting ?? false) }
    var new = try change(old)
    new["apiVersion"] = .string(type.apiVersion)
    new["kind"] = .string(type.kind)
    if let old {
      return (try replace(old, new, write, &state, moment), false)
    }
    return (try insert(new, write, &state, moment), true)
  }

  // MARK: Making

  private func insert(_ object: JSON, _ write: ObjectWrite, _ state: inout State, _ moment: Moment) throws(APIStatus) -> JSON {
    let type = write.type
    var new = object
    state.serial += 1
    if write.name.isEmpty {
      // Without either the name is a fault among others.
      let prefix = new["metadata", "generateName"]?.string ?? ""
      new["metadata", "name"] = .string(prefix.isEmpty ? "" : String(prefix.prefix(58)) + randomSuffix(state.serial))
    }
    if type.isNamespaced {
      guard let namespace = state.objects[.namespaces]?[Key(namespace: "", name: write.namespace)] else {
        throw .notFound(APIResource.of(.namespaces) ?? type, write.namespace)
      }
      guard !namespace.isDeleting else {
        let cause: JSON = [
          "reason": "NamespaceTerminating", "message": .string("namespace \(write.namespace) is being terminated"),
          "field": "metadata.namespace",
        ]
        let why = "unable to create new content in namespace \(write.namespace) because it is being terminated"
        throw .forbidden(type, new.name, why, causes: [cause])
      }
      new["metadata", "namespace"] = .string(write.namespace)
    }
    new["metadata", "uid"] = .string(uid(state.serial))
    new["metadata", "creationTimestamp"] = .string(moment.timestamp)
    new["metadata", "resourceVersion"] = nil
    if Defaults.hasGeneration(type) { new["metadata", "generation"] = 1 }
    Defaults.apply(to: &new, type)
    if type.resource == .pods { LimitRanges(state, namespace: write.namespace).complete(&new) }
    if type.kind == "Service" { allocateAddress(&new, &state, write.isDryRun) }
    if !type.subresources.contains("status") || write.manager.subresource.isEmpty { new["status"] = Defaults.initialStatus(type) }
    let faults = Validation.faults(new, type, old: nil)
    guard faults.isEmpty else { throw .invalid(type, new.name, faults) }
    if type.resource == .pods { try LimitRanges(state, namespace: write.namespace).admit(new, type) }
    try Self.checkModelled(new, type)
    try admit(new, type, state)
    var fields = ManagedFields(object)
    fields.noteIfUpdate(from: nil, to: new, write.manager, type, moment)
    new["metadata", "managedFields"] = fields.json
    guard !write.isDryRun else { return new }
    return state.commit(type.resource, Key(namespace: write.namespace, name: new.name), new) ?? new
  }

  private func allocateAddress(_ service: inout JSON, _ state: inout State, _ isDryRun: Bool) {
    guard service["spec", "type"]?.string != "ExternalName", service["spec", "clusterIP"]?.string != "None" else {
      if service["spec", "clusterIP"] == "None" { service["spec", "clusterIPs"] = ["None"] }
      return
    }
    if service["spec", "clusterIP"]?.string?.isEmpty ?? true {
      let used = Set((state.objects[.services] ?? [:]).values.compactMap { $0["spec", "clusterIP"]?.string })
      var index = state.addresses
      while used.contains(plan.clusterIP(index)) { index += 1 }
      if !isDryRun { state.addresses = index + 1 }
      service["spec", "clusterIP"] = .string(plan.clusterIP(index))
    }
    service["spec", "clusterIPs"] = [service["spec", "clusterIP"] ?? ""]
    service["spec", "ipFamilies"] = ["IPv4"]
    service["spec", "ipFamilyPolicy"] = "SingleStack"
  }

  /// ResourceQuota admission: a new object must fit into what every quota of its namespace has left.
  private func admit(_ object: JSON, _ type: APIResource, _ state: State) throws(APIStatus) {
    let wanted = QuotaUsage.quantities(of: type.resource, object)
    let quotas = state.sorted(.resourceQuotas).filter { $0.namespaceText == object.namespaceText }
    guard !quotas.isEmpty else { return }
    let view = StateView(state: state)
    for quota in quotas {
      let hard = quota["spec", "hard"]?.strings ?? [:]
      if type.resource == .pods {
        let missing = hard.keys.filter { Self.mustBeSpecified($0) && wanted[$0] == nil }.sorted()
        guard missing.isEmpty else {
          let list = missing.map { "\($0) for: \(object["spec", "containers"]?[0]?["name"]?.string ?? "")" }.joined(separator: "; ")
          throw .forbidden(type, object.name, "failed quota: \(quota.name): must specify \(list)")
        }
      }
      let used = QuotaUsage.total(of: hard.keys.filter { wanted[$0] != nil }, namespace: object.namespaceText, in: view)
      let over = hard.compactMap { name, text -> (String, Quantity, Quantity, String)? in
        guard let ask = wanted[name], let limit = Quantity(text), let have = used[name], have + ask > limit else { return nil }
        return (name, ask, have, text)
      }.sorted { $0.0 < $1.0 }
      guard over.isEmpty else {
        let requested = over.map { "\($0.0)=\($0.1)" }.joined(separator: ",")
        let present = over.map { "\($0.0)=\($0.2)" }.joined(separator: ",")
        let limited = over.map { "\($0.0)=\($0.3)" }.joined(separator: ",")
        throw .forbidden(
          type, object.name, "exceeded quota: \(quota.name), requested: \(requested), used: \(present), limited: \(limited)")
      }
    }
  }

  private static func mustBeSpecified(_ name: String) -> Bool {
    name.hasPrefix("requests.") || name.hasPrefix("limits.") || name == "cpu" || name == "memory"
  }

  // MARK: Changing

  private func replace(_ old: JSON, _ object: JSON, _ write: ObjectWrite, _ state: inout State, _ moment: Moment) throws(APIStatus) -> JSON
  {
    let type = write.type
    var new = object
    let isStatus = write.manager.subresource == "status"
    new["metadata", "name"] = old["metadata", "name"]
    for key in [
      "namespace", "uid", "creationTimestamp", "generation", "resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds",
    ] {
      new["metadata", key] = old["metadata", key]
    }
    if isStatus {
      new = Self.onlyStatus(of: new, over: old)
    } else if type.subresources.contains("status") {
      new["status"] = old["status"]
    }
    if type.kind == "Service" { Defaults.keepAllocations(&new, old) }
    Defaults.apply(to: &new, type)
    let faults = Validation.faults(new, type, old: old)
    guard faults.isEmpty else { throw .invalid(type, old.name, faults) }
    try Self.checkModelled(new, type)
    var fields = ManagedFields(new)
    fields.noteIfUpdate(from: old, to: new, write.manager, type, moment)
    new["metadata", "managedFields"] = fields.json
    if Self.withoutTimes(new) == Self.withoutTimes(old) { return old }
    if !isStatus, Defaults.hasGeneration(type), Self.desire(new) != Self.desire(old) || Self.isRenoted(new, old, type) {
      new["metadata", "generation"] = .int(Int64(old.generation + 1))
    }
    guard !write.isDryRun else { return new }
    let key = Key(namespace: write.namespace, name: old.name)
    if Self.isGone(new, old, type) {
      _ = state.commit(type.resource, key, nil)
      return new
    }
    return state.commit(type.resource, key, new) ?? new
  }

  /// The status of one with all the rest of the other; a Deployment's annotations may change along.
  private static func onlyStatus(of new: JSON, over old: JSON) -> JSON {
    var result = old
    result["status"] = new["status"]
    result["metadata", "annotations"] = new["metadata", "annotations"]
    result["metadata", "managedFields"] = new["metadata", "managedFields"]
    return result
  }

  /// An object that was to go and has no finalizer any more.
  private static func isGone(_ new: JSON, _ old: JSON, _ type: APIResource) -> Bool {
    guard new.isDeleting, new.finalizers.isEmpty else { return false }
    if type.resource == .namespaces { return new["spec", "finalizers"]?.array?.isEmpty ?? true }
    return type.resource != .pods || !old.finalizers.isEmpty
  }

  /// Whether annotations changed of a kind whose generation counts them.
  private static func isRenoted(_ new: JSON, _ old: JSON, _ type: APIResource) -> Bool {
    type.kind == "Deployment" && new.annotations != old.annotations
  }

  /// - Throws: 501 for a wish that nothing here would fulfil.
  private static func checkModelled(_ object: JSON, _ type: APIResource) throws(APIStatus) {
    let label = "pod-security.kubernetes.io/enforce"
    guard type.resource == .namespaces, let level = object.labels[label], level != "privileged" else { return }
    throw .notImplemented("Pod Security admission: remove the label \(label)")
  }

  /// All of an object that its controller acts on.
  private static func desire(_ object: JSON) -> JSON {
    var desire = object
    desire["metadata"] = nil
    desire["status"] = nil
    return desire
  }

  private static func withoutTimes(_ object: JSON) -> JSON {
    var plain = object
    plain["metadata", "managedFields"] = .array(
      (object["metadata", "managedFields"]?.array ?? []).map { entry in
        var entry = entry
        entry["time"] = nil
        return entry
      })
    return plain
  }
}

extension ManagedFields {
  /// Notes a write that is no apply; an apply has noted itself.
  fileprivate mutating func noteIfUpdate(from old: JSON?, to new: JSON, _ manager: Manager, _ type: APIResource, _ moment: Moment) {
    guard manager.operation == "Update" else { return }
    update(from: old, to: new, by: manager, apiVersion: type.apiVersion, time: moment.timestamp)
  }
}

/// A state that is being written to, for code that counts objects.
private struct StateView: ClusterObjects {
  let state: ObjectStore.State

  func list(_ resource: Resource) -> [JSON] { state.sorted(resource) }
  var resources: [Resource] { APIResource.all.map(\.resource) }
  func get(_ resource: Resource, namespace: String, name: String) -> JSON? {
    state.objects[resource]?[ObjectStore.Key(namespace: namespace, name: name)]
  }

  // A view takes no writes.
  private static let refusal = ObjectRefusal(.forbidden, "this is a view")
  func create(_ resource: Resource, _ object: JSON, by manager: String) throws(ObjectRefusal) -> JSON { throw Self.refusal }
  func update(_ resource: Resource, _ object: JSON, by manager: String) throws(ObjectRefusal) -> JSON { throw Self.refusal }
  func updateStatus(_ resource: Resource, _ object: JSON, by manager: String) throws(ObjectRefusal) -> JSON { throw Self.refusal }
  func bind(_ pod: JSON, toNode node: String, by manager: String) throws(ObjectRefusal) { throw Self.refusal }
  func delete(
    _ resource: Resource, _ object: JSON, gracePeriod: Int?, propagation: DeletionPropagation, by manager: String
  ) throws(ObjectRefusal) { throw Self.refusal }
}
