import KubernetesModel

/// Removes what nobody owns any more, and completes deletions that wait for, or let go of, what an object owns.
package struct GarbageCollector: Controller {
  private static let foreground = "foregroundDeletion"
  private static let orphan = "orphan"

  package init() {}

  package mutating func tick(_ objects: any ClusterObjects, now: Moment) -> Duration? {
    var everything: [(resource: Resource, object: JSON)] = []
    for resource in objects.resources where resource != .events {
      everything += objects.list(resource).map { (resource, $0) }
    }
    let owners = Dictionary(everything.map { ($0.object.uidText, $0.object) }) { first, _ in first }
    let owned = everything.filter { !$0.object.ownerReferences.isEmpty }
    for (resource, object) in owned where !object.isDeleting { collect(resource, object, owners: owners, objects) }
    for (resource, object) in everything where object.isDeleting && !object.finalizers.isEmpty {
      finish(resource, object, dependents: owned.filter { Self.references(from: $0.object, to: object) != nil }, objects)
    }
    return nil
  }

  private static func references(from object: JSON, to owner: JSON) -> JSON? {
    object.ownerReferences.first { $0["uid"]?.string == owner.uidText }
  }

  /// Deletes an object whose owners are all gone, or wait for it to go.
  private func collect(_ resource: Resource, _ object: JSON, owners: [String: JSON], _ objects: any ClusterObjects) {
    let references = object.ownerReferences
    let living = references.filter { owners[$0["uid"]?.string ?? ""] != nil }
    let waiting = living.filter { reference in
      let owner = owners[reference["uid"]?.string ?? ""]
      return owner?.isDeleting == true && owner?.finalizers.contains(Self.foreground) == true
    }
    guard living.count == waiting.count else {
      if living.count < references.count { keep(living, of: resource, object, objects) }
      return
    }
    let owns = !waiting.isEmpty && resource != .pods
    try? objects.delete(
      resource, object, gracePeriod: nil, propagation: owns ? .foreground : .background, by: ManagerName.controllers)
  }

  /// Drops references to owners that are gone from an object that still has another.
  private func keep(_ references: [JSON], of resource: Resource, _ object: JSON, _ objects: any ClusterObjects) {
    var kept = object
    kept["metadata", "ownerReferences"] = references.isEmpty ? nil : .array(references)
    _ = try? objects.update(resource, kept, by: ManagerName.controllers)
  }

  private func finish(
    _ resource: Resource, _ object: JSON, dependents: [(resource: Resource, object: JSON)], _ objects: any ClusterObjects
  ) {
    if object.finalizers.contains(Self.orphan) {
      for dependent in dependents {
        let others = dependent.object.ownerReferences.filter { $0["uid"]?.string != object.uidText }
        keep(others, of: dependent.resource, dependent.object, objects)
      }
      return drop(Self.orphan, of: resource, object, objects)
    }
    let blocking = dependents.filter { Self.references(from: $0.object, to: object)?["blockOwnerDeletion"]?.bool == true }
    if object.finalizers.contains(Self.foreground) && blocking.isEmpty { drop(Self.foreground, of: resource, object, objects) }
  }

  private func drop(_ finalizer: String, of resource: Resource, _ object: JSON, _ objects: any ClusterObjects) {
    var released = object
    let others = object.finalizers.filter { $0 != finalizer }
    released["metadata", "finalizers"] = others.isEmpty ? nil : .array(others.map { .string($0) })
    _ = try? objects.update(resource, released, by: ManagerName.controllers)
  }
}
