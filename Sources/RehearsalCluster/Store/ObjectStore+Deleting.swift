import KubernetesModel
import Synchronization

extension ObjectStore {
  /// Deletes an object as the API does: at once, or marked where a grace period or finalizers hold it.
  /// - Returns: the object as it is now, and whether it is gone.
  func remove(
    _ type: APIResource, namespace: String, name: String, uid: String? = nil, resourceVersion: String? = nil, gracePeriod: Int? = nil,
    propagation: DeletionPropagation = .background, isDryRun: Bool = false
  ) throws(APIStatus) -> (object: JSON, isGone: Bool) {
    let moment = clock.now()
    let (result, listeners) = state.withLock { state -> (Result<(object: JSON, isGone: Bool), APIStatus>, [@Sendable () -> Void]) in
      let before = state.version
      let key = Key(namespace: namespace, name: name)
      guard let old = state.objects[type.resource]?[key] else { return (.failure(.notFound(type, name)), []) }
      if let failure = Self.precondition(old, type, uid, resourceVersion) { return (.failure(failure), []) }
      if type.resource == .namespaces, ["default", "kube-system", "kube-public"].contains(name) {
        return (.failure(.forbidden(type, name, "this namespace may not be deleted")), [])
      }
      let marked = Self.marked(old, type, gracePeriod, propagation, moment)
      guard !isDryRun else { return (.success((marked ?? old, marked == nil)), []) }
      let result: (object: JSON, isGone: Bool)
      if let marked {
        result = (marked == old ? old : state.commit(type.resource, key, marked) ?? marked, false)
      } else {
        _ = state.commit(type.resource, key, nil)
        result = (old, true)
      }
      return (.success(result), state.version == before ? [] : Array(state.listeners.values))
    }
    for listener in listeners { listener() }
    return try result.get()
  }

  private static func precondition(_ old: JSON, _ type: APIResource, _ uid: String?, _ version: String?) -> APIStatus? {
    if let uid, uid != old.uidText {
      return .precondition(
        type, old.name,
        "the UID in the precondition (\(uid)) does not match the UID in record (\(old.uidText)). The object might have been deleted and then recreated"
      )
    }
    if let version, version != old.resourceVersion {
      return .precondition(
        type, old.name,
        "the ResourceVersion in the precondition (\(version)) does not match the ResourceVersion in record (\(old.resourceVersion ?? "")). The "
          + "object might have been modified")
    }
    return nil
  }

  /// The object as it waits for its end; nil where nothing holds it.
  private static func marked(
    _ object: JSON, _ type: APIResource, _ gracePeriod: Int?, _ propagation: DeletionPropagation, _ moment: Moment
  ) -> JSON? {
    var old = object
    let finalizer = [DeletionPropagation.foreground: "foregroundDeletion", .orphan: "orphan"][propagation]
    if let finalizer, !old.finalizers.contains(finalizer) {
      old["metadata", "finalizers"] = .array((old.finalizers + [finalizer]).map { .string($0) })
    }
    let runs = type.resource == .pods && !(old["spec", "nodeName"]?.string ?? "").isEmpty && !old.hasFinished
    let grace = gracePeriod ?? old["spec", "terminationGracePeriodSeconds"]?.int ?? 30
    guard !old.finalizers.isEmpty || type.resource == .namespaces || (runs && grace > 0) else { return nil }
    if !old.isDeleting {
      old["metadata", "deletionTimestamp"] = .string(moment.timestamp)
      if Defaults.hasGeneration(type) { old["metadata", "generation"] = .int(Int64(old.generation + 1)) }
      if type.resource != .namespaces { old["metadata", "deletionGracePeriodSeconds"] = .int(runs ? Int64(grace) : 0) }
      if type.resource == .namespaces { old["status", "phase"] = "Terminating" }
    }
    return old
  }
}
