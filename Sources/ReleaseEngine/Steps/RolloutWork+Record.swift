import ReleaseModel

// The record follows what the marker decided, in this order: Git, notice, journal, index, marker. A crash between any two is repeated
// without harm, since the audit branch knows each event by its key.
extension RolloutWork {
  /// Pushes the outcome's record. False where Git could not be reached: a later run does it.
  mutating func record(_ conclusion: Conclusion) async throws(PortError) -> Bool {
    guard await planIsRecorded() else { return false }
    let record = try outcomeRecord(conclusion)
    let recorder = Recorder(installation: installation, target: target)
    // What was decided later is not this rollout's: a rollback of what it had promoted has work of its own to do first.
    let pending = Array(seen.marker.pending.prefix((seen.marker.pending.firstIndex(of: conclusion) ?? -1) + 1))
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

  private func outcomeRecord(_ conclusion: Conclusion) throws(PortError) -> AuditRecord {
    let open = try open
    var remarks: [String] = []
    if conclusion.exposed && open.cutover == nil { remarks.append("when the cutover happened could not be known") }
    return AuditRecord(
      event: .outcome, service: service, installation: installation.settings.installation, at: conclusion.decidedAt,
      actor: conclusion.actor,
      botVersion: installation.botVersion, version: open.plan.tag.version, tag: open.facts, rollout: open.id, planDigest: open.planDigest,
      conclusion: conclusion, steps: open.steps, cutover: open.cutover, interruptions: open.interruptions, sources: open.plan.sources,
      remarks: remarks)
  }

  private mutating func close() async throws(PortError) {
    let id = try open.id
    if let start = journal.journal { try await journal.update(creating: start) { $0.open = nil } }
    let standby = seen.marker.standby
    let target = target
    try await IndexKeeper(store: ports.state, clock: ports.clock).update { index in
      var entry = index.services[target.service] ?? ServiceIndex.Entry(target: target)
      if entry.open == id { entry.open = nil }
      entry.attention = false
      entry.due = standby?.warmUntil
      index.services[target.service] = entry
      index.reservations.removeAll { $0.rollout == id }
    }
  }
}
