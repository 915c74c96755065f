import AuditVerification
import KubernetesModel
import ReleaseModel

/// What a verification asked of the cluster and of the API server's logs, for standard output.
struct LiveText {
  let report: VerificationReport

  /// What stands after `cluster`.
  var cluster: String {
    guard let live = report.live else { return "not looked at; --cluster" }
    let compared = [Count.words(live.services, "service"), Count.words(live.deployments, "Deployment"), Count.words(live.pods, "pod")]
    var text = "\(Word.plain(live.cluster)): \(compared.joined(separator: ", ")) compared with the records"
    if live.unread > 0 { text += "; NOT READ: \(Count.words(live.unread, "thing"))" }
    if let anchor = live.anchor { text += "; it saw the branch at \(Word.plain(String(anchor.commit.prefix(12))))" }
    return text
  }

  /// What stands after `API log`.
  var apiLog: String {
    guard let log = report.apiLog else { return "not read; --api-log FILE" }
    var parts = [
      "\(Count.words(log.matched, "write")) matched to \(Count.words(log.rollouts, "rollout")), \(log.foreign + log.told) by others"
    ]
    if log.told > 0 { parts[0] += " (\(log.told) on record)" }
    if log.unrecorded > 0 { parts.append("\(log.unrecorded) ON NO RECORD") }
    parts.append("\(log.flipsFound) of \(Count.words(log.flips, "flip")) found")
    if log.unread > 0 { parts.append("NOT READ: \(Count.words(log.unread, "line"))") }
    let spans = log.spans.prefix(3).map { "\($0.from) to \($0.to)" } + (log.spans.count > 3 ? ["and \(log.spans.count - 3) more"] : [])
    return (parts + [spans.isEmpty ? "NO EVENT IN IT" : spans.joined(separator: ", ")]).joined(separator: "; ")
  }

  var clusterJSON: JSON {
    guard let live = report.live else { return .null }
    return [
      "name": .string(live.cluster), "services": .int(Int64(live.services)), "deployments": .int(Int64(live.deployments)),
      "pods": .int(Int64(live.pods)), "unread": .int(Int64(live.unread)),
      "anchor": live.anchor.map { ["commit": .string($0.commit), "records": .int(Int64($0.records))] } ?? .null,
    ]
  }

  var apiLogJSON: JSON {
    guard let log = report.apiLog else { return .null }
    let numbers: [String: Int] = [
      "lines": log.lines, "events": log.events, "unread": log.unread, "matched": log.matched, "rollouts": log.rollouts, "told": log.told,
      "byOthers": log.foreign, "unrecorded": log.unrecorded, "flips": log.flips, "flipsFound": log.flipsFound,
    ]
    var json = JSON.object(numbers.mapValues { .int(Int64($0)) })
    json["spans"] = .array(log.spans.map { ["from": .string($0.from.description), "to": .string($0.to.description)] })
    return json
  }
}
