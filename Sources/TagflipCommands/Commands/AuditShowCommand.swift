import ArgumentParser
import AuditVerification
import GitStore
import ReleaseModel

/// `tagflip audit show`
struct AuditShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "One record, with its story and its evidence.",
    discussion: """
      tagflip audit show web/7         by service and sequence
      tagflip audit show web/v1.4.0    all records of a tag; a rollout's id or a commit will do too

      With --trust it says whether the commit's signature counts, and whose it is.
      """)

  @OptionGroup var audit: AuditOptions
  @OptionGroup var trusted: TrustOptions
  @Argument(help: .init("What to show.", valueName: "change")) var change: String

  func run() async throws {
    let entries = try await AuditSubject(audit, trusted).entries(change)
    let texts = entries.map { AuditRecordText(entry: $0) }
    TextOutput.standard.result(texts, as: audit.output)
  }
}

/// The records that a word of the command line names.
struct AuditSubject {
  private let audit: AuditOptions
  private let trusted: TrustOptions

  init(_ audit: AuditOptions, _ trusted: TrustOptions) { (self.audit, self.trusted) = (audit, trusted) }

  /// Oldest first.
  func entries(_ word: String) async throws -> [AuditReader.Entry] {
    let (reader, clone) = (AuditReader(branch: audit.branch, judge: try trusted.judge()), try audit.clone())
    let changes = try await audit.read { () throws(GitError) in try await reader.changes(named: word, in: clone) }
    guard !changes.isEmpty else {
      throw CommandFailure(
        .configuration,
        [
          "error: no record is called \(Word.plain(word)), nor is a tag, rollout or commit of one",
          "  next: see what there is: tagflip audit log",
        ])
    }
    return try await audit.read { () throws(GitError) in try await reader.entries(changes, in: clone) }
  }
}
