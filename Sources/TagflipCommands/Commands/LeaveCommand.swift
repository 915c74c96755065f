import ArgumentParser
import ReleaseEngine
import ReleaseModel

/// `tagflip leave`
struct LeaveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "leave", abstract: "Undo adopt: the Service selects again what it selected before.",
    discussion: "Possible while users are on what was adopted. Then remove the service from tagflip.yaml.")

  @OptionGroup var shared: SharedOptions
  @Argument(help: "The service.", transform: Word.service) var service: ServiceName
  @Option(help: .init("Why, for the record.", valueName: "text")) var reason = "left by hand"

  func run() async throws {
    let report = try await Session(shared).perform(grace: Termination.grace) { [service, reason] installation throws(PortError) in
      let target = try await CatalogTarget(installation).find(service, to: "leave \(service)")
      return try await Leave(installation, target: target, reason: reason).run()
    }
    TextOutput.standard.result(LeaveText(service: service, report: report), as: shared.output)
  }
}
