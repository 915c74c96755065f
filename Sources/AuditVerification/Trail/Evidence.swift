import AuditTrail
package import Digests
package import GitStore
import ReleaseModel

/// A record with what it rests on, as that lies in its commit's tree.
struct Evidence {
  let record: AuditRecord
  private let files: TreeFiles
  private let policy: (any PolicyReader)?

  /// Nil where the commit adds no record that can be read.
  init?(_ commit: TrailCommit, _ policy: (any PolicyReader)? = nil) {
    guard let record = commit.entry else { return nil }
    self.record = record
    self.policy = policy
    files = commit.after
  }

  /// The exhibit of a kind that the record names.
  func exhibit(_ kind: Exhibit.Kind) -> Exhibit? { record.exhibits.first { $0.kind == kind } }

  /// The bytes of the exhibit of a kind; nil where none is named, or it is not there.
  func bytes(_ kind: Exhibit.Kind) throws(GitError) -> [UInt8]? {
    guard let exhibit = exhibit(kind) else { return nil }
    return try files.exhibit(exhibit.digest)
  }

  /// A file of keys by its digest; nil where nobody has it.
  func keys(_ digest: Digest, called name: String) throws(GitError) -> KeyFile? {
    try files.exhibit(digest).map { KeyFile(path: name, bytes: $0) }
  }

  /// The file of keys of a kind that the record names; nil where none is named, or it is not there.
  func keys(_ kind: Exhibit.Kind) throws(GitError) -> KeyFile? {
    guard let exhibit = exhibit(kind) else { return nil }
    return try keys(exhibit.digest, called: exhibit.name)
  }

  /// The settings that it was decided by: a plan names their digest itself.
  var settingsDigest: Digest? {
    record.event == .plan ? record.sources?.settings ?? exhibit(.settings)?.digest : exhibit(.settings)?.digest
  }

  /// What those settings say, or why that cannot be told; nil where nobody has them, or nobody can read them.
  var reading: Result<Settings, UnreadablePolicy>? {
    get throws(GitError) {
      guard let policy, let digest = settingsDigest else { return nil }
      return try files.objects.settings(digest, by: policy) { () throws(GitError) in try files.exhibit(digest) }
    }
  }

  /// What those settings say; nil where that cannot be told.
  var settings: Settings? {
    get throws(GitError) {
      guard case .success(let settings)? = try reading else { return nil }
      return settings
    }
  }

  /// When the bot looked at the tag and at the freezes, some steps before it announced anything.
  var decidedAt: Timestamp? {
    record.steps.first { $0.step == .verify }?.startedAt ?? record.tag?.judgement?.at ?? record.at
  }
}

extension TreeFiles {
  /// What lies under a digest; nil where nothing does, or something else than its name says.
  package func exhibit(_ digest: Digest) throws(GitError) -> [UInt8]? {
    guard let bytes = try bytes(AuditTree.exhibit(digest), limit: Exhibit.limit), Digest(of: bytes) == digest else { return nil }
    return bytes
  }
}

extension OperatorRequest.Action {
  /// What a record of an operator's request asks for; nil for all other events.
  init?(_ event: AuditRecord.Event) {
    switch event {
    case .retry: self = .retry
    case .override: self = .override
    case .resealed: self = .reseal
    case .noted, .plan, .outcome, .refused, .superseded, .retired, .adopted, .left, .settled, .deleted, .drift: return nil
    }
  }
}
