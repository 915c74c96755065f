import ArgumentParser
import AuditVerification
import GitStore
import ReleaseModel

/// `tagflip audit export`
struct AuditExportCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "The changes of a period as CSV or JSON, one a row, with what change auditors ask for.",
    discussion: """
      A row for each rollout, each rollback of what had been promoted, and each tag that got no rollout, oldest first. Reason, impact and
      change reference are read from lines of the tag's message (Reason: …, Impact: …, Change: …); what is not there is "not evidenced".
      """)

  @OptionGroup var audit: AuditOptions
  @OptionGroup var filter: AuditFilterOptions
  func run() async throws {
    let (reader, clone, wanted) = (AuditReader(branch: audit.branch), try audit.clone(), filter.filter)
    let changes = try await audit.read { () throws(GitError) in
      try await reader.newestFirst(in: clone, wanted) { ChangeRecord($0) }
    }
    let ordered = Array(changes.reversed())
    switch audit.output {
    case .text: TextOutput.standard.resultRaw(ChangeTable.csv(ordered))
    case .json: TextOutput.standard.result(try ChangeTable.json(ordered))
    }
    TextOutput.standard.narrate("\(Count.words(ordered.count, "change")); whether the trail is whole: tagflip audit verify")
  }
}
