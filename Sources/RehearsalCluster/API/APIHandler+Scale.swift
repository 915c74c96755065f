import KubernetesModel

// The `scale` subresource (autoscaling/v1 Scale) of Deployments and ReplicaSets.
extension APIHandler {
  func scale(_ request: APIRequest, _ place: Place) throws(APIStatus) -> APIAnswer {
    let name = place.name ?? ""
    guard let object = store.get(place.type.resource, namespace: place.namespace ?? "", name: name) else {
      throw .notFound(place.type, name)
    }
    switch request.method {
    case "GET": return .json(200, Self.scale(of: object))
    case "PUT", "PATCH": return .json(200, Self.scale(of: try rescaled(request, place, name)))
    default: throw .methodNotAllowed()
    }
  }

  private func rescaled(_ request: APIRequest, _ place: Place, _ name: String) throws(APIStatus) -> JSON {
    let document = try APIBody.patch(request)
    var order = order(request, place, name: name, existing: .required)
    order.manager.subresource = "scale"
    return try store.write(order) { old throws(APIStatus) in
      let old = old ?? .null
      let before = Self.scale(of: old)
      let scale: JSON
      switch request.contentType {
      case "application/json-patch+json":
        do throws(JSONPatch.Failure) { scale = try JSONPatch(document.array ?? []).applied(to: before) } catch { throw .bareInvalid() }
      case "application/merge-patch+json": scale = before.mergePatched(document)
      case "application/strategic-merge-patch+json": scale = try before.strategicMerged(document)
      case "", "application/json": scale = document
      default: throw .unsupportedMediaType()
      }
      if let version = scale.resourceVersion, !version.isEmpty, version != old.resourceVersion { throw .conflict(place.type, name) }
      if let uid = scale.uid, uid != old.uid {
        throw .conflict(place.type, name, "Precondition failed: UID in precondition: \(uid), UID in object meta: \(old.uidText)")
      }
      let replicas = scale["spec", "replicas"]?.int ?? 0
      guard replicas >= 0 else {
        let scale = APIResource("Scale", Resource(group: "autoscaling", "scales"), singular: "scale")
        throw .invalid(scale, name, [.invalid("spec.replicas", .int(Int64(replicas)), "must be greater than or equal to 0")])
      }
      var new = old
      new["spec", "replicas"] = .int(Int64(replicas))
      return new
    }.object
  }

  /// At 0 its spec is empty, since zero is what an int says when it says nothing.
  private static func scale(of object: JSON) -> JSON {
    let replicas = object["spec", "replicas"]?.int ?? 0
    let labels = object["spec", "selector", "matchLabels"]?.strings ?? [:]
    var metadata: JSON = ["name": .string(object.name), "namespace": .string(object.namespaceText)]
    for key in ["uid", "resourceVersion", "creationTimestamp"] { metadata[key] = object["metadata", key] }
    return [
      "kind": "Scale", "apiVersion": "autoscaling/v1", "metadata": metadata,
      "spec": replicas == 0 ? [:] : ["replicas": .int(Int64(replicas))],
      "status": [
        "replicas": object["status", "replicas"] ?? 0,
        "selector": .string(labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")),
      ],
    ]
  }
}
