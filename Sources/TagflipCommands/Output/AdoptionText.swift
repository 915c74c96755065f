import KubernetesModel
import ReleaseEngine
import ReleaseModel

/// What was adopted, or would be, for standard output.
struct AdoptText: ResultText {
  let service: ServiceName
  let report: Adopt.Report

  private var candidate: AdoptionCandidate { report.candidate }

  var text: String {
    var lines: [String] = []
    if let adoption = candidate.adoption {
      let pods = "\(Count.words(candidate.pods, "pod")) of the Deployment \(adoption.deployment), \(candidate.readyPods) ready"
      if let traffic = report.traffic {
        lines.append("\(service): \(adoption.color) now is what was live: \(pods)")
        lines.append("  selector  \(Self.words(adoption.selector)) → \(Self.words(adoption.narrowed))")
        lines.append("  traffic   \(traffic.detail)")
        if !report.isRecorded { lines.append("  record    not in Git yet; the next run pushes it") }
      } else {
        lines.append("\(service): \(adoption.color) would be what is live: \(pods)")
        lines.append("  selector  \(Self.words(adoption.selector)) → \(Self.words(adoption.narrowed)), in one conditional PATCH")
        lines.append("  nothing was changed; without --dry-run it is")
      }
    } else {
      lines.append("\(service): cannot be adopted as it is")
    }
    lines += candidate.objections.map { "  in the way: \($0)" }
    lines += candidate.remarks.map { "  note: \($0)" }
    return lines.joined(separator: "\n")
  }

  private static func words(_ selector: [String: String]) -> String {
    selector.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
  }

  var json: JSON {
    func texts(_ values: [String]) -> JSON { .array(values.map { .string($0) }) }
    func map(_ values: [String: String]?) -> JSON { values.map { .object($0.mapValues { .string($0) }) } ?? .null }
    return [
      "service": .string(service.text), "adopted": .bool(report.traffic != nil),
      "deployment": candidate.adoption.map { .string($0.deployment) } ?? .null,
      "color": candidate.adoption.map { .string($0.color.rawValue) } ?? .null,
      "selector": map(candidate.adoption?.selector), "narrowed": map(candidate.adoption?.narrowed),
      "pods": .int(Int64(candidate.pods)), "ready": .int(Int64(candidate.readyPods)), "objections": texts(candidate.objections),
      "remarks": texts(candidate.remarks), "recorded": .bool(report.isRecorded),
    ]
  }
}

/// What was left, for standard output.
struct LeaveText: ResultText {
  let service: ServiceName
  let report: Leave.Report

  var text: String {
    let record = report.isRecorded ? "" : "\n  record    not in Git yet; the next run pushes it"
    return
      "\(service): the Service selects what it selected before it was adopted\(record)\n"
      + "  next: remove it from tagflip.yaml, else runs fail on its next tag; the preview Service, if one was made, can be deleted"
  }

  var json: JSON {
    [
      "service": .string(service.text), "selector": .object(report.adoption.selector.mapValues { .string($0) }),
      "recorded": .bool(report.isRecorded),
    ]
  }
}

/// What was settled, for standard output.
struct SettleText: ResultText {
  let service: ServiceName
  let report: Settle.Report

  var text: String {
    let version = report.version.map { " (\($0))" } ?? ""
    let who = report.manager.map { ", by \(PlainText.line($0, longest: 60))" } ?? ""
    let record = report.isRecorded ? "" : "\n  record    not in Git yet; the next run pushes it"
    let done =
      switch report.way {
      case .restore: "users are back on \(report.color)\(version)"
      case .accept: "users stay on \(report.color)\(version), and the marker says so"
      }
    return "\(service): \(done)\n  found     \(report.found)\(who)\(record)"
  }

  var json: JSON {
    [
      "service": .string(service.text), "way": .string(report.way.rawValue), "color": .string(report.color.rawValue),
      "version": report.version.map { .string($0.text) } ?? .null, "found": .string(report.found),
      "manager": report.manager.map { .string($0) } ?? .null, "recorded": .bool(report.isRecorded),
    ]
  }
}
