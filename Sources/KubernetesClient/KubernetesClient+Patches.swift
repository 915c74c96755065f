package import KubernetesModel

/// One operation of a JSON Patch (RFC 6902).
package struct JSONPatchOperation: Sendable, Hashable {
  package var operation: String
  package var path: [String]
  package var value: JSON?

  /// The patch is only carried out where the value at the path is this one.
  package static func test(_ path: [String], _ value: JSON) -> JSONPatchOperation { .init(operation: "test", path: path, value: value) }
  /// Sets a value that may or may not be there; its parent has to be.
  package static func add(_ path: [String], _ value: JSON) -> JSONPatchOperation { .init(operation: "add", path: path, value: value) }
  /// Sets a value. API servers do so too where there is none.
  package static func replace(_ path: [String], _ value: JSON) -> JSONPatchOperation {
    .init(operation: "replace", path: path, value: value)
  }
  /// Takes a value away that has to be there.
  package static func remove(_ path: [String]) -> JSONPatchOperation { .init(operation: "remove", path: path, value: nil) }

  /// The operation as the patch document has it; keys are escaped as JSON pointers (RFC 6901) want.
  package var json: JSON {
    let pointer = path.map { "/" + $0.replacing("~", with: "~0").replacing("/", with: "~1") }.joined()
    var document: JSON = ["op": .string(operation), "path": .string(pointer)]
    if let value { document["value"] = value }
    return document
  }
}

// Changing objects in part.
extension KubernetesClient {
  /// A JSON Patch: all its tests hold, or nothing changes and the error is `invalid`.
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

  /// Sets the replicas through `scale`, if the object still has the resourceVersion given.
  package func scale(
    _ kind: ResourceKind, namespace: String, name: String, replicas: Int, resourceVersion: String
  ) async throws(KubernetesError) -> JSON {
    let document: JSON = ["metadata": ["resourceVersion": .string(resourceVersion)], "spec": ["replicas": .int(Int64(replicas))]]
    return try await merge(kind, namespace: namespace, name: name, subresource: "scale", document)
  }

  private func patch(
    _ kind: ResourceKind, _ namespace: String?, _ name: String, _ subresource: String?, _ type: String, _ document: JSON
  ) async throws(KubernetesError) -> JSON {
    try await json(
      Call(
        "PATCH", "patch", kind, namespace: namespace, name: name, subresource: subresource,
        query: [("fieldManager", KubernetesClient.fieldManager)], contentType: type, body: document.bytes))
  }
}
