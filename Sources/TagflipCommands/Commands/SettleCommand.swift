import ArgumentParser
import ReleaseEngine
import ReleaseModel

/// `tagflip settle`
struct SettleCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "settle", abstract: "After another hand moved the Service: say what is right.",
    discussion: """
      tagflip settle web --restore --reason TEXT   users go back to the color that the marker names, if it is ready
      tagflip settle web --accept --reason TEXT    users stay where they are, and the marker says so
      """)

  @OptionGroup var shared: SharedOptions
  @Argument(help: "The service.", transform: Word.service) var service: ServiceName
  @Flag(help: "Users go back to the color that the marker names.") var restore = false
  @Flag(help: "Users stay where they are.") var accept = false
  @Option(help: .init("Why, for the record.", valueName: "text")) var reason: String

  func validate() throws {
    guard restore != accept else { throw ValidationError("say what is right: --restore or --accept") }
  }

  func run() async throws {
    let report = try await Session(shared).perform(grace: Termination.grace) { [service, restore, reason] installation throws(PortError) in
      let target = try await CatalogTarget(installation).find(service, to: "settle \(service)")
      return try await Settle(installation, target: target, way: restore ? .restore : .accept, reason: reason).run()
    }
    TextOutput.standard.result(SettleText(service: service, report: report), as: shared.output)
  }
}
