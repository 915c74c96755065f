import AuditTrail
import Digests
import GitStore
import ReleaseModel

/// What a record rests on lies in the tree, byte for byte, and nothing is left out that it should rest on.
struct ExhibitsKept: TrailCheck {
  let name = "exhibits"
  let policy: (any PolicyReader)?

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) throws(GitError) {
    guard let evidence = Evidence(commit, policy) else { return }
    for exhibit in evidence.record.exhibits { try judge(exhibit, commit, &log) }
    let named = Set(evidence.record.exhibits.map(\.kind))
    let missing = try evidence.expected.filter { !named.contains($0) }
    guard !missing.isEmpty else { return }
    log.add(.exhibitMissing, in: commit, "it names no \(missing.map(\.rawValue).joined(separator: ", no "))")
  }

  private func judge(_ exhibit: Exhibit, _ commit: TrailCommit, _ log: inout FindingLog) throws(GitError) {
    let path = AuditTree.exhibit(exhibit.digest)
    guard let bytes = try commit.after.bytes(path, limit: Exhibit.limit) else {
      return log.add(.exhibitLost, in: commit, "it rests on \(path) (\(exhibit.kind.rawValue)), and nothing lies there")
    }
    let found = Digest(of: bytes)
    guard found != exhibit.digest else { return }
    log.add(.exhibitAltered, in: commit, "\(path) (\(exhibit.kind.rawValue)) has the digest \(found.prefix12)…")
  }
}

extension Evidence {
  /// The kinds of exhibits that tagflip keeps for a record of its event, where they can be had.
  fileprivate var expected: [Exhibit.Kind] {
    get throws(GitError) {
      let settings = try settings
      switch record.event {
      case .plan:
        let hasWish = record.plan.map { $0.attempt != CutoverPlan.firstAttempt } ?? false || record.override != nil
        return [.settings, .environment] + objects(settings) + keys + (hasWish ? operators(settings) : [])
      case .refused: return [.settings] + objects(settings) + keys
      case .retry, .override: return [.settings] + objects(settings) + operators(settings)
      case .resealed: return [.settings] + operators(settings)
      case .superseded: return objects(settings)
      case .noted, .outcome, .retired, .adopted, .left, .settled, .deleted, .drift: return []
      }
    }
  }

  /// The tag as Git stores it, and its commit where that says something too.
  private func objects(_ settings: Settings?) -> [Exhibit.Kind] {
    guard let tag = record.tag, !(tag.isUnread && [.refused, .superseded].contains(record.event)) else { return [] }
    guard tag.isAnnotated else { return [.commit] }
    return settings?.tagRule(for: record.service)?.signedCommit == true ? [.tag, .commit] : [.tag]
  }

  private var keys: [Exhibit.Kind] {
    let judgement = record.tag?.judgement
    let files: [(Exhibit.Kind, Digest?)] = [
      (.signers, judgement?.signers), (.revoked, judgement?.revoked), (.keyring, judgement?.keyring),
    ]
    return files.filter { $0.1 != nil }.map(\.0)
  }

  private func operators(_ settings: Settings?) -> [Exhibit.Kind] {
    guard let rules = settings?.operators else { return [] }
    return rules.revoked == nil ? [.operators] : [.operators, .revokedOperators]
  }
}

extension TagFacts {
  /// Whether the bot could read nothing of it but its name: a tag of no commit, or one that is no tag at all.
  fileprivate var isUnread: Bool { !isAnnotated && commit == tag.object && tagger == nil && taggedAt == nil && message.isEmpty }
}
