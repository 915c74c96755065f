import ReleaseModel

/// Changes as a table for spreadsheets (RFC 4180) and as JSON.
package enum ChangeTable {
  /// The columns with their titles, in order.
  static let columns: [(title: String, value: @Sendable (ChangeRecord) -> String)] = [
    ("Change", \.change), ("Service", \.service), ("Event", \.event), ("Installation", \.installation), ("Cluster", \.cluster),
    ("Namespace", \.namespace), ("Version", \.version), ("Tag", \.tag), ("Tag object", \.tagObject), ("Source commit", \.sourceCommit),
    ("Images", \.images), ("Requested by", \.requestedBy), ("Requested at", \.requestedAt), ("Reason", \.reason), ("Impact", \.impact),
    ("Change reference", \.changeReference), ("Approval", \.approval), ("Freeze override", \.freezeOverride),
    ("Planned at", \.plannedAt), ("Plan digest", \.planDigest),
    ("Test evidence", \.testEvidence), ("From", \.from), ("To", \.to), ("Result", \.result), ("Result reason", \.resultReason),
    ("Ended at", \.endedAt), ("Exposed to users", \.exposed), ("Timings", \.timings), ("Return procedure", \.returnProcedure),
    ("Decided by", \.decidedBy), ("Bot version", \.botVersion), ("Sources changed", \.sourcesChanged), ("Record", \.record),
    ("Record digest", \.recordDigest), ("Audit commit", \.auditCommit), ("Audit signature", \.auditSignature),
  ]

  /// The whole table with its header, lines ended by CR LF.
  package static func csv(_ changes: [ChangeRecord]) -> String {
    ([columns.map(\.title)] + changes.map { change in columns.map { $0.value(change) } }).map(line).joined()
  }

  /// An array of objects, keys as in ``ChangeRecord``.
  package static func json(_ changes: [ChangeRecord]) throws -> String { try CanonicalJSON.text(of: changes, pretty: true) }

  private static func line(_ cells: [String]) -> String { cells.map(cell).joined(separator: ",") + "\r\n" }

  /// One cell: quoted where it must be, and never taken for a formula.
  ///
  /// Spreadsheets calculate what begins with `=`, `+`, `-` or `@`, and skip white space before it: an apostrophe makes it text.
  static func cell(_ text: String) -> String {
    let plain = PlainText.line(text, longest: 4000)
    let guarded = plain.unicodeScalars.first.map { formulas.contains($0) } == true ? "'" + plain : plain
    guard guarded.unicodeScalars.contains(where: { $0 == "," || $0 == "\"" || $0 == ";" }) else { return guarded }
    return "\"" + guarded.replacing("\"", with: "\"\"") + "\""
  }

  /// The full-width forms are formulas in some spreadsheets too.
  private static let formulas: Set<Unicode.Scalar> = ["=", "+", "-", "@", "|", "%", "＝", "＋", "－", "＠"]
}
