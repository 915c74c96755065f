import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// One rendered object with what only the rollout knows: its id, and the sizes. Pure.
struct AppliedObject {
  let kind: ResourceKind
  let json: JSON
  /// Whether both colors use it, so that it may exist already.
  let isShared: Bool

  /// An environment's objects in the order in which they are applied: what pods need before the pods.
  static func all(_ environment: Environment, rollout: RolloutID, sizes: [String: Int]) throws(PortError) -> [AppliedObject] {
    var objects: [AppliedObject] = []
    for manifest in environment.objects {
      objects.append(try AppliedObject(manifest, environment, rollout, sizes))
    }
    let order = [ResourceKind.serviceAccount] + ClusterDriver.kinds
    return objects.enumerated().sorted { left, right in
      let ranks = [left, right].map { order.firstIndex(of: $0.element.kind) ?? order.count }
      return (ranks[0], left.offset) < (ranks[1], right.offset)
    }.map(\.element)
  }

  private init(_ manifest: Manifest, _ environment: Environment, _ rollout: RolloutID, _ sizes: [String: Int]) throws(PortError) {
    let known = [ResourceKind.serviceAccount] + ClusterDriver.kinds
    guard var json = try? JSON(parsing: manifest.bytes),
      let kind = known.first(where: { $0.apiVersion == json["apiVersion"]?.string && $0.kind == json["kind"]?.string })
    else {
      throw PortError(
        .invalid, attempted: "apply \(manifest.kind) \(manifest.name)", reason: "tagflip does not apply such objects",
        location: manifest.source)
    }
    self.kind = kind
    isShared = kind == .serviceAccount
    if !isShared { json["metadata", "labels", Label.rollout] = .string(rollout.text) }
    let plain = String(json.name.dropLast(environment.color.suffix.count))
    switch kind {
    case .deployment:
      json["spec", "template", "metadata", "labels", Label.rollout] = .string(rollout.text)
      let isAutoscaled = environment.workloads.first { $0.name == plain }?.autoscaled ?? false
      if !isAutoscaled, let size = sizes[plain] { json["spec", "replicas"] = .int(Int64(size)) }
    case .horizontalPodAutoscaler:
      let deployment = String((json["spec", "scaleTargetRef", "name"]?.string ?? "").dropLast(environment.color.suffix.count))
      AppliedObject.pin(&json, at: sizes[deployment])
    default: break
    }
    self.json = json
  }

  /// Keeps the autoscaler from shrinking the color below what it must carry, until the bake ends.
  private static func pin(_ scaler: inout JSON, at size: Int?) {
    guard let size, size > 0 else { return }
    let minimum = scaler["spec", "minReplicas"]?.int ?? 1
    let wanted = min(size, scaler["spec", "maxReplicas"]?.int ?? size)
    guard wanted > minimum else { return }
    scaler["spec", "minReplicas"] = .int(Int64(wanted))
    scaler["metadata", "annotations", Label.minimum] = .string(String(minimum))
  }
}
