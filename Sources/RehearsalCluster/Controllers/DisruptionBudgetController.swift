import KubernetesModel

/// PodDisruptionBudgets: says how many pods may be evicted now.
package struct DisruptionBudgetController: Controller {
  package init() {}

  package mutating func tick(_ objects: any ClusterObjects, now: Moment) -> Duration? {
    let budgets = objects.list(.podDisruptionBudgets)
    guard !budgets.isEmpty else { return nil }
    let pods = Dictionary(grouping: objects.list(.pods).filter { !$0.hasFinished }, by: \.namespaceText)
    for budget in budgets {
      let selector = LabelSelector(budget["spec", "selector"])
      let chosen = (pods[budget.namespaceText] ?? []).filter { selector?.matches($0.labels) ?? false }
      objects.writeStatus(status(of: budget, pods: chosen, objects, now), of: .podDisruptionBudgets, budget)
    }
    return nil
  }

  private func status(of budget: JSON, pods: [JSON], _ objects: any ClusterObjects, _ now: Moment) -> JSON {
    let expected =
      budget["spec", "maxUnavailable"] == nil && budget["spec", "minAvailable"]?.int != nil
      ? pods.count { !$0.isDeleting } : wanted(by: pods, objects)
    let desired = desired(budget, expected: expected)
    let healthy = pods.count { $0.isReadyPod && !$0.isDeleting }
    let allowed = expected == 0 ? 0 : max(0, healthy - desired)
    let isAllowed = allowed > 0 ? "True" : "False"
    let old = budget.condition("DisruptionAllowed")
    let since = old?["status"]?.string == isAllowed ? old?["lastTransitionTime"] : nil
    return [
      "observedGeneration": .int(Int64(budget.generation)), "disruptionsAllowed": .int(Int64(allowed)),
      "currentHealthy": .int(Int64(healthy)), "desiredHealthy": .int(Int64(desired)), "expectedPods": .int(Int64(expected)),
      "conditions": [
        [
          "type": "DisruptionAllowed", "status": .string(isAllowed), "observedGeneration": .int(Int64(budget.generation)),
          "lastTransitionTime": since ?? .string(now.timestamp), "reason": allowed > 0 ? "SufficientPods" : "InsufficientPods",
          "message": "",
        ]
      ],
    ]
  }

  /// How many pods the owners of these want, since percentages are of that.
  private func wanted(by pods: [JSON], _ objects: any ClusterObjects) -> Int {
    let owners = Set(pods.compactMap { $0.controllerReference?["uid"]?.string })
    return objects.list(.replicaSets).filter { owners.contains($0.uidText) }.reduce(0) { $0 + ($1["spec", "replicas"]?.int ?? 1) }
  }

  private func desired(_ budget: JSON, expected: Int) -> Int {
    if let unavailable = budget["spec", "maxUnavailable"] {
      return max(0, expected - DeploymentSpec.resolve(unavailable, of: expected, roundingUp: true))
    }
    return DeploymentSpec.resolve(budget["spec", "minAvailable"] ?? 0, of: expected, roundingUp: true)
  }
}
