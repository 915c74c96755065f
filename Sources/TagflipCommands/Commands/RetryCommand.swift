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
  @Argument(help: "The service.") var service: String
  @Argument(help: "The version, as its tag has it.") var version: String
  @Option(help: "Why, for the record.") var reason = "asked for by hand"

  func run() async throws {
    let report = try await Session(shared).perform { installation throws(PortError) in
      try await Retry(installation, service: try Session.service(service), version: try Session.version(version), reason: reason).run()
    }
    switch shared.output {
    case .text: TextOutput().result("\(service) \(version): let in once more (\(report.commit.prefix(10))); the next run releases it")
    case .json:
      let json: JSON = [
        "service": .string(service), "tag": .string(report.tag.name), "commit": .string(report.commit),
        "sequence": .int(Int64(report.sequence)),
      ]
      TextOutput().result(json.text)
    }
  }
}
