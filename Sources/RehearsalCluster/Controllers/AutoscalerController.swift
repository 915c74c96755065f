import KubernetesModel

/// HorizontalPodAutoscalers: holds a Deployment within its bounds. There are no metrics, so nothing grows or shrinks between them, as in
/// any cluster whose metrics API is missing; a Deployment that was scaled to 0 is left alone.
package struct AutoscalerController: Controller {
  private let events = EventRecorder(component: "horizontal-pod-autoscaler")

  package init() {}

  package mutating func tick(_ objects: any ClusterObjects, now: Moment) -> Duration? {
    for autoscaler in objects.list(.horizontalPodAutoscalers) where !autoscaler.isDeleting { sync(autoscaler, objects, now) }
    return nil
  }

  private func sync(_ autoscaler: JSON, _ objects: any ClusterObjects, _ now: Moment) {
    let target = autoscaler["spec", "scaleTargetRef"]
    guard target?["kind"]?.string == "Deployment",
      var deployment = objects.get(.deployments, namespace: autoscaler.namespaceText, name: target?["name"]?.string ?? "")
    else {
      return objects.writeStatus(lost(autoscaler, target, now), of: .horizontalPodAutoscalers, autoscaler)
    }
    let present = deployment["spec", "replicas"]?.int ?? 1
    let (size, reason) = Self.size(autoscaler["spec"], present: present)
    if size != present {
      deployment["spec", "replicas"] = .int(Int64(size))
      guard (try? objects.update(.deployments, deployment, by: ManagerName.controllers)) != nil else { return }
      events.normal("SuccessfulRescale", "New size: \(size); reason: \(reason)", about: autoscaler, in: objects, at: now)
    }
    objects.writeStatus(status(autoscaler, present: present, size: size, now), of: .horizontalPodAutoscalers, autoscaler)
  }

  /// The size that the bounds allow, and which of them was broken.
  private static func size(_ spec: JSON?, present: Int) -> (size: Int, reason: String) {
    let least = spec?["minReplicas"]?.int ?? 1
    let most = spec?["maxReplicas"]?.int ?? least
    if present == 0 { return (0, "") }
    if present < least { return (least, "Current number of replicas below Spec.MinReplicas") }
    if present > most { return (most, "Current number of replicas above Spec.MaxReplicas") }
    return (present, "")
  }

  private func status(_ autoscaler: JSON, present: Int, size: Int, _ now: Moment) -> JSON {
    let scaling =
      present == 0
      ? ("False", "ScalingDisabled", "scaling is disabled since the replica count of the target is zero")
      : (
        "False", "FailedGetResourceMetric",
        "the HPA was unable to compute the replica count: failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned from resource metrics API"
      )
    return [
      "currentReplicas": .int(Int64(present)), "desiredReplicas": .int(Int64(size)), "currentMetrics": .null,
      "conditions": [
        condition(
          autoscaler, "AbleToScale", ("True", "SucceededGetScale", "the HPA controller was able to get the target's current scale"), now),
        condition(autoscaler, "ScalingActive", scaling, now),
      ],
    ]
  }

  private func lost(_ autoscaler: JSON, _ target: JSON?, _ now: Moment) -> JSON {
    let message = "the HPA controller was unable to get the target's current scale: \(target?["name"]?.string ?? "") not found"
    return [
      "desiredReplicas": 0, "currentMetrics": .null,
      "conditions": [condition(autoscaler, "AbleToScale", ("False", "FailedGetScale", message), now)],
    ]
  }

  private func condition(_ autoscaler: JSON, _ type: String, _ what: (status: String, reason: String, message: String), _ now: Moment)
    -> JSON
  {
    let old = autoscaler.condition(type)
    let since = old?["status"]?.string == what.status ? old?["lastTransitionTime"] : nil
    return [
      "type": .string(type), "status": .string(what.status), "lastTransitionTime": since ?? .string(now.timestamp),
      "reason": .string(what.reason), "message": .string(what.message),
    ]
  }
}
