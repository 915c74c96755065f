import ReleaseModel

// The record follows what the marker decided, in this order: Git, notice, journal, index, marker. A crash between any two is repeated
// without harm, since the audit branch knows each event by its key.
extension RolloutWork {
  /// Pushes the outcome's record. False where Git could not be reached: a later run does it.
  mutating func record(_ conclusion: Conclusion) async throws(PortError) -> Bool {
    guard await planIsRecorded() else { return false }
    let record = try await outcomeRecord(conclusion)
    let recorder = Recorder(installation: installation, target: target)
    let pending = seen.marker.pending
    guard try await recorder.push(pending: pending, outcome: record) else { return false }
    try await close()
    try await recorder.forget(pending)
    return true
  }

  /// A rollout that was ended before its plan got into Git is on record with both: without the plan its tag would be released again.
  private mutating func planIsRecorded() async -> Bool {
    do throws(PortError) {
      if try open.planCommit == nil { _ = try await appendPlan(expecting: nil) }
      return true
    } catch {
      ports.narrator.tell(.warning(service, error))
      return false
    }
  }

  private func outcomeRecord(_ conclusion: Conclusion) async throws(PortError) -> AuditRecord {
    let open = try open
    var remarks = open.remarks
    if conclusion.exposed && open.cutover == nil { remarks.append("when the cutover happened could not be known") }
    var record = AuditRecord(
      event: .outcome, service: service, installation: installation.settings.installation, at: conclusion.decidedAt,
      actor: conclusion.actor,
      botVersion: installation.botVersion, version: open.plan.tag.version, tag: open.facts, rollout: open.id, planDigest: open.planDigest,
      conclusion: conclusion, steps: open.steps, cutover: open.cutover?.ended(by: conclusion), images: open.images,
      observed: await ports.observedObjects(of: target),
      claimed: open.claimed, interruptions: open.interruptions, sources: open.plan.sources,
      remarks: remarks)
    // The color that was left goes on for its drain.
    let end = conclusion.decidedAt + .milliseconds(conclusion.outcome == .rolledBack ? open.plan.settings.rollback.drainMs : 0)
    record.doubling = Doubling(forecast: open.doubling?.forecast, actual: open.doubling?.total(until: end))
    return record
  }

  private mutating func close() async throws(PortError) {
    let id = try open.id
    if let start = journal.journal { try await journal.update(creating: start) { $0.open = nil } }
    let (target, ports) = (target, ports)
    let sweepAt = try await now() + Sweep.delay
    let isLeft = journal.journal?.handOverLeft != nil
    let keeper = IndexKeeper(ports)
    try await keeper.update(reading: { () throws(PortError) in try await ports.services.read(target).marker }) { index, marker in
      var entry = index.services[target.service] ?? ServiceIndex.Entry(target: target)
      if entry.open == id { entry.open = nil }
      entry.due = marker.standby?.warmUntil
      entry.sweepAt = sweepAt
      if isLeft { entry.isUnswept = true }
      index.services[target.service] = entry
      index.reservations.removeAll { $0.rollout == id }
    }
  }
}
