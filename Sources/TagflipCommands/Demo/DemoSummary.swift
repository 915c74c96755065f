import ReleaseEngine
import ReleaseModel

/// What the demo shows at its end: the log, the timings, and what users met.
struct DemoSummary {
  let log: String
  let records: [AuditRecord]
  let tally: LoadGenerator.Tally

  var lines: [String] {
    ["", "The audit branch (git log tagflip/audit):", ""] + log.split(separator: "\n").map { "  \($0)" } + timings + requests
  }

  private var timings: [String] {
    let names: [Step] = [.verify, .headroom, .plan, .deploy, .smoke, .cutover, .bake, .rollback]
    var lines = ["", "Timings in milliseconds, from the records:", ""]
    lines.append(
      "  " + cell("version", 9, left: false) + cell("outcome", 13, left: false) + names.map { cell($0.rawValue, 9) }.joined()
        + cell("moved", 8))
    for record in records where record.event == .outcome {
      let steps = names.map { name in
        cell(record.steps.last { $0.step == name }.map { String($0.ms) } ?? "-", 9)
      }
      lines.append(
        "  " + cell(record.version?.text ?? "", 9, left: false) + cell(record.outcome?.rawValue ?? "", 13, left: false) + steps.joined()
          + cell(record.cutover?.convergedMs.map(String.init) ?? "-", 8))
    }
    return lines + ["", "  moved: from sending the flip's PATCH until the EndpointSlices held exactly the new pods"]
  }

  private var requests: [String] {
    var lines = ["", "Requests of users, each on a new connection:", ""]
    lines.append("  " + cell("version", 9, left: false) + cell("answered", 10) + cell("failed", 8))
    for (version, count) in tally.byVersion.sorted(by: { $0.key < $1.key }) {
      let note = count.failed > 0 ? "   its own errors while it was exposed" : ""
      lines.append("  " + cell(version, 9, left: false) + cell(String(count.answered), 10) + cell(String(count.failed), 8) + note)
    }
    lines.append("")
    lines.append("  sent \(tally.sent), lost over the flips \(tally.lost)\(tally.firstLoss.map { " (\($0))" } ?? "")")
    return lines
  }

  private func cell(_ text: String, _ width: Int, left: Bool = true) -> String { NarrationText.padded(text, width, left: left) }
}
