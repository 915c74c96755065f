import ArgumentParser
import ReleaseEngine
import ReleaseModel

/// `tagflip plan`
struct PlanCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan", abstract: "Show what the release of a tag would do, or of a version that is not tagged yet. Changes nothing.",
    usage: """
      tagflip plan <tag> [<options>]
      tagflip plan <service> --version <x.y.z> [--at <folder or commit>] [<options>]
      """,
    discussion: """
      tagflip plan web/v1.4.0
      tagflip plan web --version 1.4.0         as if the branch's tip were tagged
      tagflip plan web --version 1.4.0 --at .  as if this folder were
      """)

  @OptionGroup var shared: SharedOptions
  @Argument(help: .init("A release tag, or a service together with --version.", valueName: "tag or service")) var subject: String
  @Option(help: .init("The version that is to be released.", valueName: "x.y.z"), transform: Word.version) var version: Version?
  @Option(
    help: .init(
      "Where its files are: a folder, or a commit's full id (default: the protected branch's tip).", valueName: "folder or commit"))
  var at: String?
  @Flag(help: "Do not ask the cluster.") var offline = false

  func validate() throws {
    guard version != nil else {
      guard at == nil else { throw ValidationError("--at goes with --version: tagflip plan SERVICE --version VERSION --at \(at ?? "")") }
      return
    }
    _ = try Word.service(subject)
    guard let at, Place(at) == nil else { return }
    throw ValidationError("--at \(Word.plain(at)) is neither a folder nor a commit's full id (git rev-parse HEAD)")
  }

  func run() async throws {
    let wanted = PlanSubject(subject: subject, version: version, place: at.flatMap { Place($0) }, withCluster: !offline)
    let report = try await Session(shared).perform(files: wanted.files, asksCluster: !offline) { installation throws(PortError) in
      try await wanted.report(installation)
    }
    TextOutput.standard.result(PlanText(report: report), as: shared.output)
    if !report.objections.isEmpty { throw CommandFailure(.refused) }
  }

  /// Where a version's files are.
  enum Place: Sendable, Equatable {
    case folder(String)
    case commit(String)

    /// nil for a text that names neither.
    init?(_ text: String) {
      if Files.isFolder(text) {
        self = .folder(text)
      } else if [40, 64].contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }) {
        self = .commit(text)
      } else {
        return nil
      }
    }
  }
}
