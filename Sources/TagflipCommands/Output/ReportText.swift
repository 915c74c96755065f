import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// What a run did, for standard output.
struct RunText: ResultText {
  let report: RunReport

  var text: String {
    var lines: [String] = []
    if report.endedEarly { return "nothing to do" }
    for (service, results) in report.results.sorted(by: { $0.key < $1.key }) {
      for result in results { lines += words(service, result) }
    }
    // One that was told to stop has said so where it stopped.
    for error in report.failures where error.kind != .cancelled || lines.isEmpty { lines += ErrorText.lines(error) }
    return lines.isEmpty ? "nothing to do" : lines.joined(separator: "\n")
  }

  private func words(_ service: ServiceName, _ result: RunReport.Result) -> [String] {
    switch result {
    case .nothing: return []
    case .noted(let tags):
      let older = tags == 0 ? "" : " or run: tagflip retry \(service) VERSION"
      return ["\(service): noted \(Count.words(tags, "tag")), released none; push a tag\(older)"]
    case .ended(let conclusion, let recorded):
      let version = conclusion.version.map { " \($0)" } ?? ""
      let record = recorded ? "" : " (the record is not in Git yet; the next run pushes it)"
      return ["\(service)\(version): \(conclusion.outcome?.rawValue ?? conclusion.event.rawValue): \(conclusion.reason)\(record)"]
    case .refused(let refusals): return refusals.map { "\(service) \($0.tag.version): refused: \($0.reason)" }
    case .waiting(let reason, let until): return ["\(service): waiting: \(reason)\(until.map { ", until \($0)" } ?? "")"]
    case .busy(let words): return ["\(service): busy: \(words)"]
    case .parked(let words): return ["\(service): parked: \(words)"]
    case .retired(let version): return ["\(service): the standby\(version.map { " \($0)" } ?? "") went cold"]
    case .failed(let error): return ErrorText.lines(error).enumerated().map { $0.offset == 0 ? "\(service): \($0.element)" : $0.element }
    }
  }

  var json: JSON {
    var services: JSON = [:]
    for (service, results) in report.results { services[service.text] = .array(results.map(Self.json)) }
    return ["endedEarly": .bool(report.endedEarly), "services": services, "failures": .array(report.failures.map(\.json))]
  }

  private static func json(_ result: RunReport.Result) -> JSON {
    switch result {
    case .nothing: ["result": "nothing"]
    case .noted(let tags): ["result": "noted", "tags": .int(Int64(tags))]
    case .ended(let conclusion, let recorded):
      [
        "result": "ended", "outcome": .string(conclusion.outcome?.rawValue ?? conclusion.event.rawValue),
        "version": conclusion.version.map { .string($0.text) } ?? .null,
        "reason": .string(conclusion.reason), "rollout": .string(conclusion.rollout.text), "exposed": .bool(conclusion.exposed),
        "recorded": .bool(recorded),
      ]
    case .refused(let refusals):
      [
        "result": "refused",
        "tags": .array(
          refusals.map { ["tag": .string($0.tag.name), "version": .string($0.tag.version.text), "reason": .string($0.reason)] }),
      ]
    case .waiting(let reason, let until):
      ["result": "waiting", "reason": .string(reason), "until": until.map { .string($0.description) } ?? .null]
    case .busy(let words): ["result": "busy", "reason": .string(words)]
    case .parked(let words): ["result": "parked", "reason": .string(words)]
    case .retired(let version): ["result": "retired", "version": version.map { .string($0.text) } ?? .null]
    case .failed(let error): ["result": "failed", "error": error.json]
    }
  }
}
