import AuditTrail
import Digests
import GitStore
import ReleaseModel

extension TrailState {
  /// The most services that a trail may speak of: a hostile one must not fill memory.
  static let serviceLimit = 10_000

  /// What the state is after one more commit.
  mutating func take(_ commit: TrailCommit) throws(GitError) {
    commits += 1
    let author = commit.header.author
    if author.identity == commit.header.committer.identity { self.author = String(decoding: author.identity, as: UTF8.self) }
    if case .good(let principal, _) = commit.verdict { signer = principal }
    if let entry = commit.record {
      var service = services[entry.folder] ?? ServiceState()
      if let record = entry.record {
        service.take(entry, record, headFile: commit.headFile)
        installation = installation ?? record.installation
        note(record)
      } else {
        service.pass(entry, headFile: commit.headFile)
      }
      services[entry.folder] = service
    } else if commit.added.count > 1 {
      for folder in Set(commit.changes.compactMap { TrailPath($0.path).service }) {
        let head = try commit.after.value(LedgerHead.self, "services/\(folder)/head.json", limit: TreeFiles.headLimit)
        services[folder, default: ServiceState()].adopt(head)
      }
    }
    countOffset = commit.countFile.map { $0 - records } ?? 0
    guard services.count <= Self.serviceLimit else {
      throw GitError(.tooLarge, "verify", on: "the trail", cause: "it speaks of more than \(Self.serviceLimit) services")
    }
  }

  /// The most turns that are kept of anything: a hostile trail must not fill memory.
  static let turnLimit = 200

  private mutating func note(_ record: AuditRecord) {
    let id = "\(ChangeID(service: record.service, sequence: record.sequence))"
    for exhibit in record.exhibits {
      guard let file = PolicyFile(exhibit.kind, of: record.service) else { continue }
      turns[file.key, default: []].note(exhibit.digest, by: id)
    }
    // A plan says by which settings it was made, be they shown or not.
    guard record.event == .plan, !record.exhibits.contains(where: { $0.kind == .settings }), let digest = record.sources?.settings else {
      return
    }
    turns[Exhibit.Kind.settings.rawValue, default: []].note(digest, by: id)
  }

  /// A commit whose files cannot be read: nothing that follows is judged by what it may have said.
  mutating func skip() {
    commits += 1
    for folder in services.keys { services[folder]?.adopt(nil) }
  }
}

extension [PolicyTurn] {
  fileprivate mutating func note(_ digest: Digest, by record: String) {
    if let last = indices.last, self[last].digest == digest {
      self[last].last = record
      self[last].records += 1
    } else if count < TrailState.turnLimit {
      append(PolicyTurn(digest: digest, first: record, last: record, records: 1))
    }
  }
}
