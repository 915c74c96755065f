import Digests

/// A record as a commit message: a subject that says what happened, a story for people, a line for each step, trailers for machines.
///
/// Text from outside stands only in lines that begin with a space or `>`, and only after ``PlainText``, so that none of it can pass for a
/// trailer (git-interpret-trailers(1)) or reach a terminal as an escape.
package struct CommitMessage: Sendable, Hashable {
  package let subject: String
  package let body: [String]
  package let trailers: [(name: String, value: String)]

  /// - Parameter path: where the record lies in the tree.
  package init(_ record: AuditRecord, path: String) {
    let story = RecordStory(record)
    subject = PlainText.line(story.subject, longest: 100)
    body = story.paragraphs
    trailers = RecordTrailers(record, path: path).all
  }

  /// The whole message, with one newline at its end.
  package var text: String {
    let lines = [subject, ""] + body + [""] + trailers.map { "\($0.name): \($0.value)" }
    return lines.joined(separator: "\n") + "\n"
  }

  package static func == (left: CommitMessage, right: CommitMessage) -> Bool { left.text == right.text }
  package func hash(into hasher: inout Hasher) { hasher.combine(text) }
}

/// The trailers of a record.
struct RecordTrailers {
  private let record: AuditRecord
  private let path: String

  init(_ record: AuditRecord, path: String) {
    self.record = record
    self.path = path
  }

  var all: [(name: String, value: String)] {
    let conclusion = record.conclusion
    let from = record.plan?.from ?? conclusion?.from
    let to = record.plan?.to ?? conclusion?.to
    let named: [(String, String?)] = [
      ("Event", record.event.rawValue), ("Service", record.service.text), ("Version", record.version?.text), ("Tag", record.tag?.tag.name),
      ("Tag-Object", record.tag?.tag.object), ("Commit", record.tag?.commit), ("Outcome", record.outcome?.rawValue),
      ("From", from?.rawValue), ("To", to?.rawValue), ("Rollout", record.rollout?.text), ("Sequence", String(record.sequence)),
      ("Previous", record.previous?.description), ("Actor", record.actor), ("Tagger-Claimed", record.tag?.tagger),
      ("Approval", record.approval), ("Override", record.override),
      ("Signed-By", record.tag?.signature.map { "\($0.signer) \($0.key)" }),
      ("Cutover-At", record.cutover?.at.description), ("Cutover-Ms", record.cutover.map { String($0.patchMs) }),
      ("Plan-Digest", record.planDigest?.description), ("Settings-Digest", record.sources?.settings.description),
      ("Lost-Head", record.reseal?.lost.commit), ("Found-Head", record.reseal?.found?.commit),
      ("Drift", record.drift.map { String($0.findings.count + $0.more) }),
      ("Quarantine", conclusion?.quarantines == true ? "yes" : nil), ("Bot-Version", record.botVersion),
    ]
    let images = (record.plan?.images ?? []).map { ("Image", Optional($0)) }
    let running = record.images.map { ("Image-Digest", Optional("\($0.workload) \($0.id)")) }
    let operators = record.operators.map { ("Requested-By", Optional("\($0.signer) \($0.key)")) }
    return (named + operators + images + running + [("Record", Optional(path))]).compactMap { name, value in
      value.map { (name, PlainText.line($0, longest: 300)) }
    }
  }
}
