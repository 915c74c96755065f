// A report of drift, and its end, in words.
extension RecordStory {
  func driftSubject(_ name: String) -> String {
    guard let drift = record.drift, let first = drift.findings.first else { return "No drift on \(name) any more" }
    let others = drift.findings.count - 1 + drift.more
    return "Report drift on \(name): \(first.briefly)\(others > 0 ? " (and \(others) more)" : "")"
  }

  var driftStory: String {
    guard let drift = record.drift, !drift.findings.isEmpty else {
      return "What was reported before is not there any more: somebody put it right, or another release is live. Tagflip changed nothing."
    }
    return
      "No rollout was open, and another hand than tagflip's had changed what users are on, or what a rollback rests on. It was first seen at "
      + "\(drift.since). Tagflip changed nothing, and puts nothing right by itself."
  }

  /// A line for each finding.
  var driftBlock: [String] {
    guard let drift = record.drift, record.event == .drift, !drift.findings.isEmpty else { return [] }
    let lines = drift.findings.flatMap { wrapped($0.words, indent: "  ").map { "  \($0)" } }
    return drift.more > 0 ? lines + ["  and \(drift.more) more"] : lines
  }
}
