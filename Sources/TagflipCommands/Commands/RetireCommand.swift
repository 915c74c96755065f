import ArgumentParser
import ReleaseEngine
import ReleaseModel

/// `tagflip retire`
struct RetireCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retire", abstract: "Let the standby go cold now instead of at the end of its window.")

  @OptionGroup var shared: SharedOptions
  @Argument(help: "The service.") var service: String

  func run() async throws {
    let retired = try await Session(shared).perform { installation throws(PortError) in
      try await Retire(installation, service: try Session.service(service)).run()
    }
    let version = retired?.version.map { " (\($0))" } ?? ""
    let text = retired.map { "\(service): \($0.color)\(version) is cold now" } ?? "\(service): there is no warm standby"
    switch shared.output {
    case .text: TextOutput().result(text)
    case .json: TextOutput().result("{\"retired\":\(retired.map { "\"\($0.color)\"" } ?? "null"),\"service\":\"\(service)\"}")
    }
  }
}
