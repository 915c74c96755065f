import KubernetesModel

// POST, PUT, PATCH and DELETE.
extension APIHandler {
  func create(_ request: APIRequest, _ place: Place) throws(APIStatus) -> APIAnswer {
    let (object, warnings) = try APIBody.object(request, place.type)
    if let namespace = object.namespace, namespace != place.namespace, place.type.isNamespaced {
      throw .badRequest("the namespace of the provided object does not match the namespace sent on the request")
    }
    if object.resourceVersion?.isEmpty == false {
      throw APIStatus(500, "", "resourceVersion should not be set on objects to be created")
    }
    var made = object
    made["metadata", "managedFields"] = nil
    let result = made
    let created = try store.write(order(request, place, name: object.name, existing: .forbidden)) { _ in result }
    return answer(created.object, 201, request, place, warnings)
  }

  func put(_ request: APIRequest, _ place: Place) throws(APIStatus) -> APIAnswer {
    let (object, warnings) = try APIBody.object(request, place.type)
    let name = place.name ?? ""
    guard object.name == name || object.name.isEmpty else {
      throw .badRequest("the name of the object (\(object.name)) does not match the name on the URL (\(name))")
    }
    let mayCreate = place.type.kind == "Lease" && place.subresource == nil
    let written = try store.write(order(request, place, name: name, existing: mayCreate ? .allowed : .required)) { old throws(APIStatus) in
      guard let old else { return object }
      try Self.checkVersion(object, old, place.type, isPut: true)
      return object
    }
    return answer(written.object, written.isNew ? 201 : 200, request, place, warnings)
  }

  func patch(_ request: APIRequest, _ place: Place) throws(APIStatus) -> APIAnswer {
    let name = place.name ?? ""
    if request.contentType == "application/apply-patch+yaml" { return try apply(request, place, name) }
    if request.query["force"] != nil {
      throw .invalidOptions("PatchOptions", [.forbidden("force", "may not be specified for non-apply patch")])
    }
    let type = place.type
    guard
      ["application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json"].contains(
        request.contentType)
    else { throw .unsupportedMediaType() }
    let patch = try APIBody.patch(request)
    var warnings: [(String, String)] = []
    let written = try store.write(order(request, place, name: name, existing: .required)) { old throws(APIStatus) in
      let old = old ?? .null
      let read = try APIBody.patched(try Self.patched(old, patch, request.contentType), request, type)
      let new = read.object
      warnings = read.warnings
      guard new.name == name else { throw .badRequest("the name of the object (\(new.name)) does not match the name on the URL (\(name))") }
      try Self.checkVersion(new, old, type, isPut: false)
      return new
    }
    return answer(written.object, 200, request, place, warnings)
  }

  private static func patched(_ old: JSON, _ patch: JSON, _ contentType: String) throws(APIStatus) -> JSON {
    switch contentType {
    case "application/json-patch+json":
      guard let operations = patch.array else {
        throw .badRequest("error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch")
      }
      do throws(JSONPatch.Failure) {
        return try JSONPatch(operations).applied(to: old)
      } catch {
        throw .bareInvalid()
      }
    case "application/merge-patch+json": return old.mergePatched(patch)
    default: return try old.strategicMerged(patch)
    }
  }

  /// Optimistic concurrency: a version or uid that the new object carries must be the present one's.
  private static func checkVersion(_ new: JSON, _ old: JSON, _ type: APIResource, isPut: Bool) throws(APIStatus) {
    if let uid = new.uid, uid != old.uid {
      if !isPut {
        throw .invalid(type, old.name, [.invalid("metadata.uid", .string(uid), "field is immutable")])
      }
      throw .conflict(
        type, old.name,
        "StorageError: invalid object, Code: 4, Key: /registry/\(type.resource.plural)/\(old.namespaceText)/\(old.name), ResourceVersion: 0, "
          + "AdditionalErrorMsg: Precondition failed: UID in precondition: \(uid), UID in object meta: \(old.uidText)")
    }
    guard let version = new.resourceVersion, !version.isEmpty else {
      if isPut && type.kind == "Lease" {
        let fault = FieldFault.invalid("metadata.resourceVersion", 0, "must be specified for an update")
        throw .invalid(type, old.name, [fault], subject: type.qualified)
      }
      return
    }
    guard UInt64(version) != nil else { throw APIStatus(500, "", "strconv.ParseUint: parsing \"\(version)\": invalid syntax") }
    guard version == old.resourceVersion else { throw .conflict(type, old.name) }
  }

  // MARK: Deleting

  func delete(_ request: APIRequest, _ place: Place, _ name: String) throws(APIStatus) -> APIAnswer {
    let options = try DeleteOrder(request, place.type)
    let (object, isGone) = try store.remove(
      place.type, namespace: place.namespace ?? "", name: name, uid: options.uid, resourceVersion: options.resourceVersion,
      gracePeriod: options.gracePeriod, propagation: options.propagation, isDryRun: options.isDryRun)
    guard isGone, !place.type.isReturnedByDeletion else { return .json(200, object, headers: options.warnings) }
    var details: JSON = ["name": .string(name), "kind": .string(place.type.resource.plural), "uid": .string(object.uidText)]
    if !place.type.resource.group.isEmpty { details["group"] = .string(place.type.resource.group) }
    return .json(
      200, ["kind": "Status", "apiVersion": "v1", "metadata": [:], "status": "Success", "details": details], headers: options.warnings)
  }

  func deleteCollection(_ request: APIRequest, _ place: Place) throws(APIStatus) -> APIAnswer {
    let options = try DeleteOrder(request, place.type)
    let query = try query(request, place)
    let doomed = store.list(place.type.resource).filter(query.matches)
    for object in doomed {
      _ = try? store.remove(
        place.type, namespace: object.namespaceText, name: object.name, gracePeriod: options.gracePeriod, propagation: options.propagation,
        isDryRun: options.isDryRun)
    }
    return .json(
      200,
      ["kind": .string(place.type.kind + "List"), "apiVersion": .string(place.type.apiVersion), "metadata": [:], "items": .array(doomed)])
  }

  // MARK: Common

  func order(_ request: APIRequest, _ place: Place, name: String, existing: ObjectWrite.Existing, operation: String = "Update")
    -> ObjectWrite
  {
    let subresource = place.subresource ?? ""
    return ObjectWrite(
      type: place.type, namespace: place.namespace ?? "", name: name,
      manager: ManagedFields.Manager(name: request.fieldManager, operation: operation, subresource: subresource),
      isDryRun: request.query["dryRun"] == "All", existing: existing)
  }

  func answer(_ object: JSON, _ code: Int, _ request: APIRequest, _ place: Place, _ warnings: [(String, String)] = []) -> APIAnswer {
    let shown =
      request.wantsTable
      ? table(request, place).table([object], version: object.resourceVersion ?? "") : object
    return .json(code, shown, headers: warnings)
  }
}

/// How something is to be deleted: from the body's DeleteOptions, else from the query.
private struct DeleteOrder {
  var uid: String?
  var resourceVersion: String?
  var gracePeriod: Int?
  var propagation = DeletionPropagation.background
  var isDryRun: Bool
  var warnings: [(String, String)] = []

  init(_ request: APIRequest, _ type: APIResource) throws(APIStatus) {
    let body = request.body.isEmpty ? JSON.object([:]) : try APIBody.patch(request)
    uid = body["preconditions", "uid"]?.string
    resourceVersion = body["preconditions", "resourceVersion"]?.string
    gracePeriod = body["gracePeriodSeconds"]?.int ?? request.query["gracePeriodSeconds"].flatMap { Int($0) }
    isDryRun = request.query["dryRun"] == "All" || body["dryRun"] == ["All"]
    guard let policy = body["propagationPolicy"]?.string ?? request.query["propagationPolicy"] else {
      guard type.kind == "Job" else { return }
      propagation = .orphan
      let text =
        "child pods are preserved by default when jobs are deleted; set propagationPolicy=Background to remove them or set "
        + "propagationPolicy=Orphan to suppress this warning"
      warnings = [("Warning", "299 - \(JSON.string(text).text)")]
      return
    }
    guard let known = DeletionPropagation(rawValue: policy) else {
      throw .invalidOptions(
        "DeleteOptions",
        [
          FieldFault(
            field: "propagationPolicy", reason: "FieldValueNotSupported",
            message: "Unsupported value: \(JSON.string(policy).text): supported values: \"Foreground\", \"Background\", \"Orphan\", \"nil\""
          )
        ])
    }
    propagation = known
  }
}
