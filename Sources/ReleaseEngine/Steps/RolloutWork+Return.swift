import ReleaseModel

// The way back. It depends on the standby alone: no Git, no registry, no Lease, no state of the bad color is asked.
extension RolloutWork {
  mutating func goBack(_ verdict: Rollout.Verdict, _ plan: CutoverPlan) async throws(PortError) -> Rollout.Event {
    guard let from = plan.from else { return .noWayBack(reason: "this is the first release") }
    let start = ports.clock.elapsed
    ports.narrator.tell(.stepStarted(service, .rollback, detail: "\(plan.to) → \(from): \(verdict.reason)"))
    // While the standby has no ready pod the better of the two stays; at the latest the bake's end decides.
    let left = max(0, plan.settings.bake.durationMs - (journal.journal?.open?.bakedMs ?? 0))
    let limit = deadline.within(.milliseconds(left) + .seconds(10), ports.clock)
    while true {
      let standing = try await persistentLook(until: limit)
      switch standing {
      case .overlapping, .exposed: break
      case .before, .concluded, .returnedByForeignHand, .departed, .overtaken: return .changed(standing)
      }
      let ready = try? await ports.colors.observe(from, target: target).readyPods
      if let ready, ready > 0, let event = try await attemptReturn(verdict, from, plan, start, until: limit) { return event }
      guard !limit.hasPassed(ports.clock) else {
        return .noWayBack(reason: ready == nil ? "\(from)'s pods could not be read" : "\(from) has no ready pod")
      }
      if ready == 0 { tell(.rollback, "\(from) has no ready pod yet; \(plan.to) stays until one is") }
      try await pause(.milliseconds(500))
    }
  }

  /// Flips back, or nil where nobody answered: whether it happened is seen at the next look.
  private mutating func attemptReturn(
    _ verdict: Rollout.Verdict, _ from: Color, _ plan: CutoverPlan, _ start: Duration, until limit: Deadline
  ) async throws(PortError) -> Rollout.Event? {
    do throws(PortError) {
      return try await flipBack(verdict, from, plan, start: start)
    } catch  where error.isPassing && !limit.hasPassed(ports.clock) {
      ports.narrator.tell(.warning(service, error))
      return nil
    }
  }

  private mutating func flipBack(
    _ verdict: Rollout.Verdict, _ from: Color, _ plan: CutoverPlan, start: Duration
  ) async throws(PortError) -> Rollout.Event {
    let conclusion = try await conclusion(verdict)
    let result = try await change(.color(from)) { marker in marker.goBack(conclusion) }
    switch result {
    case .moved(let standing): return .changed(standing)
    case .applied(let patchMs):
      await noteReturn(start: start, conclusion, "\(plan.to) → \(from) in \(patchMs) ms")
      ports.narrator.tell(.decided(service, conclusion))
      return .concluded(conclusion)
    }
  }

  /// Points a first release's Service at nothing again.
  mutating func withdraw(_ verdict: Rollout.Verdict) async throws(PortError) -> Rollout.Event {
    let start = ports.clock.elapsed
    var verdict = verdict
    verdict.reason += "; withdrawn, users reach nothing"
    let conclusion = try await conclusion(verdict)
    let result = try await change(.nothing) { marker in
      marker.rollout = nil
      marker.version = nil
      marker.standby = nil
      marker.pending.append(conclusion)
    }
    switch result {
    case .moved(let standing): return .changed(standing)
    case .applied(let patchMs):
      await noteReturn(start: start, conclusion, "withdrawn in \(patchMs) ms")
      ports.narrator.tell(.decided(service, conclusion))
      return .concluded(conclusion)
    }
  }

  /// The step's record follows the flip; that the journal cannot be written costs a timing, not the rollback.
  private mutating func noteReturn(start: Duration, _ conclusion: Conclusion, _ detail: String) async {
    let ms = (ports.clock.elapsed - start).milliseconds
    let record = StepRecord(step: .rollback, startedAt: conclusion.decidedAt, ms: ms, result: .passed, detail: detail)
    ports.narrator.tell(.stepEnded(service, record))
    do throws(PortError) {
      try await note { $0.steps.append(record) }
    } catch {
      ports.narrator.tell(.warning(service, error))
    }
  }

  /// Reads the Service, again and again while nobody answers.
  mutating func persistentLook(until limit: Deadline) async throws(PortError) -> Standing {
    while true {
      do throws(PortError) {
        return try await look()
      } catch  where error.isPassing {
        guard !limit.hasPassed(ports.clock) else { throw error }
        ports.narrator.tell(.warning(service, error))
        try await pause(.milliseconds(500))
      }
    }
  }
}
