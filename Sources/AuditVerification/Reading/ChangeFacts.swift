import ReleaseModel

/// What a record and its plan say about a change, in words.
struct ChangeFacts {
  let record: AuditRecord
  let plan: CutoverPlan?
  private let planRecord: AuditRecord?

  init(_ record: AuditRecord, _ planRecord: AuditRecord?) {
    self.record = record
    self.planRecord = planRecord
    plan = record.plan ?? planRecord?.plan
  }

  private var conclusion: Conclusion? { record.conclusion }

  var from: String { place(plan?.from ?? conclusion?.from, plan?.fromVersion ?? conclusion?.fromVersion) }
  var to: String { place(plan?.to ?? conclusion?.to, record.version) }

  private func place(_ color: Color?, _ version: Version?) -> String {
    guard let color else { return Marker.noColor }
    return version.map { "\(color) (\($0))" } ?? "\(color)"
  }

  var result: String {
    switch record.event {
    case .outcome: record.outcome?.rawValue ?? TagMessage.missing
    case .plan: "open"
    case .noted, .refused, .superseded, .retired, .adopted, .left, .settled, .retry, .override, .deleted, .resealed, .drift:
      record.event.rawValue
    }
  }

  /// As the record says it, with the step for it where there was one.
  var approval: String {
    guard record.event == .outcome || record.event == .plan else { return "not required: nothing was changed" }
    let said = record.approval ?? planRecord?.approval ?? TagMessage.missing
    guard let step = record.steps.last(where: { $0.step == .approve }) else { return said }
    return "\(said) (\(step.result.rawValue): \(step.detail))"
  }

  /// By gate, how many checks passed, failed or could not be judged.
  var tests: String {
    let gates = record.steps.filter { [.deploy, .smoke, .bake].contains($0.step) }
    guard !gates.isEmpty else { return TagMessage.missing }
    return gates.map { step in
      let counts = [CheckResult.Verdict.passed, .failed, .unknown].map { verdict in
        "\(step.checks.count { $0.verdict == verdict }) \(verdict.rawValue)"
      }
      return "\(step.step) \(step.result.rawValue)" + (step.checks.isEmpty ? "" : " (checks: \(counts.joined(separator: ", ")))")
    }.joined(separator: "; ")
  }

  var exposed: String {
    guard record.event == .outcome else { return "no" }
    guard let conclusion else { return TagMessage.missing }
    guard conclusion.exposed else { return "no" }
    guard let start = conclusion.flippedAt, conclusion.outcome == .rolledBack else { return "yes" }
    return "yes, for \((conclusion.decidedAt - start).words)"
  }

  var timings: String {
    var parts = record.steps.map { "\($0.step) \($0.ms) ms" }
    if let cutover = record.cutover { parts.append(Self.words(cutover)) }
    return parts.joined(separator: "; ")
  }

  private static func words(_ cutover: CutoverRecord) -> String {
    let first = "\(cutover.patchMs) ms at \(cutover.at)"
    guard let overlap = cutover.overlap else { return "flip \(first)" }
    let end =
      overlap.narrowedAt.map { "the new one alone \(overlap.patchMs.map { "\($0) ms" } ?? "found") at \($0)" } ?? "never the new one alone"
    return "not atomic: users reached both colors \(first), \(end)"
  }

  /// How the change can be, or was, taken back.
  var returnProcedure: String {
    let back = "tagflip rollback \(record.service)"
    switch record.outcome {
    case .promoted:
      guard plan?.from != nil || conclusion?.from != nil else { return "none: it is the first release" }
      return "\(back) (one flip, to \(from), while that stands by; data is never rolled back)"
    case .rolledBack: return "done: users are back on \(from)"
    case .failed, .rejected: return "not needed: users never saw it"
    case .aborted:
      return conclusion?.exposed == true ? "see the reason: the Service was moved by another hand" : "not needed: users never saw it"
    case .failedExposed: return "none: it is the first release, and users are on it"
    case .rollbackFailed: return "failed: the standby could not serve; \(back) --force"
    case nil: return record.event == .plan ? "\(back) (before exposure it aborts)" : "not needed: nothing was changed"
    }
  }

  /// Which of settings, template and plan are others than in the record before; the plan's record says it.
  var sourcesChanged: String {
    guard (record.sources ?? planRecord?.sources) != nil else { return TagMessage.missing }
    let changed = Set(record.changed + (planRecord?.changed ?? []))
    return changed.isEmpty ? "none" : changed.sorted().joined(separator: ", ")
  }
}
