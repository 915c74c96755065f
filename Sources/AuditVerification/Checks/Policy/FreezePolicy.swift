import AuditTrail
import Digests
import GitStore
import ReleaseModel

/// No release begins while the settings let none begin, unless an override on record lets it; and none names an override without need.
struct FreezePolicy: TrailCheck {
  let name = "freezes"
  let policy: (any PolicyReader)?

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) throws(GitError) {
    guard let evidence = Evidence(commit, policy), evidence.record.event == .plan else { return }
    let record = evidence.record
    if let named = record.override {
      let waiting = state.services[record.service.text]?.head.overrides ?? []
      if !waiting.contains(where: { $0.record.description == named && $0.tag == record.tag?.tag }) {
        log.add(.overrideUnknown, in: commit, "it names the override \(named.prefix(19))…, and none like it waits")
      }
    }
    guard let settings = try evidence.settings, let at = record.at, let decidedAt = evidence.decidedAt else { return }
    func freeze(at instant: Timestamp) -> FreezeWindow? { settings.freezes.first { $0.holds(for: record.service, at: instant) } }
    let (then, now) = (freeze(at: decidedAt), freeze(at: at))
    guard record.override == nil else {
      guard then == nil, now == nil else { return }
      return log.add(.overrideNeedless, in: commit, "no freeze held at \(decidedAt), when it was decided, nor at \(at)")
    }
    if let then {
      log.add(.freezeBroken, in: commit, "a freeze held at \(decidedAt), when it was decided: \(then.reason), until \(then.until)")
    } else if let now {
      // It began between the two: the bot looks once.
      log.add(
        .freezeBroken, .warning, in: commit,
        "a freeze began at \(now.from), between \(decidedAt), when it was decided, and \(at): \(now.reason)")
    }
  }
}

/// A plan asks no less than the settings demand of every plan, and goes where they let plans go.
struct PlanPolicy: TrailCheck {
  let name = "plan-policy"
  let policy: (any PolicyReader)?

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) throws(GitError) {
    guard let evidence = Evidence(commit, policy), let plan = evidence.record.plan, let settings = try evidence.settings else { return }
    for objection in settings.floors.objections(to: plan.settings) { log.add(.floorBroken, in: commit, objection.reason) }
    if let objection = settings.objection(toNamespace: plan.settings.namespace) {
      log.add(.namespaceForbidden, in: commit, objection.reason)
    }
  }
}
