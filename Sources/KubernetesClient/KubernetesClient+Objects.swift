package import KubernetesModel

/// Conditions on a delete: the object must still be the one that was read.
package struct DeletePreconditions: Sendable, Hashable {
  package var uid: String?
  package var resourceVersion: String?

  package init(uid: String? = nil, resourceVersion: String? = nil) {
    self.uid = uid
    self.resourceVersion = resourceVersion
  }
}

/// One operation of a JSON Patch (RFC 6902).
package struct JSONPatchOperation: Sendable, Hashable {
  package var operation: String
  package var path: [String]
  package var value: JSON?

  package static func test(_ path: [String], _ value: JSON) -> JSONPatchOperation { .init(operation: "test", path: path, value: value) }
  package static func add(_ path: [String], _ value: JSON) -> JSONPatchOperation { .init(operation: "add", path: path, value: value) }
  package static func replace(_ path: [String], _ value: JSON) -> JSONPatchOperation {
    .init(operation: "replace", path: path, value: value)
  }
  package static func remove(_ path: [String]) -> JSONPatchOperation { .init(operation: "remove", path: path, value: nil) }

  /// The operation as the patch document has it; keys are escaped as JSON pointers (RFC 6901) want.
  package var json: JSON {
    let pointer = path.map { "/" + $0.replacing("~", with: "~0").replacing("/", with: "~1") }.joined()
    var document: JSON = ["op": .string(operation), "path": .string(pointer)]
    if let value { document["value"] = value }
    return document
  }
}

// Objects: reading and writing them.
extension KubernetesClient {
  /// One object.
  package func get(_ kind: ResourceKind, namespace: String? = nil, name: String) async throws(KubernetesError) -> JSON {
    try await json(
      Call(method: "GET", path: kind.path(namespace: namespace, name: name), attempted: words("get", kind, namespace, name)))
  }

  /// One object, or nil where there is none.
  package func find(_ kind: ResourceKind, namespace: String? = nil, name: String) async throws(KubernetesError) -> JSON? {
    do throws(KubernetesError) {
      return try await get(kind, namespace: namespace, name: name)
    } catch  where error.kind == .notFound {
      return nil
    }
  }

  /// All objects that match, page by page, with the list's resourceVersion.
  package func list(
    _ kind: ResourceKind, namespace: String? = nil, labels: String? = nil
  ) async throws(KubernetesError) -> (items: [JSON], resourceVersion: String) {
    var items: [JSON] = []
    var more: String?
    var version = ""
    repeat {
      var query = [("limit", "500")]
      if let labels { query.append(("labelSelector", labels)) }
      if let more { query.append(("continue", more)) }
      let page = try await json(
        Call(method: "GET", path: kind.path(namespace: namespace), query: query, attempted: words("list", kind, namespace, nil)))
      items += page["items"]?.array ?? []
      version = page.resourceVersion ?? ""
      more = page["metadata", "continue"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    } while more != nil
    return (items, version)
  }

  package func create(_ kind: ResourceKind, namespace: String? = nil, _ object: JSON) async throws(KubernetesError) -> JSON {
    try await json(
      Call(
        method: "POST", path: kind.path(namespace: namespace), query: [("fieldManager", KubernetesClient.fieldManager)],
        contentType: "application/json", body: object.bytes, attempted: words("create", kind, namespace, object.name)))
  }

  /// Replaces an object; the resourceVersion in it is the condition.
  package func update(_ kind: ResourceKind, namespace: String? = nil, _ object: JSON) async throws(KubernetesError) -> JSON {
    try await json(
      Call(
        method: "PUT", path: kind.path(namespace: namespace, name: object.name), query: [("fieldManager", KubernetesClient.fieldManager)],
        contentType: "application/json", body: object.bytes, attempted: words("update", kind, namespace, object.name)))
  }

  /// Server-side apply (https://kubernetes.io/docs/reference/using-api/server-side-apply/), never by force.
  package func apply(
    _ kind: ResourceKind, namespace: String? = nil, _ object: JSON, dryRun: Bool = false
  ) async throws(KubernetesError) -> JSON {
    var query = [("fieldManager", KubernetesClient.fieldManager), ("force", "false"), ("fieldValidation", "Strict")]
    if dryRun { query.append(("dryRun", "All")) }
    return try await json(
      Call(
        method: "PATCH", path: kind.path(namespace: namespace, name: object.name), query: query,
        contentType: "application/apply-patch+yaml",
        body: object.bytes, attempted: words(dryRun ? "dry-run" : "apply", kind, namespace, object.name)))
  }

  /// A JSON Patch: all its tests hold, or nothing changes.
  package func patch(
    _ kind: ResourceKind, namespace: String? = nil, name: String, _ operations: [JSONPatchOperation]
  ) async throws(KubernetesError) -> JSON {
    try await patch(kind, namespace, name, nil, "application/json-patch+json", .array(operations.map(\.json)))
  }

  /// A JSON merge patch (RFC 7396); a resourceVersion in it is the condition.
  package func merge(
    _ kind: ResourceKind, namespace: String? = nil, name: String, subresource: String? = nil, _ document: JSON
  ) async throws(KubernetesError) -> JSON {
    try await patch(kind, namespace, name, subresource, "application/merge-patch+json", document)
  }

  private func patch(
    _ kind: ResourceKind, _ namespace: String?, _ name: String, _ subresource: String?, _ type: String, _ document: JSON
  ) async throws(KubernetesError) -> JSON {
    try await json(
      Call(
        method: "PATCH", path: kind.path(namespace: namespace, name: name, subresource: subresource),
        query: [("fieldManager", KubernetesClient.fieldManager)], contentType: type, body: document.bytes,
        attempted: words("patch", kind, namespace, name)))
  }

  /// Sets the replicas through `scale`, if the object still has the resourceVersion given.
  package func scale(
    _ kind: ResourceKind, namespace: String, name: String, replicas: Int, resourceVersion: String
  ) async throws(KubernetesError) -> JSON {
    let document: JSON = ["metadata": ["resourceVersion": .string(resourceVersion)], "spec": ["replicas": .int(Int64(replicas))]]
    return try await merge(kind, namespace: namespace, name: name, subresource: "scale", document)
  }

  /// Deletes an object if it still is the one that was read; what it owns goes with it, in the background.
  package func delete(
    _ kind: ResourceKind, namespace: String? = nil, name: String, if preconditions: DeletePreconditions
  ) async throws(KubernetesError) {
    var conditions: JSON = [:]
    if let uid = preconditions.uid { conditions["uid"] = .string(uid) }
    if let version = preconditions.resourceVersion { conditions["resourceVersion"] = .string(version) }
    let options: JSON = [
      "kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background", "preconditions": conditions,
    ]
    _ = try await answer(
      Call(
        method: "DELETE", path: kind.path(namespace: namespace, name: name), contentType: "application/json", body: options.bytes,
        attempted: words("delete", kind, namespace, name)))
  }

  /// Who the server says the caller is: the user name.
  package func whoAmI() async throws(KubernetesError) -> String {
    let review: JSON = ["apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"]
    let answer = try await create(.selfSubjectReview, review)
    guard let name = answer["status", "userInfo", "username"]?.string else {
      throw KubernetesError(.malformedAnswer, attempted: "create selfsubjectreviews", message: "the answer names no user")
    }
    return name
  }

  /// The field manager of everything that is written.
  package static let fieldManager = "tagflip"

  func words(_ verb: String, _ kind: ResourceKind, _ namespace: String?, _ name: String?) -> String {
    let subject = [namespace, name].compactMap(\.self).joined(separator: "/")
    return subject.isEmpty ? "\(verb) \(kind.plural)" : "\(verb) \(kind.plural) \(subject)"
  }
}
