import ArgumentParser
import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// `tagflip status`
struct StatusCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "What users are on, what is under way, and what happens next and when.")

  @OptionGroup var shared: SharedOptions
  @Argument(help: "One service; without it all.") var service: String?

  func run() async throws {
    let (services, now) = try await Session(shared).perform { installation throws(PortError) in
      let name = try service.map { text throws(PortError) in try Session.service(text) }
      return try await StatusQuery(installation).run(name)
    }
    switch shared.output {
    case .text:
      let texts = services.map { StatusText(status: $0, now: now).text }
      TextOutput().result(texts.isEmpty ? "no service yet: begin with tagflip run" : texts.joined(separator: "\n\n"))
    case .json: TextOutput().result(JSON.array(services.map { StatusText(status: $0, now: now).json }).text)
    }
  }
}
