import AuditTrail
import Digests
import GitStore
import ReleaseModel

/// A record has what its event needs, and its parts agree with each other.
struct RecordConsistency: TrailCheck {
  let name = "record-consistency"

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) {
    guard let record = commit.entry else { return }
    let complaints = missing(record) + disagreements(record) + drift(record, after: state.services[record.service.text])
    for complaint in complaints { log.add(.recordInconsistent, in: commit, complaint) }
  }

  private func missing(_ record: AuditRecord) -> [String] {
    var needed: [(String, Bool)] = []
    switch record.event {
    case .noted, .retired: break
    case .adopted, .left, .settled:
      needed = [("a conclusion", record.conclusion != nil), ("a rollout", record.rollout != nil), ("a reason", record.reason != nil)]
    case .deleted: needed = [("the tags that are gone", !record.tags.isEmpty)]
    case .plan:
      needed = [
        ("a plan", record.plan != nil), ("a plan digest", record.planDigest != nil), ("a rollout", record.rollout != nil),
        ("a tag", record.tag != nil), approval(record),
      ]
    case .outcome:
      needed = [
        ("a conclusion", record.conclusion != nil), ("a rollout", record.rollout != nil), ("an outcome", record.outcome != nil),
        approval(record),
      ]
    case .drift: needed = [("what was found", record.drift != nil)]
    case .resealed: needed = [("a reason", record.reason != nil), ("what was lost", record.reseal != nil)]
    case .refused, .superseded, .retry, .override: needed = [("a tag", record.tag != nil), ("a version", record.version != nil)]
    }
    return needed.filter { !$0.1 }.map { "a record of \(record.event.rawValue) needs \($0.0)" }
  }

  /// Silence is no approval, and no word that none was asked for.
  private func approval(_ record: AuditRecord) -> (String, Bool) {
    ("who approved it, or that no policy asks for that", record.approval?.isEmpty == false)
  }

  /// Drift is told once, and ends only where it was told. Where the records before are not known, neither is that.
  private func drift(_ record: AuditRecord, after state: ServiceState?) -> [String] {
    guard let drift = record.drift else { return [] }
    guard record.event == .drift else { return ["it tells of drift, and is of \(record.event.rawValue)"] }
    var found: [String] = []
    if record.conclusion != nil || record.plan != nil || record.tag != nil { found.append("it tells of drift, and decides something") }
    if drift.findings.count > DriftReport.limit || (drift.more > 0 && drift.findings.count < DriftReport.limit) {
      found.append("it counts more findings than it tells of")
    }
    if let at = record.at, drift.since > at { found.append("its drift was first seen after it was reported") }
    guard state?.isUncertain != true else { return found }
    let before = state?.head.drift
    if before?.digest == drift.digest(of: record.rollout) {
      found.append(before == nil ? "its drift has ended, and none was on record" : "its drift is on record already")
    }
    return found
  }

  private func disagreements(_ record: AuditRecord) -> [String] {
    var found: [String] = []
    func demand(_ holds: Bool, _ complaint: String) { if !holds { found.append(complaint) } }
    demand(Set(record.exhibits.map(\.kind)).count == record.exhibits.count, "it names two exhibits of one kind")
    demand(record.override == nil || record.event == .plan, "it names an override, and begins nothing")
    demand(record.operators.isEmpty || OperatorRequest.Action(record.event) != nil, "it names operators, and they ask for no such thing")
    demand(record.approval == nil || [.plan, .outcome].contains(record.event), "it names an approval, and nobody approves such a thing")
    if let tag = record.tag?.tag {
      demand(tag.service == record.service, "its tag is of \(tag.service)")
      demand(record.version == nil || tag.version == record.version, "its version is not its tag's (\(tag.version))")
    }
    if let plan = record.plan {
      demand(plan.installation == record.installation, "its plan is of installation \(plan.installation)")
      demand(plan.settings.service == record.service, "its plan is of \(plan.settings.service)")
      demand(plan.tag == record.tag?.tag && plan.commit == record.tag?.commit, "its plan is of another tag or commit")
      demand(plan.to != plan.from, "its plan leads from \(plan.to) to \(plan.to)")
      demand(plan.sources == record.sources, "its sources are not its plan's")
    }
    if let conclusion = record.conclusion {
      demand(conclusion.rollout == record.rollout, "its conclusion is of rollout \(conclusion.rollout)")
      demand(conclusion.outcome == record.outcome, "its conclusion has another outcome")
      if let cutover = record.cutover, let overlap = cutover.overlap {
        demand(
          conclusion.outcome != .promoted || overlap.narrowedAt != nil, "it was promoted, and users never reached the new color alone")
        demand(overlap.narrowedAt.map { $0 >= cutover.at } ?? true, "its overlap ended before it began")
      }
      demand(record.version == nil || conclusion.version == record.version, "its conclusion is of another version")
    }
    return found
  }
}

/// The plan digest is the digest of the plan.
struct PlanDigest: TrailCheck {
  let name = "plan-digest"

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) {
    guard let record = commit.entry, let plan = record.plan, let named = record.planDigest else { return }
    guard let digest = try? plan.digest, digest == named else {
      return log.add(.planDigestMismatch, in: commit, "it names the digest \(named.prefix12)… and its plan has another")
    }
  }
}
