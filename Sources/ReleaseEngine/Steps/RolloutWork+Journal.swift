import ReleaseModel

// Steps as the journal keeps them and the terminal shows them.
extension RolloutWork {
  /// A step under way.
  struct StepMark: Sendable {
    var step: Step
    var startedAt: Timestamp
    var start: Duration
  }

  /// Begins a step: its beginning is told, and timed by the server's clock and the local one.
  func begin(_ step: Step, _ detail: String = "") async throws(PortError) -> StepMark {
    ports.narrator.tell(.stepStarted(service, step, detail: detail))
    return StepMark(step: step, startedAt: try await now(), start: ports.clock.elapsed)
  }

  /// Ends a step: its record enters the journal.
  /// - Parameter change: what else the journal is to know from then on.
  mutating func end(
    _ mark: StepMark, _ result: StepRecord.Result, _ detail: String, checks: [CheckResult] = [],
    _ change: @escaping (inout OpenRollout) -> Void = { _ in }
  ) async throws(PortError) {
    let ms = (ports.clock.elapsed - mark.start).milliseconds
    let record = StepRecord(step: mark.step, startedAt: mark.startedAt, ms: ms, result: result, detail: detail, checks: checks)
    ports.narrator.tell(.stepEnded(service, record))
    try await note { open in
      open.steps.append(record)
      change(&open)
    }
  }

  /// Ends a step that said no.
  mutating func fail(
    _ mark: StepMark, _ reason: String, blameless: Bool = false, checks: [CheckResult] = []
  ) async throws(PortError) -> Rollout.Event {
    try await end(mark, .failed, reason, checks: checks)
    return .failed(reason: reason, blameless: blameless)
  }

  /// Changes the open rollout in the journal.
  mutating func note(_ change: @escaping (inout OpenRollout) -> Void) async throws(PortError) {
    let touched = try await now()
    var found = false
    guard let start = journal.journal else { return }
    try await journal.update(creating: start) { journal in
      guard var open = journal.open else { return }
      found = true
      change(&open)
      open.touchedAt = touched
      journal.open = open
    }
    guard found else { throw closed }
  }

  func tell(_ step: Step, _ detail: String) { ports.narrator.tell(.progress(service, step, detail: detail)) }
}
