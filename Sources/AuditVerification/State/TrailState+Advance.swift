import AuditTrail
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
    if let entry = commit.record {
      var service = services[entry.folder] ?? ServiceState()
      if let record = entry.record {
        service.take(entry, record, headFile: commit.headFile)
        installation = installation ?? record.installation
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

  /// A commit whose files cannot be read: nothing that follows is judged by what it may have said.
  mutating func skip() {
    commits += 1
    for folder in services.keys { services[folder]?.adopt(nil) }
  }
}
