import ReleaseEngine
import ReleaseModel

/// What the demo shows at its end: the log, the timings, and what users met.
struct DemoSummary {
  let log: String
  /// What git says of each commit's signature.
  let signatures: [String]
  let records: [AuditRecord]
  let tally: LoadGenerator.Tally

  var lines: [String] {
    ["", "The audit branch (git log tagflip/audit):", ""] + log.split(separator: "\n").map { "  \($0)" } + trust + timings + requests
  }

  private var trust: [String] {
    let good = signatures.count { $0 == "G" }
    return ["", "  \(good) of \(signatures.count) commits carry a good signature of the bot's key (git log --format=%G?)"]
  }

  /// A row for each step, so that it fits the narrowest terminal.
  private var timings: [String] {
    let outcomes = records.filter { $0.event == .outcome }
    let names: [Step] = [.verify, .headroom, .plan, .deploy, .smoke, .cutover, .bake, .rollback]
    func row(_ name: String, _ value: (AuditRecord) -> String?) -> String {
      "  " + cell(name, 9, left: false) + outcomes.map { cell(value($0) ?? "-", 13) }.joined()
    }
    var lines = ["", "Timings in milliseconds, from the records:", ""]
    lines += [row("version") { $0.version?.text }, row("outcome") { $0.outcome?.rawValue }]
    lines += names.map { name in row(name.rawValue) { record in record.steps.last { $0.step == name }.map { String($0.ms) } } }
    lines.append(row("moved") { $0.cutover?.convergedMs.map { String($0) } })
    return lines + ["", "  moved: from sending the flip's PATCH until the EndpointSlices", "         held exactly the new pods"]
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
