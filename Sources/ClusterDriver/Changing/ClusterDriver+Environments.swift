import KubernetesClient
import KubernetesModel
package import ReleaseEngine
package import ReleaseModel

extension ClusterDriver: Environments {
  package func apply(
    _ environment: Environment, rollout: RolloutID, sizes: [String: Int], target: ServiceTarget
  ) async throws(PortError) {
    for object in try AppliedObject.all(environment, rollout: rollout, sizes: sizes) {
      try await apply(object, rollout, target)
    }
    // Without replicas a Deployment begins with one pod; an autoscaled one gets its size through `scale`.
    let autoscaled = environment.workloads.filter(\.autoscaled).map(\.name)
    let scaled = sizes.filter { autoscaled.contains($0.key) }
    if !scaled.isEmpty { try await resize(environment.color, target: target, sizes: scaled) }
  }

  private func apply(_ object: AppliedObject, _ rollout: RolloutID, _ target: ServiceTarget) async throws(PortError) {
    try await asPort { () throws(KubernetesError) in
      let there = try await client.find(object.kind, namespace: target.namespace, name: object.json.name)
      if object.isShared {
        _ = try await client.apply(object.kind, namespace: target.namespace, object.json)
      } else if let there {
        // Made by this very rollout before: each apply is whole, so it is as it should be.
        guard there.labels[Label.rollout] != rollout.text else { return }
        throw KubernetesError(
          .conflict, attempted: "apply \(object.kind.plural) \(target.namespace)/\(object.json.name)",
          message: "it exists already and belongs to \(there.labels[Label.rollout] ?? "somebody else")")
      } else {
        // With this version an apply creates where nothing is and is refused elsewhere, however late it lands.
        var json = object.json
        json["metadata", "resourceVersion"] = "1"
        _ = try await client.apply(object.kind, namespace: target.namespace, json)
      }
    }
  }

  package func resize(_ color: Color, target: ServiceTarget, sizes: [String: Int]) async throws(PortError) {
    try await asPort { () throws(KubernetesError) in
      for scaler in try await client.list(.horizontalPodAutoscaler, namespace: target.namespace, labels: target.selector(color)).items {
        let name = scaler["spec", "scaleTargetRef", "name"]?.string ?? ""
        if let size = sizes[String(name.dropLast(color.suffix.count))], size > 0 { try await pin(scaler, at: size, target) }
      }
      for (name, size) in sizes.sorted(by: { $0.key < $1.key }) {
        try await scale(name + color.suffix, to: size, target)
      }
    }
  }

  /// Sets a Deployment's size, conditional on what was read; read again where somebody else wrote.
  private func scale(_ name: String, to size: Int, _ target: ServiceTarget) async throws(KubernetesError) {
    for attempt in 0..<10 {
      guard let deployment = try await client.find(.deployment, namespace: target.namespace, name: name) else { return }
      guard deployment["spec", "replicas"]?.int != size, let version = deployment.resourceVersion else { return }
      do throws(KubernetesError) {
        _ = try await client.scale(.deployment, namespace: target.namespace, name: name, replicas: size, resourceVersion: version)
        return
      } catch  where (error.kind == .conflict || error.kind == .lostAnswer) && attempt < 9 {}
    }
  }

  private func pin(_ scaler: JSON, at size: Int, _ target: ServiceTarget) async throws(KubernetesError) {
    let minimum = scaler["spec", "minReplicas"]?.int ?? 1
    let wanted = max(1, min(size, scaler["spec", "maxReplicas"]?.int ?? size))
    guard minimum != wanted else { return }
    let remembered = scaler.annotations[Label.minimum] ?? String(minimum)
    try await write(scaler, minimum: wanted, remembered: .string(remembered), target)
  }

  package func unpin(_ color: Color, target: ServiceTarget) async throws(PortError) {
    try await asPort { () throws(KubernetesError) in
      for scaler in try await client.list(.horizontalPodAutoscaler, namespace: target.namespace, labels: target.selector(color)).items {
        guard let minimum = scaler.annotations[Label.minimum].flatMap({ Int($0) }) else { continue }
        try await write(scaler, minimum: minimum, remembered: .null, target)
      }
    }
  }

  private func write(_ scaler: JSON, minimum: Int, remembered: JSON, _ target: ServiceTarget) async throws(KubernetesError) {
    let change: JSON = [
      "metadata": ["resourceVersion": .string(scaler.resourceVersion ?? ""), "annotations": [Label.minimum: remembered]],
      "spec": ["minReplicas": .int(Int64(minimum))],
    ]
    _ = try await client.merge(.horizontalPodAutoscaler, namespace: target.namespace, name: scaler.name, change)
  }

  package func discard(_ color: Color, target: ServiceTarget, within limit: Duration) async throws(PortError) {
    let clock = ContinuousClock()
    let start = clock.now
    while true {
      let left = try await asPort { () throws(KubernetesError) in try await discardOnce(color, target) }
      if left.isEmpty { return }
      guard clock.now - start < limit else {
        let names = left.prefix(5).joined(separator: ", ")
        throw PortError(.timedOut, attempted: "delete what \(color) holds", reason: "still there: \(names)")
      }
      do { try await Task.sleep(for: .milliseconds(100)) } catch {
        throw PortError(.cancelled, attempted: "delete what \(color) holds", reason: "told to stop")
      }
    }
  }

  /// Asks for each object's deletion once; the names of what is still there.
  private func discardOnce(_ color: Color, _ target: ServiceTarget) async throws(KubernetesError) -> [String] {
    var left: [String] = []
    for kind in ClusterDriver.kinds.reversed() {
      for object in try await client.list(kind, namespace: target.namespace, labels: target.selector(color)).items {
        left.append("\(kind.kind) \(object.name)")
        guard object["metadata", "deletionTimestamp"] == nil else { continue }
        do throws(KubernetesError) {
          try await client.delete(
            kind, namespace: target.namespace, name: object.name,
            if: DeletePreconditions(uid: object.uid, resourceVersion: object.resourceVersion))
        } catch  where error.kind == .notFound || error.kind == .conflict {
          // Gone, or changed since it was listed: the next round lists again.
        }
      }
    }
    let pods = try await client.list(.pod, namespace: target.namespace, labels: target.selector(color)).items
    return left + pods.map { "Pod \($0.name)" }
  }
}
