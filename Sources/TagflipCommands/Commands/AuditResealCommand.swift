import ArgumentParser
import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// `tagflip audit reseal`
struct AuditResealCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reseal", abstract: "Accept the audit branch as it is after somebody rewrote, reset or deleted it.",
    discussion: """
      A branch that does not lead back to the commit that the cluster remembers stops new rollouts. Restoring it from a clone is the better
      way; this is the other. The trail of every service says from then on that it happened, who accepted it and why.

      Where the settings name operators, one of them signs it (--sign KEY), and a second person where they ask for one: --save FILE, then
      --request FILE --sign KEY.
      """)

  @OptionGroup var shared: SharedOptions
  @Option(help: .init("Why it may be accepted, for the record.", valueName: "text")) var reason: String
  @OptionGroup var signing: SigningOptions

  func run() async throws {
    let hand = try signing.hand()
    let result = try await Session(shared).perform { [reason] installation throws(PortError) in
      try await Reseal(installation, reason: reason).run(by: hand)
    }
    switch result {
    case .committed(let report): TextOutput.standard.result(ResealText(report: report), as: shared.output)
    case .signed(let request):
      let path = signing.save ?? ""
      try SavedRequestText.save(request, to: path)
      let next = "tagflip audit reseal --reason TEXT --request \(Word.plain(path)) --sign KEY"
      TextOutput.standard.result(SavedRequestText(request: request, path: path, next: next), as: shared.output)
    }
  }
}

/// What was accepted, for standard output.
struct ResealText: ResultText {
  let report: Reseal.Report

  var text: String {
    let found = report.found.map { "\(Count.words($0.records, "record")) at \($0.commit.prefix(12))" } ?? "nothing"
    return """
      accepted \(found), where \(Count.words(report.lost.records, "record")) at \(report.lost.commit.prefix(12)) were known
      the branch is at \(report.head.commit.prefix(12)) now; new rollouts start again with the next run
      """
  }

  var json: JSON {
    ["lost": Self.json(report.lost), "found": report.found.map(Self.json) ?? .null, "head": Self.json(report.head)]
  }

  private static func json(_ anchor: AuditAnchor) -> JSON {
    ["commit": .string(anchor.commit), "records": .int(Int64(anchor.records))]
  }
}
