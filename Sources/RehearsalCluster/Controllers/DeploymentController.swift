import KubernetesModel

/// Deployments: makes a ReplicaSet for each template and moves the pods over to the newest, as the real controller does, step by step.
package struct DeploymentController: Controller {
  package init() {}

  package mutating func tick(_ objects: any ClusterObjects, now: Moment) -> Duration? {
    let replicaSets = Dictionary(grouping: objects.list(.replicaSets), by: \.namespaceText)
    return objects.list(.deployments).compactMap { deployment in
      var sync = DeploymentSync(deployment, objects: objects, now: now)
      return sync.run(candidates: replicaSets[deployment.namespaceText] ?? [])
    }.min()
  }
}

/// One look at one Deployment. Every write makes the copy at hand stale where it matters, so that each look changes one thing and the next
/// look, which follows at once, sees it.
struct DeploymentSync {
  let objects: any ClusterObjects
  let now: Moment
  let spec: DeploymentSpec
  let events = EventRecorder(component: "deployment-controller")
  var deployment: JSON
  /// All of this Deployment's, oldest first.
  var replicaSets: [ReplicaSetView] = []

  init(_ deployment: JSON, objects: any ClusterObjects, now: Moment) {
    self.deployment = deployment
    self.objects = objects
    self.now = now
    spec = DeploymentSpec(deployment)
  }

  var name: String { deployment.name }
  var newest: ReplicaSetView? { replicaSets.first { $0.has(template: spec.template) } }
  var old: [ReplicaSetView] { newest.map { newest in replicaSets.filter { $0.uidText != newest.uidText } } ?? replicaSets }

  /// - Returns: when to look again although nothing changes.
  mutating func run(candidates: [JSON]) -> Duration? {
    guard let selector = LabelSelector(deployment["spec", "selector"]) else { return nil }
    replicaSets = claim(candidates, selector: selector).map { ReplicaSetView(object: $0) }.sorted(by: ReplicaSetView.isOlder)
    if deployment.isDeleting {
      writeStatus(plainStatus())
      return nil
    }
    notePause()
    if spec.isPaused || isScaling {
      if let newest { annotate(newest) }
      scaleAll()
      writeStatus(plainStatus())
      return nil
    }
    if spec.recreates { recreate() } else { roll() }
    return deadline
  }

  /// The ReplicaSets that are this Deployment's, after adopting those that nobody owns and letting go of those that no longer match.
  private func claim(_ candidates: [JSON], selector: LabelSelector) -> [JSON] {
    candidates.compactMap { replicaSet in
      let matches = selector.matches(replicaSet.labels)
      guard replicaSet.controllerReference != nil else {
        return matches && !deployment.isDeleting && !replicaSet.isDeleting ? adopt(replicaSet) : nil
      }
      guard replicaSet.isControlled(by: deployment) else { return nil }
      return matches ? replicaSet : release(replicaSet)
    }
  }

  private func adopt(_ replicaSet: JSON) -> JSON? {
    var adopted = replicaSet
    adopted["metadata", "ownerReferences"] = .array(replicaSet.ownerReferences + [deployment.ownerReference()])
    return try? objects.update(.replicaSets, adopted, by: ManagerName.controllers)
  }

  private func release(_ replicaSet: JSON) -> JSON? {
    var released = replicaSet
    let others = replicaSet.ownerReferences.filter { $0["uid"]?.string != deployment.uidText }
    released["metadata", "ownerReferences"] = others.isEmpty ? nil : .array(others)
    _ = try? objects.update(.replicaSets, released, by: ManagerName.controllers)
    return nil
  }

  /// Whether the wanted number changed since the ReplicaSets were last scaled.
  private var isScaling: Bool {
    replicaSets.active.contains { $0.annotation(ReplicaSetView.desiredReplicas).flatMap { Int($0) } ?? spec.replicas != spec.replicas }
  }

  /// Says in the conditions that the Deployment is paused, or goes on.
  private mutating func notePause() {
    guard spec.progressDeadline != nil else { return }
    var conditions = DeploymentConditions(of: deployment)
    let reason = conditions.reason("Progressing")
    guard reason != "ProgressDeadlineExceeded" else { return }
    switch (spec.isPaused, reason == "DeploymentPaused") {
    case (true, false):
      conditions.set("Progressing", "Unknown", reason: "DeploymentPaused", message: "Deployment is paused", at: now)
    case (false, true):
      conditions.set("Progressing", "Unknown", reason: "DeploymentResumed", message: "Deployment is resumed", at: now)
    case (_, _): return
    }
    write(conditions)
  }

  /// Writes conditions alone, and what `metadata.annotations` has become.
  mutating func write(_ conditions: DeploymentConditions) {
    deployment["status", "conditions"] = .array(conditions.list)
    if let written = try? objects.updateStatus(.deployments, deployment, by: ManagerName.controllers) { deployment = written }
  }

  mutating func replace(_ replicaSet: ReplicaSetView, with object: JSON) {
    guard let index = replicaSets.firstIndex(where: { $0.uidText == replicaSet.uidText }) else { return }
    replicaSets[index].object = object
  }
}
