import AuditTrail
import Digests
import GitStore
import ReleaseModel

/// No version in quarantine is released without a retry on record.
struct Quarantine: TrailCheck {
  let name = "quarantine"

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) {
    guard let plan = commit.entry?.plan, let head = state.services[plan.tag.service.text]?.head,
      let reason = head.quarantine[plan.tag.version.text], !head.awaits(plan)
    else { return }
    log.add(.quarantinedPlanned, in: commit, "\(plan.tag.version) is in quarantine: \(reason)")
  }
}

extension LedgerHead {
  /// Whether the retry that a plan names waits. A person may commit it before the outcome that quarantines the version is pushed.
  fileprivate func awaits(_ plan: CutoverPlan) -> Bool {
    retries.contains { $0.record.description == plan.attempt && $0.version == plan.tag.version }
  }
}

/// A tag is released once, as it was first seen, unless a retry on record asks for it again.
struct DecidedOnce: TrailCheck {
  let name = "decided-once"

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) throws(GitError) {
    guard let record = commit.entry, let plan = record.plan else { return }
    let before = try commit.before.decision(on: plan.tag.name, of: record.service)
    if let before, before.object != plan.tag.object {
      log.add(
        .movedTagPlanned, in: commit,
        "\(plan.tag.name) named \(before.object.prefix(12)) when it was first seen, and \(plan.tag.object.prefix(12)) was released")
    }
    guard plan.attempt == CutoverPlan.firstAttempt else {
      guard state.services[record.service.text]?.head.awaits(plan) != true else { return }
      return log.add(.retryUnknown, in: commit, "it follows the retry \(plan.attempt.prefix(19))…, and none like it waits")
    }
    guard let before, before.object == plan.tag.object else { return }
    log.add(
      before.kind == .superseded ? .supersededPlanned : .decidedBefore, in: commit,
      "\(plan.tag.name) was \(before.kind.rawValue) by record \(before.sequence), and no retry is named")
  }
}

/// A record says which of settings, template and plan changed since the one before that named them.
struct ChangedSources: TrailCheck {
  let name = "changed-sources"

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) {
    guard let record = commit.entry, let known = state.services[record.service.text], !known.isUncertain else { return }
    let wanted = known.head.changes(to: record.sources)
    guard wanted != record.changed else { return }
    func words(_ list: [String]) -> String { list.isEmpty ? "none" : list.joined(separator: ", ") }
    log.add(
      .changedMismatch, in: commit, "it says that of its sources \(words(record.changed)) changed; by their digests it is \(words(wanted))")
  }
}
