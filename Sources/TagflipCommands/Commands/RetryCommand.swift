import ArgumentParser
import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// `tagflip retry`
struct RetryCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "retry", abstract: "Commit the wish to release a version once more: lifts its quarantine, or brings back an older one.",
    discussion: "The next run releases it through all gates.")

  @OptionGroup var shared: SharedOptions
  @Argument(help: "The service.", transform: Word.service) var service: ServiceName
  @Argument(help: "The version, as its tag has it.", transform: Word.version) var version: Version
  @Option(help: .init("Why, for the record.", valueName: "text")) var reason = "asked for by hand"

  func run() async throws {
    let report = try await Session(shared).perform { [service, version, reason] installation throws(PortError) in
      try await Retry(installation, service: service, version: version, reason: reason).run()
    }
    TextOutput.standard.result(RetryText(report: report), as: shared.output)
  }
}

/// What a retry committed, for standard output.
struct RetryText: ResultText {
  let report: Retry.Report

  var text: String {
    "\(report.tag.service) \(report.tag.version): let in once more (\(report.commit.prefix(10))); the next run releases it"
  }

  var json: JSON {
    [
      "service": .string(report.tag.service.text), "version": .string(report.tag.version.text), "tag": .string(report.tag.name),
      "commit": .string(report.commit), "sequence": .int(Int64(report.sequence)),
    ]
  }
}
