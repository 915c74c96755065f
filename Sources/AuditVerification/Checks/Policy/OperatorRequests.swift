import AuditTrail
import Digests
import GitStore
import ReleaseModel

/// What was done in an operator's name is what an operator signed, who was allowed to, in time, and by as many persons as the settings ask for.
///
/// That each request counts once is held by the event's key, which names what was signed.
struct OperatorRequests: TrailCheck {
  let name = "operator-requests"
  let policy: (any PolicyReader)?

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) throws(GitError) {
    guard let evidence = Evidence(commit, policy), let action = OperatorRequest.Action(evidence.record.event),
      let settings = try evidence.settings
    else { return }
    guard let rules = settings.operators else { return inspectUnruled(evidence, action, commit, &log) }
    guard let exhibit = evidence.exhibit(.request) else {
      return log.add(.requestMissing, in: commit, "nobody signed the \(action.rawValue), and the settings ask for an operator's signature")
    }
    // That the bytes are not there is told elsewhere.
    guard let bytes = try evidence.bytes(.request) else { return }
    guard let signed = SignedRequest(parsing: bytes), (try? signed.file) == bytes else {
      return log.add(.requestUnreadable, in: commit, "\(AuditTree.exhibit(exhibit.digest)) is no request as tagflip writes them")
    }
    for complaint in differences(signed, exhibit, evidence.record, action) { log.add(.requestMismatch, in: commit, complaint) }
    guard let at = evidence.record.at else {
      return log.add(.requestOutdated, in: commit, "it does not say when, so that nobody can tell whether the request counted")
    }
    if let objection = signed.request.objection(at: at) { log.add(.requestOutdated, in: commit, "used at \(at): \(objection)") }
    try inspectSigners(RequestTrial(signed: signed, rules: rules, at: at), evidence, action, commit, &log)
  }

  private func inspectUnruled(_ evidence: Evidence, _ action: OperatorRequest.Action, _ commit: TrailCommit, _ log: inout FindingLog) {
    if action == .override { log.add(.requestMissing, in: commit, "the settings name nobody who may override a freeze") }
    guard !evidence.record.operators.isEmpty || evidence.exhibit(.request) != nil else { return }
    log.add(.operatorsMismatch, in: commit, "it says that an operator signed, and the settings name none")
  }

  private func differences(
    _ signed: SignedRequest, _ exhibit: Exhibit, _ record: AuditRecord, _ action: OperatorRequest.Action
  ) -> [String] {
    let request = signed.request
    let wanted = OperatorRequest(
      action, installation: record.installation, tag: record.tag?.tag, reseal: record.reseal, reason: request.reason, at: request.at)
    var found: [String] = []
    if let other = wanted.difference(from: request) { found.append("what was signed is for \(other)") }
    if !PlainText.line(request.reason, longest: 500).utf8.elementsEqual((record.reason ?? "").utf8) {
      found.append("what was signed gives another reason: \(request.reason)")
    }
    if (try? signed.exhibit.name) != exhibit.name { found.append("it calls what was signed by another name than its digest") }
    return found
  }

  private func inspectSigners(
    _ trial: RequestTrial, _ evidence: Evidence, _ action: OperatorRequest.Action, _ commit: TrailCommit, _ log: inout FindingLog
  ) throws(GitError) {
    switch try trial.verdict(by: evidence) {
    case .unavailable: return
    case .notJudged(let reason): log.add(.requestNotJudged, in: commit, reason)
    case .refused(let reason): log.add(.requestSignatureBad, in: commit, reason)
    case .signed(let operators):
      if let shortage = trial.rules.shortage(of: operators, for: action) { log.add(.requestShortage, in: commit, shortage) }
      guard operators != evidence.record.operators else { return }
      func names(_ list: [TagSignature]) -> String { list.isEmpty ? "nobody" : list.map(\.signer).joined(separator: ", ") }
      log.add(
        .operatorsMismatch, in: commit,
        "it says that \(names(evidence.record.operators)) signed the request; judged again it is \(names(operators))")
    }
  }
}

/// The wishes that a release follows counted still when it began.
struct WishesCounted: TrailCheck {
  let name = "wishes"
  let policy: (any PolicyReader)?

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) throws(GitError) {
    guard let evidence = Evidence(commit, policy), let plan = evidence.record.plan, let rules = try evidence.settings?.operators,
      let at = evidence.decidedAt, let head = state.services[evidence.record.service.text]?.head
    else { return }
    let wishes =
      head.retries.filter { $0.record.description == plan.attempt }.map { (OperatorRequest.Action.retry, $0) }
      + head.overrides.filter { $0.record.description == evidence.record.override }.map { (OperatorRequest.Action.override, $0) }
    for (action, wish) in wishes {
      guard let objection = try objection(to: wish, as: action, rules, at, evidence, commit) else { continue }
      log.add(.wishUncounted, in: commit, "the \(action.rawValue) that it follows: \(objection)")
    }
  }

  private func objection(
    to wish: ServiceLedger.Retry, as action: OperatorRequest.Action, _ rules: OperatorRules, _ at: Timestamp, _ evidence: Evidence,
    _ commit: TrailCommit
  ) throws(GitError) -> String? {
    guard let digest = wish.request else { return "nobody signed it, and the settings ask for an operator's signature" }
    guard let bytes = try commit.before.exhibit(digest), let signed = SignedRequest(parsing: bytes) else {
      return "what was signed for it is not there"
    }
    let wanted = OperatorRequest(
      action, installation: evidence.record.installation, tag: wish.tag, reason: signed.request.reason, at: signed.request.at)
    if let other = wanted.difference(from: signed.request) { return "what was signed for it is for \(other)" }
    switch try RequestTrial(signed: signed, rules: rules, at: at).verdict(by: evidence) {
    case .unavailable: return nil
    case .notJudged(let reason), .refused(let reason): return reason
    case .signed(let operators): return rules.shortage(of: operators, for: action)
    }
  }
}

/// A request whose signatures are judged once more, by the files of keys that a record names.
private struct RequestTrial {
  let signed: SignedRequest
  let rules: OperatorRules
  let at: Timestamp

  enum Verdict {
    case signed([TagSignature])
    case refused(String)
    /// The record names no such files, or they are not there: that is told elsewhere.
    case unavailable
    case notJudged(String)
  }

  func verdict(by evidence: Evidence) throws(GitError) -> Verdict {
    guard let signers = try evidence.keys(.operators) else { return .unavailable }
    let revoked = try evidence.keys(.revokedOperators)
    guard rules.revoked == nil || revoked != nil else { return .unavailable }
    let judge: TagJudge
    do {
      judge = try TagJudge(signers: signers, revoked: revoked, keyring: nil, at: at)
    } catch {
      return .refused("the files that are shown say of nobody that he may ask: \(error)")
    }
    do {
      switch try judge.signers(of: signed) {
      case .success(let operators): return .signed(operators)
      case .failure(let refusal): return .refused(refusal.reason)
      }
    } catch {
      return .notJudged("\(error)")
    }
  }
}
