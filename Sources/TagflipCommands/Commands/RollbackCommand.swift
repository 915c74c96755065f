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
  @Argument(help: "The service.") var service: String
  @Option(help: "Why, for the record.") var reason = "rolled back by hand"
  @Flag(help: "Go back even though no pod of the standby is ready.") var force = false

  func run() async throws {
    let report = try await Session(shared).perform { installation throws(PortError) in
      try await Rollback(installation, service: try Session.service(service), reason: reason, force: force).run()
    }
    let output = TextOutput()
    switch shared.output {
    case .text: output.result(text(report))
    case .json: output.result(json(report).text)
    }
  }

  private func text(_ report: Rollback.Report) -> String {
    let version = report.conclusion.version.map { " \($0)" } ?? ""
    let what =
      switch report.change {
      case .wentBack(let color, let patchMs): "\(service): users are back on \(color) (the flip took \(patchMs) ms)"
      case .aborted: "\(service)\(version): aborted, users never saw it"
      case .nothing: "\(service)\(version): nothing to do, it was decided before: \(report.conclusion.outcome?.rawValue ?? "")"
      }
    if let holder = report.leftTo { return "\(what); \(holder) does what remains" }
    return report.recorded ? what : "\(what); the record is not in Git yet, the next run pushes it"
  }

  private func json(_ report: Rollback.Report) -> JSON {
    var json: JSON = [
      "service": .string(service), "outcome": .string(report.conclusion.outcome?.rawValue ?? ""), "recorded": .bool(report.recorded),
      "rollout": .string(report.conclusion.rollout.text), "leftTo": report.leftTo.map { .string($0) } ?? .null,
    ]
    if case .wentBack(let color, let patchMs) = report.change {
      json["color"] = .string(color.rawValue)
      json["patchMs"] = .int(Int64(patchMs))
    }
    return json
  }
}
