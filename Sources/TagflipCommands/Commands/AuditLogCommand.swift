import ArgumentParser
import AuditVerification
import GitStore
import ReleaseModel

/// `tagflip audit log`
struct AuditLogCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "log", abstract: "What happened, newest first.",
    discussion: "It shows what the branch says. Whether that can be relied upon: tagflip audit verify")

  @OptionGroup var audit: AuditOptions
  @OptionGroup var filter: AuditFilterOptions
  @Option(name: .shortAndLong, help: .init("The most records that are shown.", valueName: "how many")) var number = 50

  func validate() throws {
    guard number > 0 else { throw ValidationError("--number must be at least 1") }
  }

  func run() async throws {
    var wanted = filter.filter
    // One more tells whether there are older ones.
    wanted.limit = number + 1
    let (reader, clone) = (AuditReader(branch: audit.branch), try audit.clone())
    let entries = try await audit.read { () throws(GitError) in
      try await reader.newestFirst(in: clone, wanted) { AuditLogText.Entry($0) }
    }
    TextOutput.standard.result(AuditLogText(entries: Array(entries.prefix(number)), hasMore: entries.count > number), as: audit.output)
  }
}
