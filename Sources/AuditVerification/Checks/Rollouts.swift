import AuditTrail
import GitStore
import ReleaseModel

/// Each rollout has its plan first and one outcome, which is of that plan.
struct PlanThenOutcome: TrailCheck {
  let name = "plan-then-outcome"

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) throws(GitError) {
    guard let record = commit.entry else { return }
    switch record.event {
    case .plan:
      guard let open = state.services[record.service.text]?.open else { return }
      log.add(.outcomeMissing, in: commit, "it announces a rollout, and \(open.rollout) (record \(open.sequence)) has no outcome yet")
    case .outcome: try inspectOutcome(record, commit, &log)
    case .noted, .refused, .superseded, .retired, .adopted, .left, .settled, .retry, .override, .deleted, .resealed, .drift: return
    }
  }

  private func inspectOutcome(_ record: AuditRecord, _ commit: TrailCommit, _ log: inout FindingLog) throws(GitError) {
    guard let rollout = record.rollout, let conclusion = record.conclusion else { return }
    if let known = try commit.before.value(RecordedKey.self, AuditTree.key(record.service, .outcome(of: rollout))) {
      log.add(.outcomeTwice, in: commit, "\(rollout) has its outcome in record \(known.sequence)")
    }
    guard let planned = try commit.before.record(.plan(of: rollout), of: record.service), let plan = planned.plan else {
      // Going back from what was promoted is a rollout of its own, which waits for nobody.
      guard conclusion.outcome != .rolledBack || record.planDigest != nil || !conclusion.exposed else { return }
      let severity: Finding.Severity = conclusion.exposed || record.planDigest != nil ? .error : .warning
      return log.add(.outcomeWithoutPlan, severity, in: commit, "no plan of \(rollout) is on record before it")
    }
    for (what, holds) in agreements(record, conclusion, plan, of: planned) where !holds {
      log.add(.outcomeDiffers, in: commit, "its \(what) is not its plan's")
    }
  }

  private func agreements(
    _ record: AuditRecord, _ conclusion: Conclusion, _ plan: CutoverPlan, of planned: AuditRecord
  ) -> [(String, Bool)] {
    [
      ("color to go to", conclusion.to == plan.to), ("color to come from", conclusion.from == plan.from),
      ("version", conclusion.version == plan.tag.version), ("version to come from", conclusion.fromVersion == plan.fromVersion),
      ("tag", record.tag.map { $0.tag == plan.tag && $0.commit == plan.commit } ?? true),
      ("word on who tagged and signed", record.tag == nil || record.tag == planned.tag),
      ("plan digest", record.planDigest.map { $0 == (try? plan.digest) } ?? true),
    ]
  }
}

/// A plan begins where the records before it left users, and so does going back from what was promoted.
struct Continuity: TrailCheck {
  let name = "continuity"

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) throws(GitError) {
    guard let record = commit.entry else { return }
    let known = state.services[record.service.text] ?? ServiceState()
    if let plan = record.plan {
      let from = LivePlace(plan.from, plan.fromVersion)
      guard known.live != .unknown, from != known.live else { return }
      return log.add(.fromMismatch, in: commit, "it starts from \(from.words), and the records before it left users on \(known.live.words)")
    }
    guard let conclusion = record.conclusion, conclusion.outcome == .rolledBack, record.planDigest == nil, let rollout = record.rollout,
      try commit.before.item(AuditTree.key(record.service, .plan(of: rollout))) == nil
    else { return }
    let (left, back) = (LivePlace(conclusion.to, conclusion.version), LivePlace(conclusion.from, conclusion.fromVersion))
    if known.live != .unknown, left != known.live {
      log.add(.fromMismatch, in: commit, "it goes back from \(left.words), and the records before it left users on \(known.live.words)")
    } else if known.standby != .unknown, back != known.standby {
      log.add(.fromMismatch, in: commit, "it goes back to \(back.words), and what stood by was \(known.standby.words)")
    }
  }
}
