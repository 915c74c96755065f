import Digests
import GitStore
import ReleaseModel

/// What a plan shows as its environment are the objects that it announces, in order.
struct EnvironmentObjects: TrailCheck {
  let name = "environment"

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) throws(GitError) {
    guard let evidence = Evidence(commit), let plan = evidence.record.plan, let bytes = try evidence.bytes(.environment) else { return }
    let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map(Array.init)
    // Each line is ended, so that the last piece is what comes after all of them.
    guard lines.count == plan.objects.count + 1, lines.last == [] else {
      return log.add(.environmentMismatch, in: commit, "it announces \(plan.objects.count) objects, and \(lines.count - 1) lines are shown")
    }
    for (line, object) in zip(lines, plan.objects) {
      let what = "\(object.kind) \(object.name)"
      guard Digest(of: line) == object.digest else {
        log.add(.environmentMismatch, in: commit, "what is shown as \(what) has another digest than the plan says")
        continue
      }
      let shown = try? CanonicalJSON.value(ShownObject.self, from: line)
      guard shown?.kind != object.kind || shown?.name != object.name else { continue }
      log.add(
        .environmentMismatch, in: commit, "the plan says \(what), and shown is \(shown.map { "\($0.kind) \($0.name)" } ?? "no object")")
    }
  }
}

/// A Kubernetes object, as far as a plan names it.
private struct ShownObject: Decodable {
  let kind: String
  let name: String

  private enum CodingKeys: String, CodingKey {
    case apiVersion, kind, metadata
  }

  private struct Metadata: Decodable {
    var name: String
  }

  init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let version = try container.decode(String.self, forKey: .apiVersion)
    kind = "\(version)/\(try container.decode(String.self, forKey: .kind))"
    name = try container.decode(Metadata.self, forKey: .metadata).name
  }
}
