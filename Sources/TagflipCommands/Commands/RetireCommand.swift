import ArgumentParser
import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// `tagflip retire`
struct RetireCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retire", abstract: "Let the standby go cold now instead of at the end of its window.",
    discussion: "Its objects stay; a rollback to it then takes a pod start.")

  @OptionGroup var shared: SharedOptions
  @Argument(help: "The service.", transform: Word.service) var service: ServiceName

  func run() async throws {
    let retired = try await Session(shared).perform(grace: Termination.grace) { [service] installation throws(PortError) in
      try await Retire(installation, service: service).run()
    }
    TextOutput.standard.result(RetireText(service: service, retired: retired), as: shared.output)
  }
}

/// What became of a standby, for standard output.
struct RetireText: ResultText {
  let service: ServiceName
  let retired: Marker.Standby?

  var text: String {
    guard let retired else { return "\(service): there is no warm standby" }
    return "\(service): \(retired.color)\(retired.version.map { " (\($0))" } ?? "") is cold now"
  }

  var json: JSON {
    [
      "service": .string(service.text), "retired": retired.map { .string($0.color.rawValue) } ?? .null,
      "version": retired?.version.map { .string($0.text) } ?? .null,
    ]
  }
}
