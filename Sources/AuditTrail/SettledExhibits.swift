import Digests
import FoundationEssentials
import GitStore
import ReleaseEngine
package import ReleaseModel

/// What records rest on, from the release repo and the installation's files.
///
/// A file of keys is an exhibit only as long as it is the one by which was judged: one that was changed since would make the decision look wrong.
package struct SettledExhibits: ExhibitSource {
  private let remote: GitRemote
  private let settings: Settings

  package init(remote: GitRemote, settings: Settings) {
    self.remote = remote
    self.settings = settings
  }

  package func exhibits(for record: AuditRecord) async -> [Exhibit] {
    switch record.event {
    case .plan, .refused, .retry, .override: return await decided(record)
    case .superseded: return await objects(record)
    case .resealed: return policy(record)
    case .noted, .outcome, .retired, .adopted, .left, .settled, .deleted, .drift: return []
    }
  }

  private func decided(_ record: AuditRecord) async -> [Exhibit] { policy(record) + judged(record) + (await objects(record)) }

  /// The settings, and who may ask for what by them.
  private func policy(_ record: AuditRecord) -> [Exhibit] {
    var exhibits: [Exhibit] = []
    if record.sources.map({ $0.settings == settings.digest }) ?? true {
      exhibits.append(Exhibit(.settings, name: "tagflip.yaml", bytes: settings.text))
    }
    if !record.operators.isEmpty || record.plan.map({ $0.attempt != CutoverPlan.firstAttempt }) ?? false || record.override != nil {
      exhibits += [(Exhibit.Kind.operators, settings.operators?.signers), (.revokedOperators, settings.operators?.revoked)].compactMap {
        file($0, $1)
      }
    }
    return exhibits
  }

  private func judged(_ record: AuditRecord) -> [Exhibit] {
    guard let judgement = record.tag?.judgement, let rule = settings.tagRule(for: record.service) else { return [] }
    let files: [(Exhibit.Kind, String?, Digest?)] = [
      (.signers, rule.signers, judgement.signers), (.revoked, rule.revoked, judgement.revoked), (.keyring, rule.keyring, judgement.keyring),
    ]
    return files.compactMap { kind, path, digest in file(kind, path).flatMap { $0.digest == digest ? $0 : nil } }
  }

  private func file(_ kind: Exhibit.Kind, _ path: String?) -> Exhibit? {
    guard let path, let bytes = FileManager.default.contents(atPath: path) else { return nil }
    return Exhibit(kind, name: PlainText.line(String(path.split(separator: "/").last ?? ""), longest: 100), bytes: Array(bytes))
  }

  /// The tag as Git stores it, and its commit where that must be signed too.
  private func objects(_ record: AuditRecord) async -> [Exhibit] {
    guard let tag = record.tag, let id = ObjectID(hex: tag.tag.object) else { return [] }
    var exhibits: [Exhibit] = []
    if tag.isAnnotated, case .annotated(let object)? = try? await remote.store.tag(id) {
      exhibits.append(Exhibit(.tag, name: id.hex, bytes: object.raw))
    }
    // Who signed a commit is asked by the rule, and only then.
    let isAsked = settings.tagRule(for: record.service)?.signedCommit ?? false
    if !tag.isAnnotated || isAsked, let commit = ObjectID(hex: tag.commit), let raw = try? await remote.store.rawCommit(commit) {
      exhibits.append(Exhibit(.commit, name: commit.hex, bytes: raw))
    }
    return exhibits
  }
}
