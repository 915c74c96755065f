import ArgumentParser
import ReleaseEngine
import ReleaseModel

/// `tagflip status`
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "What users are on, what is under way, and what happens next and when.",
    discussion: "Reads the cluster; of Git only the last record.")

  @OptionGroup var shared: SharedOptions
  @Argument(help: "One service; without it all.", transform: Word.service) var service: ServiceName?

  func run() async throws {
    let (services, now) = try await Session(shared).perform { [service] installation throws(PortError) in
      try await StatusQuery(installation).run(service)
    }
    if services.isEmpty && shared.output == .text { return TextOutput.standard.result("no service yet: begin with tagflip run") }
    TextOutput.standard.result(services.map { StatusText(status: $0, now: now) }, as: shared.output)
  }
}
