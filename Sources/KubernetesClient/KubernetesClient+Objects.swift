package import KubernetesModel

// Objects: reading, making and replacing them.
extension KubernetesClient {
  /// One object, or one of its subresources.
  package func get(
    _ kind: ResourceKind, namespace: String? = nil, name: String, subresource: String? = nil
  ) async throws(KubernetesError) -> JSON {
    try await json(Call("GET", "get", kind, namespace: namespace, name: name, subresource: subresource))
  }

  /// One object, or nil where there is none. A kind that the server does not serve is an error all the same.
  package func find(_ kind: ResourceKind, namespace: String? = nil, name: String) async throws(KubernetesError) -> JSON? {
    do throws(KubernetesError) {
      return try await get(kind, namespace: namespace, name: name)
    } catch  where error.kind == .notFound && error.isAboutObject {
      return nil
    }
  }

  package func create(_ kind: ResourceKind, namespace: String? = nil, _ object: JSON) async throws(KubernetesError) -> JSON {
    var call = try Call(
      "POST", "create", kind, namespace: namespace, query: [("fieldManager", KubernetesClient.fieldManager)],
      contentType: "application/json", body: object.bytes)
    if !object.name.isEmpty { call.attempted += namespace == nil ? " \(object.name)" : "/\(object.name)" }
    return try await json(call)
  }

  /// Replaces an object; the resourceVersion in it is the condition.
  package func update(_ kind: ResourceKind, namespace: String? = nil, _ object: JSON) async throws(KubernetesError) -> JSON {
    try await json(
      Call(
        "PUT", "update", kind, namespace: namespace, name: object.name, query: [("fieldManager", KubernetesClient.fieldManager)],
        contentType: "application/json", body: object.bytes))
  }

  /// Server-side apply (https://kubernetes.io/docs/reference/using-api/server-side-apply/).
  /// - Parameters:
  ///   - force: takes fields that others own; off, a field of theirs is a `conflict`.
  ///   - dryRun: everything but the change.
  package func apply(
    _ kind: ResourceKind, namespace: String? = nil, _ object: JSON, manager: String = fieldManager, force: Bool = false,
    dryRun: Bool = false
  ) async throws(KubernetesError) -> JSON {
    var query = [("fieldManager", manager), ("force", force ? "true" : "false"), ("fieldValidation", "Strict")]
    if dryRun { query.append(("dryRun", "All")) }
    return try await json(
      Call(
        "PATCH", dryRun ? "dry-run" : "apply", kind, namespace: namespace, name: object.name, query: query,
        contentType: "application/apply-patch+yaml", body: object.bytes, isWrite: !dryRun))
  }

  /// Deletes an object if it still is the one that was read; what it owns goes with it as the policy says.
  package func delete(
    _ kind: ResourceKind, namespace: String? = nil, name: String, if preconditions: DeletePreconditions,
    propagation: DeletePropagation = .background
  ) async throws(KubernetesError) {
    let options: JSON = [
      "kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": .string(propagation.rawValue), "preconditions": preconditions.json,
    ]
    _ = try await answer(
      Call(
        "DELETE", "delete", kind, namespace: namespace, name: name, contentType: "application/json", body: options.bytes), by: deadline)
  }
}

/// Conditions on a delete: the object must still be the one that was read.
package struct DeletePreconditions: Sendable, Hashable {
  package var uid: String?
  package var resourceVersion: String?

  package init(uid: String? = nil, resourceVersion: String? = nil) {
    self.uid = uid
    self.resourceVersion = resourceVersion
  }

  fileprivate var json: JSON {
    var conditions: JSON = .object([:])
    if let uid { conditions["uid"] = .string(uid) }
    if let resourceVersion { conditions["resourceVersion"] = .string(resourceVersion) }
    return conditions
  }
}

/// What becomes of the objects that a deleted one owns.
package enum DeletePropagation: String, Sendable, Hashable {
  case background = "Background"
  case foreground = "Foreground"
  case orphan = "Orphan"
}
