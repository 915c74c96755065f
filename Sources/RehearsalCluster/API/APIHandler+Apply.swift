import KubernetesModel

// Server-side apply (https://kubernetes.io/docs/reference/using-api/server-side-apply/).
extension APIHandler {
  func apply(_ request: APIRequest, _ place: Place, _ name: String) throws(APIStatus) -> APIAnswer {
    guard let manager = request.query["fieldManager"], !manager.isEmpty else {
      throw .invalidOptions("PatchOptions", [.required("fieldManager", "is required for apply patch")])
    }
    let configuration = try APIBody.configuration(request, place.type)
    guard configuration.name == name || configuration.name.isEmpty else {
      throw .badRequest("the name of the object (\(configuration.name)) does not match the name on the URL (\(name))")
    }
    if let namespace = configuration.namespace, place.type.isNamespaced, namespace != place.namespace {
      throw .badRequest("the namespace of the provided object does not match the namespace sent on the request")
    }
    let type = place.type
    let force = request.flag("force")
    let time = store.clock.now().timestamp
    let order = order(request, place, name: name, existing: .allowed, operation: "Apply")
    let written = try store.write(order) { old throws(APIStatus) in
      try Self.applied(configuration, over: old, type, order.manager, force: force, time: time)
    }
    return answer(written.object, written.isNew ? 201 : 200, request, place)
  }

  /// The live object with a configuration applied, and with the owners of its fields noted.
  private static func applied(
    _ configuration: JSON, over old: JSON?, _ type: APIResource, _ manager: ManagedFields.Manager, force: Bool, time: String
  ) throws(APIStatus) -> JSON {
    if let version = configuration.resourceVersion, let old, version != old.resourceVersion { throw .conflict(type, old.name) }
    if let uid = configuration.uid, uid != old?.uid {
      throw .conflict(
        type, configuration.name, "uid mismatch: the provided object specified uid \(uid), and no existing object was found")
    }
    var wanted = configuration
    if !type.subresources.isEmpty, manager.subresource.isEmpty { wanted["status"] = nil }
    if type.kind == "Secret" { wanted["stringData"] = nil }
    let fields = ManagedFields.owned(wanted)
    // What lists are keyed by is defaulted before they merge.
    Defaults.completeKeys(&wanted, type)
    guard let old else {
      var new = wanted
      new["metadata", "resourceVersion"] = nil
      var owners = ManagedFields(JSON.null)
      owners.apply(fields, by: manager, apiVersion: type.apiVersion, time: time, taking: [])
      new["metadata", "managedFields"] = owners.json
      if configuration["stringData"] != nil { new["stringData"] = configuration["stringData"] }
      return ObjectSchema.served.decoded(new, kind: type.kind).object
    }
    var owners = ManagedFields(old)
    let conflicts = owners.conflicts(of: fields, by: manager, live: old, wanted: wanted)
    guard conflicts.isEmpty || force else { throw .applyConflict(conflicts) }
    wanted["metadata", "resourceVersion"] = nil
    var new = old.merged(with: wanted)
    for path in owners.abandoned(by: manager, applying: fields) { new = new.removing(path[...]) }
    owners.apply(fields, by: manager, apiVersion: type.apiVersion, time: time, taking: conflicts)
    new["metadata", "managedFields"] = owners.json
    return ObjectSchema.served.decoded(new, kind: type.kind).object
  }
}

extension APIStatus {
  /// What an apply gets that would take fields from others.
  fileprivate static func applyConflict(_ conflicts: [ManagedFields.Conflict]) -> APIStatus {
    let owners = conflicts.map(\.owner).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let message: String
    if conflicts.count == 1, let only = conflicts.first {
      message = "Apply failed with 1 conflict: conflict with \(only.owner): \(only.text)"
    } else {
      let parts = owners.map { owner in
        "conflicts with \(owner):\n" + conflicts.filter { $0.owner == owner }.map { "- \($0.text)" }.joined(separator: "\n")
      }
      message = "Apply failed with \(conflicts.count) conflicts: " + parts.joined(separator: "\n")
    }
    let causes = conflicts.map { conflict -> JSON in
      ["reason": "FieldManagerConflict", "message": .string("conflict with \(conflict.owner)"), "field": .string(conflict.text)]
    }
    return APIStatus(409, "Conflict", message, details: ["causes": .array(causes)])
  }
}

extension ManagedFields.Conflict {
  fileprivate var text: String { path.map(\.conflictText).joined() }
}

extension Defaults {
  /// Gives the elements of associative lists the parts of their keys that the API defaults.
  static func completeKeys(_ object: inout JSON, _ type: APIResource) {
    var probe = object
    apply(to: &probe, type)
    object = object.completed(from: probe)
  }
}

extension JSON {
  /// This value with the `protocol` of ports as a defaulted copy of it has them.
  fileprivate func completed(from defaulted: JSON) -> JSON {
    switch (self, defaulted) {
    case (.object(var members), .object(let full)):
      for (key, value) in members { if let other = full[key] { members[key] = value.completed(from: other) } }
      if members["port"] != nil || members["containerPort"] != nil, members["protocol"] == nil { members["protocol"] = full["protocol"] }
      return .object(members)
    case (.array(let elements), .array(let full)) where elements.count == full.count:
      return .array(zip(elements, full).map { $0.completed(from: $1) })
    default: return self
    }
  }
}
