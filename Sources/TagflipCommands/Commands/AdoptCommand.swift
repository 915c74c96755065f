import ArgumentParser
import ReleaseEngine
import ReleaseModel

/// `tagflip adopt`
struct AdoptCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "adopt", abstract: "Let what serves users now stand for blue, without a restart and without a lost request.",
    discussion: """
      tagflip adopt web --dry-run          what would be done, and what speaks against it
      tagflip adopt web --version 1.3.0    what runs there, so that only higher tags are released

      One conditional PATCH narrows the Service to the pods that it selects anyway. The first release is built beside them and can go back to
      them. tagflip leave undoes it.
      """)

  @OptionGroup var shared: SharedOptions
  @Argument(help: "The service, as tagflip.yaml names it.", transform: Word.service) var service: ServiceName
  @Option(help: .init("The version that runs there.", valueName: "x.y.z"), transform: Word.version) var version: Version?
  @Option(help: .init("Why, for the record.", valueName: "text")) var reason = "adopted by hand"
  @Flag(help: "Only say what would be done.") var dryRun = false

  func run() async throws {
    let report = try await Session(shared).perform(grace: Termination.grace) {
      [service, version, reason, dryRun] installation throws(PortError) in
      let target = try await CatalogTarget(installation).find(service, to: "adopt \(service)")
      let adopt = Adopt(installation, target: target, version: version, reason: reason)
      return try await dryRun ? adopt.rehearse() : adopt.run()
    }
    TextOutput.standard.result(AdoptText(service: service, report: report), as: shared.output)
    if !report.candidate.objections.isEmpty { throw CommandFailure(.refused) }
  }
}

/// Where a service lies by what the protected branch says, whether a run has seen it or not.
struct CatalogTarget {
  private let installation: Installation

  init(_ installation: Installation) { self.installation = installation }

  func find(_ service: ServiceName, to attempted: String) async throws(PortError) -> ServiceTarget {
    let ports = installation.ports
    let refs = try await ports.tags.listing()
    let catalog = try await ports.plans.catalog(at: refs.tip(installation.settings.repository, to: attempted))
    if let broken = catalog.broken[service] { throw broken }
    guard let target = catalog.targets[service] else {
      throw PortError(
        .notFound, attempted: attempted, reason: "tagflip.yaml names no such service",
        hint: Word.hint(service.text, catalog.services.map(\.text)))
    }
    return target
  }
}
