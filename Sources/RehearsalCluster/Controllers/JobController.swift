import KubernetesModel

/// Jobs: runs pods until enough have succeeded, too many have failed, or the time is over.
package struct JobController: Controller {
  private let events = EventRecorder(component: "job-controller")

  package init() {}

  package mutating func tick(_ objects: any ClusterObjects, now: Moment) -> Duration? {
    let pods = Dictionary(grouping: objects.list(.pods)) { $0.controllerReference?["uid"]?.string ?? "" }
    return objects.list(.jobs).compactMap { sync($0, pods: pods[$0.uidText] ?? [], objects, now) }.min()
  }

  private func sync(_ job: JSON, pods: [JSON], _ objects: any ClusterObjects, _ now: Moment) -> Duration? {
    guard !job.isDeleting, !job.hasCondition("Complete"), !job.hasCondition("Failed") else { return nil }
    let progress = JobProgress(job, pods: pods, now: now)
    switch progress.step {
    case .suspend:
      for pod in progress.active { objects.remove(.pods, pod) }
    case .run(let missing):
      for _ in 0..<missing { create(for: job, objects, now) }
      for pod in progress.active.suffix(progress.surplus) { objects.remove(.pods, pod) }
    case .complete:
      events.normal("Completed", "Job completed", about: job, in: objects, at: now)
    case .fail(let reason, let message):
      for pod in progress.active { objects.remove(.pods, pod) }
      events.warning(reason, message, about: job, in: objects, at: now)
    }
    objects.writeStatus(progress.status, of: .jobs, job)
    return progress.deadline
  }

  private func create(for job: JSON, _ objects: any ClusterObjects, _ now: Moment) {
    var metadata = job["spec", "template", "metadata"] ?? [:]
    metadata["generateName"] = .string("\(job.name)-")
    metadata["namespace"] = .string(job.namespaceText)
    metadata["ownerReferences"] = [job.ownerReference()]
    let pod: JSON = ["apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": job["spec", "template", "spec"] ?? [:]]
    // Refused, as by a quota: the next round, which follows any change, tries again.
    guard let created = try? objects.create(.pods, pod, by: ManagerName.controllers) else { return }
    events.normal("SuccessfulCreate", "Created pod: \(created.name)", about: job, in: objects, at: now)
  }
}
