import KubernetesModel
package import ReleaseEngine
package import ReleaseModel

extension KubernetesDriver: Runners {
  package func runners(_ color: Color, target: ServiceTarget) async throws(PortError) -> RunnersObservation {
    let labels = Label.holdings(color, of: target.service)
    // What is to act before what acts: a pod that comes in between belongs to something that was seen.
    let deployments = try await api.list(.deployment, target.namespace, labels: labels)
    let cronJobs = try await api.list(.cronJob, target.namespace, labels: labels)
    let jobs = try await api.list(.job, target.namespace, labels: labels)
    let pods = try await api.list(.pod, target.namespace, labels: labels)
    return RunnerReading(color: color, deployments: deployments, cronJobs: cronJobs, jobs: jobs, pods: pods).observation
  }

  package func hand(
    _ color: Color, isActive: Bool, for token: String, target: ServiceTarget, asOf fence: UInt64
  ) async throws(PortError) {
    let labels = Label.holdings(color, of: target.service)
    let attempted = "\(isActive ? "start" : "hold") what runs only when active in \(color) of \(target.service)"
    for attempt in 1... {
      let deployments = try await api.list(.deployment, target.namespace, labels: labels).filter { $0.runs == .whenActive }
      let cronJobs = try await api.list(.cronJob, target.namespace, labels: labels).filter { $0.runs == .whenActive }
      guard !deployments.isEmpty || !cronJobs.isEmpty else { return }
      // Looked at after the objects were read: who hands over later writes each of them, and fails what follows.
      try await demand(nil, target, asOf: fence, attempted)
      do throws(PortError) {
        for deployment in deployments { try await hand(deployment, isActive, token) }
        for cronJob in cronJobs { try await hand(cronJob: cronJob, isActive, token) }
        return
      } catch  where error.kind == .conflict && attempt < 10 {
        // A controller writes the status of what has just changed: read again, the Service too.
        try await pause(.milliseconds(50), attempted)
      }
    }
  }

  private func hand(_ deployment: JSON, _ isActive: Bool, _ token: String) async throws(PortError) {
    let present = deployment["spec", "replicas"]?.int ?? 1
    let remembered = deployment.annotations[Label.size].flatMap { Int($0) } ?? 1
    // What somebody has sized by hand meanwhile comes back at that size.
    let size = present > 0 ? present : remembered
    try await write(deployment, .deployment, token, ["replicas": JSON(isActive ? size : 0)], remembering: [Label.size: String(size)])
  }

  private func hand(cronJob: JSON, _ isActive: Bool, _ token: String) async throws(PortError) {
    let isSuspended = cronJob.annotations[Label.suspended] != nil
    try await write(cronJob, .cronJob, token, ["suspend": .bool(!isActive || isSuspended)])
  }

  /// One conditional write, also where nothing but the token changes.
  private func write(
    _ object: JSON, _ kind: ResourceKind, _ token: String, _ spec: JSON, remembering: [String: String] = [:]
  ) async throws(PortError) {
    let annotations = remembering.merging([Label.handed: token]) { _, own in own }
    let document: JSON = [
      "metadata": ["resourceVersion": object["metadata", "resourceVersion"] ?? .null, "annotations": JSON(annotations)], "spec": spec,
    ]
    _ = try await api.merge(kind, object.namespace, object.name, document)
  }
}
