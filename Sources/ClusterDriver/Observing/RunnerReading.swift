import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// What lists of objects say about what acts without the Service. Pure.
struct RunnerReading: Sendable {
  let color: Color
  /// Deployments and CronJobs that run only while users are on the color.
  let deployments: [JSON]
  let cronJobs: [JSON]
  /// All Jobs of the color, those that CronJobs made among them.
  let jobs: [JSON]
  /// All pods of the color.
  let pods: [JSON]

  /// - Parameter deployments: all of the color's.
  init(color: Color, deployments: [JSON], cronJobs: [JSON], jobs: [JSON], pods: [JSON]) {
    self.color = color
    self.deployments = deployments.filter { $0.runs == .whenActive }
    self.cronJobs = cronJobs.filter { $0.runs == .whenActive }
    self.jobs = jobs
    self.pods = pods
  }

  var observation: RunnersObservation {
    RunnersObservation(
      whenActive: (deployments.map(consumer) + cronJobs.map(schedule)).sorted { $0.title < $1.title },
      jobs: jobs.filter { $0.runs == .beforeCutover }.map(job).sorted { $0.name < $1.name })
  }

  private func handed(_ object: JSON) -> String? { object.annotations[Label.handed] }

  private func consumer(_ deployment: JSON) -> Runner {
    let query = LabelQuery(deployment["spec", "selector"])
    let own = pods.filter { query?.matches($0.labels) == true }
    let isHeld = deployment["spec", "replicas"]?.int == 0
    let isSeen = (deployment["status", "observedGeneration"]?.int ?? 0) >= (deployment["metadata", "generation"]?.int ?? 0)
    // A pod that is going still acts until it is gone.
    var acting = own.filter { !RunnerReading.hasEnded($0) }.map { "Pod \($0.name)" }
    if acting.isEmpty, !isSeen || (deployment["status", "replicas"]?.int ?? 0) > 0 { acting = ["Deployment \(deployment.name)"] }
    let workload = DeploymentReading(deployment, pods: own, replicaSets: []).workload(color)
    let problem = workload.problems.first.map { " (\($0.subject): \($0.reason))" } ?? ""
    return Runner(
      title: "Deployment \(deployment.name)", isHeld: isHeld, handed: handed(deployment), acting: acting,
      complaint: isHeld || workload.isFullyReady
        ? nil : "Deployment \(deployment.name): \(workload.ready) of \(workload.desired) pods ready\(problem)")
  }

  private func schedule(_ cronJob: JSON) -> Runner {
    let own = jobs.filter { job in
      (job["metadata", "ownerReferences"]?.array ?? []).contains { $0["uid"]?.string == cronJob.uid } && RunnerReading.end(of: job) == nil
    }
    return Runner(
      title: "CronJob \(cronJob.name)",
      isHeld: cronJob["spec", "suspend"]?.bool == true, handed: handed(cronJob),
      acting: own.map { "Job \($0.name)" }, isSchedule: true)
  }

  private func job(_ job: JSON) -> JobObservation { JobObservation(name: job.name, state: RunnerReading.end(of: job) ?? .running) }

  private static func hasEnded(_ pod: JSON) -> Bool { ["Succeeded", "Failed"].contains(pod["status", "phase"]?.string ?? "") }

  /// How a Job ended; nil while it has not.
  private static func end(of job: JSON) -> JobObservation.State? {
    for condition in job["status", "conditions"]?.array ?? [] where condition["status"]?.string == "True" {
      switch condition["type"]?.string {
      case "Complete": return .succeeded
      case "Failed":
        let words = [condition["reason"]?.string, condition["message"]?.string].compactMap(\.self).joined(separator: ": ")
        return .failed(PlainText.line(words.isEmpty ? "it failed" : words, longest: 300))
      default: continue
      }
    }
    return nil
  }
}
