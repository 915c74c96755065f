import ReleaseModel

// The new color proves itself before users see it.
extension RolloutWork {
  mutating func smoke(_ plan: CutoverPlan) async throws(PortError) -> Rollout.Event {
    let gate = plan.settings.smoke
    let mark = try await begin(.smoke, "\(gate.checks.count) checks")
    let limit = deadline.within(.milliseconds(gate.withinMs), ports.clock)
    let address = try await ports.services.preview(target, color: plan.to, rollout: try open.id)
    guard try await previewServes(plan, until: limit) else {
      return try await fail(
        mark, "the preview Service \(address.name) reached no pod of \(plan.to) within \(Duration.milliseconds(gate.withinMs).words)")
    }
    guard !gate.checks.isEmpty else {
      try await end(mark, .skipped, "the plan names no smoke checks")
      return .done
    }
    let place = ProbePlace(role: .preview, service: address, port: plan.settings.port, rules: plan.settings.probes)
    let results = try await smokeResults(gate, of: plan.to, at: place, until: limit)
    let standing = try await look()
    guard case .before = standing else {
      try await end(mark, .unknown, "the Service changed meanwhile", checks: results)
      return .changed(standing)
    }
    guard results.count == gate.checks.count, results.allSatisfy({ $0.verdict == .passed }) else {
      return try await fail(mark, results.complaint ?? "the checks gave no result", checks: results)
    }
    try await end(mark, .passed, "\(results.count) of \(results.count) checks passed", checks: results)
    return .done
  }

  /// Waits until the preview Service's slices hold the color: a check before that would judge the data plane, not the release.
  private func previewServes(_ plan: CutoverPlan, until limit: Deadline) async throws(PortError) -> Bool {
    var preview = target
    preview.activeService = target.previewService
    return try await ports.services.traffic(preview, to: [plan.to], within: limit.left(ports.clock)).converged
  }

  /// The gate's results. A check that got no HTTP answer at all is repeated until the limit, since the data plane follows the slices late;
  /// an answer that is wrong is final.
  private mutating func smokeResults(
    _ gate: SmokeGate, of color: Color, at place: ProbePlace, until limit: Deadline
  ) async throws(PortError) -> [CheckResult] {
    var preview = target
    preview.activeService = target.previewService
    while true {
      let results = await ports.gates.check(gate.checks, at: place, within: limit.left(ports.clock))
      let unanswered = results.contains { $0.verdict != .passed && !$0.answered }
      let wrong = results.contains { $0.verdict != .passed && $0.answered }
      // A run that was held up may have pointed the preview at another color: then those results are about that one.
      let isOurs = try await ports.services.read(preview).selection == .color(color)
      if isOurs, !unanswered || wrong { return results }
      if limit.hasPassed(ports.clock) { return isOurs ? results : [] }
      tell(.smoke, isOurs ? results.complaint ?? "waiting for an answer" : "the preview Service was pointed elsewhere; pointing it back")
      if !isOurs { _ = try await ports.services.preview(target, color: color, rollout: try open.id) }
      try await pause(.milliseconds(250))
      try await checkpoint()
    }
  }
}

extension [CheckResult] {
  /// What the first check that did not pass says; nil where all passed.
  var complaint: String? {
    let bad = filter { $0.verdict != .passed }
    guard let first = bad.first else { return nil }
    return "\(first.name): \(first.detail)" + (bad.count > 1 ? " (and \(bad.count - 1) more)" : "")
  }
}
