import ReleaseEngine
import ReleaseModel

/// What a webhook gets: `text` for Slack and its likes, and the same in fields.
struct NoticeDocument {
  private struct Document: Encodable {
    var text: String
    var service: String
    var version: String?
    var outcome: String?
    var reason: String?
    var rollout: String?
    var from: String?
    var to: String?
    var installation: String
    var sequence: Int
    var at: Timestamp?
    var quarantined: Bool
    var auditHead: String?
    var auditCount: Int?
  }

  let bytes: [UInt8]

  init(_ notice: Notice) {
    let record = notice.record
    let conclusion = record.conclusion
    let document = Document(
      text: NoticeDocument.line(record), service: record.service.text, version: record.version?.text, outcome: record.outcome?.rawValue,
      reason: record.reason, rollout: record.rollout?.text, from: conclusion?.from?.rawValue, to: conclusion?.to?.rawValue,
      installation: record.installation, sequence: record.sequence, at: record.at, quarantined: conclusion?.quarantines ?? false,
      auditHead: notice.auditHead, auditCount: notice.auditCount)
    // A document of texts and numbers always encodes.
    bytes = (try? CanonicalJSON.bytes(of: document)) ?? []
  }

  /// One line that says it all.
  private static func line(_ record: AuditRecord) -> String {
    let subject = CommitMessage(record, path: "").subject
    let reason = record.outcome == .promoted ? "" : record.reason.map { ". Why: \(PlainText.line($0, longest: 200))" } ?? ""
    return "[\(record.installation)] \(subject)\(reason)"
  }
}
