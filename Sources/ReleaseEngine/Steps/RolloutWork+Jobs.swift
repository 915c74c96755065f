import ReleaseModel

// What must have succeeded before the new color's pods are started.
extension RolloutWork {
  /// Applies what the Jobs need and the Jobs themselves, and waits until each has succeeded.
  /// - Returns: nil where there are none, or all have.
  mutating func runFirst(
    _ environment: Environment, _ plan: CutoverPlan, _ mark: StepMark
  ) async throws(PortError) -> Rollout.Event? {
    let rules = plan.settings.beforeCutover
    guard !rules.isEmpty else { return nil }
    var first = environment
    first.objects = environment.objects.filter { Self.comesFirst.contains($0.kind) }
    try await ports.environments.apply(first, rollout: try open.id, sizes: [:], atMost: nil, target: target)
    var harm = HarmWatch(gate: plan.settings.bake)
    var last = ""
    while true {
      let jobs = try await ports.runners.runners(plan.to, target: target).jobs
      let waited = ports.clock.elapsed - mark.start
      var waiting: [String] = []
      for rule in rules {
        let name = "\(rule.name)-\(plan.to)"
        switch jobs.first(where: { $0.name == name })?.state {
        case .succeeded: continue
        case .failed(let words):
          return try await fail(
            mark, "Job \(name), which must succeed before the color's pods are started, failed: \(words); see what it said: \(logs(name))")
        case .running, nil:
          let limit = Duration.milliseconds(rule.withinMs)
          guard waited < limit else {
            return try await fail(mark, "Job \(name) has not ended after \(limit.words); see what it does: \(logs(name))")
          }
          waiting.append(name)
        }
      }
      if waiting.isEmpty { return nil }
      let detail = "Job \(waiting.joined(separator: ", ")) runs before the color's pods are started"
      if detail != last { tell(.deploy, detail) }
      last = detail
      if let event = try await guardLive(plan, &harm, mark) { return event }
      try await pause(waited < .seconds(10) ? .milliseconds(100) : .milliseconds(500))
      try await checkpoint()
    }
  }

  private func logs(_ job: String) -> String { "kubectl -n \(target.namespace) logs job/\(job)" }

  /// What Jobs can need, and the Jobs.
  private static let comesFirst: Set = ["v1/ConfigMap", "v1/Secret", "v1/ServiceAccount", "v1/Service", "batch/v1/Job"]
}
