import Digests
import GitStore
import ReleaseModel

/// One change as those who audit changes ask for it, every field a text: what is not known says so.
package struct ChangeRecord: Sendable, Hashable, Codable {
  /// `web/7`: the record that says how it ended, or announces it while it is open.
  package var change: String
  package var service: String
  package var event: String
  package var installation: String
  package var cluster: String
  package var namespace: String
  package var version: String
  package var tag: String
  package var tagObject: String
  package var sourceCommit: String
  package var images: String
  package var requestedBy: String
  package var requestedAt: String
  package var reason: String
  package var impact: String
  package var changeReference: String
  package var approval: String
  package var freezeOverride: String
  package var plannedAt: String
  package var planDigest: String
  package var testEvidence: String
  package var from: String
  package var to: String
  package var result: String
  package var resultReason: String
  package var endedAt: String
  package var exposed: String
  package var timings: String
  package var returnProcedure: String
  package var decidedBy: String
  package var botVersion: String
  package var sourcesChanged: String
  package var record: String
  package var recordDigest: String
  package var auditCommit: String
  package var auditSignature: String

  /// Nil for records that are no change of their own: what was noted, a standby that went cold, a retry, a plan whose outcome is on record.
  package init?(_ entry: AuditReader.Entry) {
    guard let record = entry.record else { return nil }
    switch record.event {
    case .outcome, .refused, .superseded: break
    case .plan: guard entry.outcome == nil else { return nil }
    case .noted, .retired, .adopted, .left, .settled, .retry, .override, .deleted, .resealed, .drift: return nil
    }
    let facts = ChangeFacts(record, entry.plan)
    let tag = record.tag ?? entry.plan?.tag
    let message = TagMessage(tag?.message ?? "")
    let missing = TagMessage.missing
    change = "\(ChangeID(service: record.service, sequence: record.sequence))"
    service = record.service.text
    event = record.event.rawValue
    installation = record.installation
    cluster = facts.plan?.cluster ?? missing
    namespace = facts.plan?.settings.namespace ?? missing
    version = record.version?.text ?? missing
    self.tag = tag?.tag.name ?? missing
    tagObject = tag?.tag.object ?? missing
    sourceCommit = tag?.commit ?? missing
    // What ran counts; what was only named where nothing is known of it.
    images =
      record.images.isEmpty
      ? facts.plan.map { $0.images.joined(separator: " ") } ?? missing : record.images.map(\.id).joined(separator: " ")
    requestedBy = entry.requester
    requestedAt = tag?.taggedAt.map { "\($0) (claimed)" } ?? missing
    reason = message.reason ?? missing
    impact = message.impact ?? missing
    changeReference = message.reference ?? missing
    approval = facts.approval
    freezeOverride = entry.override.map { "\($0.askedBy): \($0.reason ?? missing)" } ?? "not needed"
    plannedAt = entry.plan?.at.map { "\($0)" } ?? missing
    planDigest = (record.planDigest ?? entry.plan?.planDigest).map { "\($0)" } ?? missing
    testEvidence = facts.tests
    from = facts.from
    to = facts.to
    result = facts.result
    resultReason = record.reason ?? ""
    endedAt = record.event == .plan ? "" : record.at.map { "\($0)" } ?? missing
    exposed = facts.exposed
    timings = facts.timings
    returnProcedure = facts.returnProcedure
    decidedBy = record.actor
    botVersion = record.botVersion
    sourcesChanged = facts.sourcesChanged
    self.record = entry.path
    recordDigest = "\(entry.digest)"
    auditCommit = entry.commit.hex
    auditSignature = entry.isSigned ? "present, not judged" : "none"
  }
}

extension AuditReader.Entry {
  /// Who asked for the release, as far as it is known: a tag's own word is a claim.
  package var requester: String {
    guard let record else { return TagMessage.missing }
    if OperatorRequest.Action(record.event) != nil { return record.askedBy }
    if let retry { return "\(retry.askedBy), by a retry" }
    if record.event == .outcome, plan == nil { return record.askedBy }
    let tag = record.tag ?? plan?.tag
    if let signature = tag?.signature { return "\(signature.signer) (signed with \(signature.key), verified by the bot)" }
    guard let tagger = tag?.tagger else { return TagMessage.missing }
    return "\(tagger) (claimed)"
  }
}

extension AuditRecord {
  /// In whose name it was asked for: the operators who signed, else whom the API server took the caller for.
  package var askedBy: String {
    guard !operators.isEmpty else { return "\(actor) (by the API server's word)" }
    return operators.map { "\($0.signer) (signed with \($0.key), verified by the bot)" }.joined(separator: " and ")
  }
}
