import AuditTrail
import Digests
import GitStore
import ReleaseModel
import Signatures

/// What the settings ask of a tag is asked again, of its own bytes, by the files of keys that were in force, at the time at which the bot asked.
///
/// Whether its commit was on the protected branch is told by no trail.
struct TagPolicy: TrailCheck {
  let name = "tag-policy"
  let policy: (any PolicyReader)?

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) throws(GitError) {
    guard let evidence = Evidence(commit, policy), let facts = evidence.record.tag else { return }
    switch evidence.record.event {
    case .plan, .refused: break
    // An outcome says what its plan says, which is held to it elsewhere.
    case .outcome: return
    case .noted, .superseded, .retired, .adopted, .left, .settled, .retry, .override, .deleted, .resealed, .drift:
      guard facts.signature != nil || facts.judgement != nil else { return }
      return log.add(.tagSignerMismatch, in: commit, "it says that its tag was judged, and nothing was to be decided on it")
    }
    guard let settings = try evidence.settings else { return }
    let rule = settings.tagRule(for: evidence.record.service)
    guard let judgement = facts.judgement, let rule else {
      // A refusal may come before anybody looks at the tag.
      if (facts.judgement == nil) != (rule == nil), evidence.record.event == .plan || facts.judgement != nil {
        let what =
          rule == nil
          ? "the settings have no rule for its tag, and it was judged" : "the settings have a rule for its tag, and it was not judged"
        log.add(.tagJudgementMismatch, in: commit, what)
      }
      if let signature = facts.signature {
        log.add(.tagSignerMismatch, in: commit, "it says that \(signature.signer) signed the tag, and nobody looked")
      }
      return
    }
    let trial = TagTrial(evidence: evidence, facts: facts, rule: rule, judgement: judgement)
    for complaint in trial.timing(within: settings.runDeadlineMs) + trial.files { log.add(.tagJudgementMismatch, in: commit, complaint) }
    try inspect(trial, commit, &log)
  }

  private func inspect(_ trial: TagTrial, _ commit: TrailCommit, _ log: inout FindingLog) throws(GitError) {
    let isPlan = trial.evidence.record.event == .plan
    if isPlan, trial.rule.requirement != .any, !trial.facts.isAnnotated {
      return log.add(.tagRequirementBroken, in: commit, "a lightweight tag was let through, and the settings ask for more")
    }
    guard trial.asksForSignature else {
      guard let signature = trial.facts.signature else { return }
      return log.add(.tagSignerMismatch, in: commit, "it says that \(signature.signer) signed the tag, and the settings do not ask who did")
    }
    // It was refused before anybody looked at signatures.
    if !isPlan, trial.judgement.namesNoFile { return }
    switch try trial.verdict() {
    case .unavailable: return
    case .unreadable(let reason): log.add(.tagJudgementMismatch, in: commit, "it was judged by files that nobody can judge by: \(reason)")
    case .notJudged(let reason): log.add(.tagNotJudged, in: commit, reason)
    case .refused(let reason) where isPlan: log.add(.tagRequirementBroken, in: commit, "judged again: \(reason)")
    case .accepted(let signature) where isPlan:
      guard signature != trial.facts.signature else { return }
      let (said, found) = (trial.facts.signature?.words ?? "nobody", signature?.words ?? "nobody who had to")
      log.add(.tagSignerMismatch, in: commit, "it says that \(said) signed the tag; judged again it is \(found)")
    case .refused(let reason):
      guard !trial.isRefusal(reason) else { return }
      log.add(.tagRefusalMismatch, in: commit, "judged again: \(reason); it was refused for something else")
    case .accepted:
      guard trial.isRefusedForSignature else { return }
      log.add(.tagRefusalMismatch, in: commit, "judged again its signature counts, and it was refused since it does not")
    }
  }
}

extension TagSignature {
  fileprivate var words: String { "\(signer) with \(key)" }
}

extension TagJudgement {
  /// Whether no file of keys was read.
  var namesNoFile: Bool { signers == nil && revoked == nil && keyring == nil }
}
