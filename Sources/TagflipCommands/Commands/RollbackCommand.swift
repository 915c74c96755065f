import ArgumentParser
import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// `tagflip rollback`
struct RollbackCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback", abstract: "Send users back to the standby now; before exposure, abort the rollout.",
    discussion: "Asks neither Git nor a Lease. To a cold standby it takes a pod start.")

  @OptionGroup var shared: SharedOptions
  @Argument(help: "The service.", transform: Word.service) var service: ServiceName
  @Option(help: .init("Why, for the record.", valueName: "text")) var reason = "rolled back by hand"
  @Flag(help: "Go back even though no pod of the standby is ready.") var force = false

  func run() async throws {
    let report = try await Session(shared).perform(grace: Termination.grace) { [service, reason, force] installation throws(PortError) in
      try await Rollback(installation, service: service, reason: reason, force: force).run()
    }
    TextOutput.standard.result(RollbackText(service: service, report: report), as: shared.output)
  }
}

/// What a rollback did, for standard output.
struct RollbackText: ResultText {
  let service: ServiceName
  let report: Rollback.Report

  var text: String {
    let version = report.conclusion.version.map { " \($0)" } ?? ""
    let what =
      switch report.change {
      case .wentBack(let color, let patchMs): "\(service): users are back on \(color) (the flip took \(patchMs) ms)"
      case .aborted: "\(service)\(version): aborted, users never saw it"
      case .nothing:
        "\(service)\(version): nothing to do, it was decided before: \(report.conclusion.outcome?.rawValue ?? report.conclusion.event.rawValue)"
      }
    if let holder = report.leftTo { return "\(what); \(holder) does what remains" }
    return report.recorded ? what : "\(what); the record is not in Git yet, the next run pushes it"
  }

  var json: JSON {
    var json: JSON = [
      "service": .string(service.text), "outcome": report.conclusion.outcome.map { .string($0.rawValue) } ?? .null,
      "version": report.conclusion.version.map { .string($0.text) } ?? .null, "recorded": .bool(report.recorded),
      "rollout": .string(report.conclusion.rollout.text), "leftTo": report.leftTo.map { .string($0) } ?? .null,
    ]
    switch report.change {
    case .wentBack(let color, let patchMs):
      json["change"] = "went-back"
      json["color"] = .string(color.rawValue)
      json["patchMs"] = .int(Int64(patchMs))
    case .aborted: json["change"] = "aborted"
    case .nothing: json["change"] = "nothing"
    }
    return json
  }
}
