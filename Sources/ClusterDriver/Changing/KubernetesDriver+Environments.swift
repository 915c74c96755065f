import KubernetesModel
package import ReleaseEngine
package import ReleaseModel

extension KubernetesDriver: Environments {
  /// How often a conditional write is tried again when somebody else wrote in between.
  private static let attempts = 10

  package func apply(
    _ environment: Environment, rollout: RolloutID, sizes: [String: Int], atMost limit: Int?, target: ServiceTarget
  ) async throws(PortError) {
    for object in try AppliedObject.all(environment, rollout: rollout, sizes: sizes, atMost: limit) {
      let applied = try await apply(object, rollout, target)
      if let size = object.scaleTo { try await grow(applied, to: size, target) }
    }
  }

  /// Creates an object, or completes what this very rollout began to create before it was killed.
  private func apply(_ object: AppliedObject, _ rollout: RolloutID, _ target: ServiceTarget) async throws(PortError) -> JSON {
    let resource = object.kind.resource
    if object.isShared { return try await api.apply(resource, target.namespace, object.json) }
    var attempt = 0
    while true {
      attempt += 1
      do throws(PortError) {
        // With this version an apply creates where nothing is and is refused elsewhere, however late it lands.
        var json = object.json
        json["metadata", "resourceVersion"] = "1"
        return try await api.apply(resource, target.namespace, json)
      } catch  where (error.kind == .conflict || error.kind == .unknown) && attempt < KubernetesDriver.attempts {
        if error.kind == .unknown { try await pause(.milliseconds(200), "apply \(object.title)") }
        guard let there = try await api.find(resource, target.namespace, object.json.name) else { continue }
        guard there.labels[Label.rollout] == rollout.text, !there.isTerminating else { throw occupied(object, there) }
        if let json = try await applyAgain(object, there, target) { return json }
      }
    }
  }

  /// Applies over what this rollout made before; nil where somebody wrote since it was read, or nobody answered.
  private func applyAgain(_ object: AppliedObject, _ there: JSON, _ target: ServiceTarget) async throws(PortError) -> JSON? {
    var json = object.grown(as: there)
    json["metadata", "uid"] = there["metadata", "uid"]
    json["metadata", "resourceVersion"] = there["metadata", "resourceVersion"]
    do throws(PortError) {
      return try await api.apply(object.kind.resource, target.namespace, json)
    } catch  where error.kind == .unknown || (error.kind == .conflict && !error.reason.contains("Apply failed")) {
      return nil
    }
  }

  private func occupied(_ object: AppliedObject, _ there: JSON) -> PortError {
    let owner =
      there.isTerminating
      ? "it is still being deleted" : there.labels[Label.rollout].map { "it belongs to the rollout \($0)" } ?? "tagflip did not make it"
    return PortError(
      .conflict, attempted: "apply \(object.title)", reason: "it exists already: \(PlainText.line(owner, longest: 100))",
      hint: "delete or rename it if nobody needs it: kubectl -n \(there.namespace ?? "") get \(object.kind.resource.plural) \(there.name)")
  }

  /// Without replicas a Deployment begins with one pod; an autoscaled one gets its size here, and is never made smaller.
  private func grow(_ deployment: JSON, to size: Int, _ target: ServiceTarget) async throws(PortError) {
    try await scale(deployment, target) { $0 < size ? size : $0 }
  }

  package func resize(
    _ color: Color, target: ServiceTarget, sizes: [String: Int], asOf fence: UInt64?
  ) async throws(PortError) {
    // What somebody made by hand is observed, and never touched; what was adopted is sized, and nothing else of it is changed.
    var deployments = try await api.list(.deployment, target.namespace, labels: Label.holdings(color, of: target.service))
    if deployments.isEmpty, let adopted = try await adopted(color, target) { deployments = [adopted] }
    // What runs only while users are on the color is held and started, not sized.
    deployments.removeAll { $0.runs != nil }
    let shrinks = deployments.contains { ($0["spec", "replicas"]?.int ?? 1) > sizes[color.plainName($0.name)] ?? .max }
    let scalers = try await autoscalers(color, target)
    // Looked at after the objects were listed: who needs the color again since then has written them, and fails what follows.
    let attempted = "scale \(color) of \(target.service)"
    if shrinks || fence != nil { try await demand(shrinks ? color : nil, target, asOf: fence, attempted) }
    // The minimum first: an autoscaler would take back what is scaled below it, or leave it too small.
    for scaler in scalers {
      let name = color.plainName(scaler["spec", "scaleTargetRef", "name"]?.string ?? "")
      guard let size = sizes[name], size > 0 else { continue }
      try await change(scaler, target) { json in
        AutoscalerPin(json, size: size).map { AutoscalerChange(minimum: $0.minimum, remembered: $0.before) }
      }
    }
    for deployment in deployments {
      guard let size = sizes[color.plainName(deployment.name)] else { continue }
      try await scale(deployment, target) { _ in size }
    }
  }

  package func unpin(_ color: Color, target: ServiceTarget) async throws(PortError) {
    for scaler in try await autoscalers(color, target) {
      try await change(scaler, target) { json in
        json.annotations[Label.minimum].flatMap { Int($0) }.map { AutoscalerChange(minimum: $0, remembered: nil) }
      }
    }
  }

  private func autoscalers(_ color: Color, _ target: ServiceTarget) async throws(PortError) -> [JSON] {
    try await api.list(.horizontalPodAutoscaler, target.namespace, labels: Label.holdings(color, of: target.service))
  }

  /// Sets a Deployment's size, conditional on what was read; read again where somebody else wrote, or nobody answered.
  func scale(_ deployment: JSON, _ target: ServiceTarget, to size: (Int) -> Int) async throws(PortError) {
    var deployment = deployment
    for attempt in 1... {
      let present = deployment["spec", "replicas"]?.int ?? 1
      let wanted = size(present)
      guard wanted != present else { return }
      do throws(PortError) {
        return try await api.scale(deployment, target.namespace, to: wanted)
      } catch  where (error.kind == .conflict || error.kind == .unknown) && attempt < KubernetesDriver.attempts {
        guard let now = try await api.find(.deployment, target.namespace, deployment.name), now.uid == deployment.uid else { return }
        deployment = now
      }
    }
  }

  private struct AutoscalerChange {
    var minimum: Int
    /// What the annotation holds afterwards; nil takes it away.
    var remembered: Int?
  }

  private func change(
    _ scaler: JSON, _ target: ServiceTarget, by change: (JSON) -> AutoscalerChange?
  ) async throws(PortError) {
    var scaler = scaler
    for attempt in 1... {
      guard let wanted = change(scaler) else { return }
      let document: JSON = [
        "metadata": [
          "resourceVersion": scaler["metadata", "resourceVersion"] ?? .null,
          "annotations": [Label.minimum: wanted.remembered.map { .string(String($0)) } ?? .null],
        ],
        "spec": ["minReplicas": JSON(wanted.minimum)],
      ]
      do throws(PortError) {
        _ = try await api.merge(.horizontalPodAutoscaler, target.namespace, scaler.name, document)
        return
      } catch  where (error.kind == .conflict || error.kind == .unknown) && attempt < KubernetesDriver.attempts {
        guard let now = try await api.find(.horizontalPodAutoscaler, target.namespace, scaler.name) else { return }
        scaler = now
      }
    }
  }
}
