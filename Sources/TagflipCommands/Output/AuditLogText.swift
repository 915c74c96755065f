import AuditVerification
import GitStore
import KubernetesModel
import ReleaseModel

/// Records as a list, newest first, for standard output.
struct AuditLogText: ResultText {
  /// What a line needs of a record.
  struct Entry: Sendable {
    let change: String
    let commit: String
    let digest: String
    let at: Timestamp?
    let subject: String
    let record: AuditRecord?

    init(_ entry: AuditReader.Entry) {
      commit = entry.commit.hex
      digest = "\(entry.digest)"
      record = entry.record
      at = entry.record?.at
      change = entry.record.map { "\($0.service)/\($0.sequence)" } ?? Word.plain(entry.path)
      subject = entry.record.map { CommitMessage($0, path: entry.path).subject } ?? "this record cannot be read: tagflip audit verify"
    }
  }

  let entries: [Entry]
  let hasMore: Bool

  var text: String {
    guard !entries.isEmpty else { return "no such record" }
    let width = entries.map(\.change.count).max() ?? 0
    let lines = entries.map { entry in
      let time = entry.at.map { "\($0)".prefix(19).replacing("T", with: " ") } ?? "unknown            "
      return "\(time)  \(entry.commit.prefix(10))  \(NarrationText.padded(entry.change, width, left: false))  \(entry.subject)"
    }
    return (lines + (hasMore ? ["… and older ones: --number \(entries.count * 10)"] : [])).joined(separator: "\n")
  }

  var json: JSON {
    .array(
      entries.map { entry in
        [
          "change": .string(entry.change), "commit": .string(entry.commit), "digest": .string(entry.digest),
          "at": entry.at.map { .string("\($0)") } ?? .null, "subject": .string(entry.subject),
          "event": entry.record.map { .string($0.event.rawValue) } ?? .null,
          "version": entry.record?.version.map { .string($0.text) } ?? .null,
          "outcome": entry.record?.outcome.map { .string($0.rawValue) } ?? .null,
          "actor": entry.record.map { .string($0.actor) } ?? .null,
        ]
      })
  }
}
