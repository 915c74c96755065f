import ArgumentParser
import AuditVerification

/// `tagflip audit who`
struct AuditWhoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "who", abstract: "Who could have caused a change, and how far that is known.",
    discussion: """
      tagflip audit who web/7          by service and sequence
      tagflip audit who web/v1.4.0     all records of a tag; a rollout's id or a commit will do too

      With --trust it says whether the commit's signature counts, and whose it is.
      """)

  @OptionGroup var audit: AuditOptions
  @OptionGroup var trusted: TrustOptions
  @Argument(help: .init("Which change.", valueName: "change")) var change: String

  func run() async throws {
    let entries = try await AuditSubject(audit, trusted).entries(change)
    let texts = entries.compactMap { Responsibility($0) }.map { ResponsibilityText(responsibility: $0) }
    guard !texts.isEmpty else { throw CommandFailure(.unreadable, ["error: the record cannot be read", "  next: tagflip audit verify"]) }
    TextOutput.standard.result(texts, as: audit.output)
  }
}
