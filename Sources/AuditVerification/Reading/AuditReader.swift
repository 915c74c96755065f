package import Digests
package import GitStore
package import ReleaseModel

/// Reads the trail of a clone for people: newest first, or one record with what belongs to it.
///
/// It shows what is there and judges nothing: whether that can be relied upon is the ``Verifier``'s word.
package struct AuditReader: Sendable {
  package let branch: String
  private let judge: (any CommitJudge)?

  /// - Parameter judge: who says whose signatures count; nil to ask nobody.
  package init(branch: String = "tagflip/audit", judge: (any CommitJudge)? = nil) { (self.branch, self.judge) = (branch, judge) }

  /// Which records are wanted; empty lists want all.
  package struct Filter: Sendable {
    package var services: [ServiceName] = []
    package var events: [AuditRecord.Event] = []
    package var since: Timestamp?
    /// Up to, and not at.
    package var until: Timestamp?
    package var limit = Int.max

    package init() {}

    func wants(_ record: AuditRecord) -> Bool {
      guard services.isEmpty || services.contains(record.service), events.isEmpty || events.contains(record.event) else { return false }
      guard since != nil || until != nil else { return true }
      guard let at = record.at else { return false }
      return since.map { $0 <= at } ?? true && until.map { at < $0 } ?? true
    }
  }

  /// One record where it lies. What belongs to it is held by reference: an entry travels between threads.
  package struct Entry: Sendable {
    package let commit: ObjectID
    package let path: String
    /// The SHA-256 of the record's file.
    package let digest: Digest
    package let content: TrailRecord.Content
    /// The commit's message.
    package let message: [UInt8]
    /// Whether the commit carries a signature, good or not.
    package let isSigned: Bool
    /// Who vouches for the commit; nil where nobody was asked.
    package let verdict: CommitVerdict?
    /// The plan of the record's rollout, where it is on record before.
    @Indirect package internal(set) var plan: AuditRecord?
    /// The outcome of the record's rollout, where the record is its plan and the branch has it.
    @Indirect package internal(set) var outcome: AuditRecord?
    /// The retry that asked for it; nil where none did.
    @Indirect package internal(set) var retry: AuditRecord?
    /// The override by which it began although a freeze held; nil where it needed none.
    @Indirect package internal(set) var override: AuditRecord?

    package var record: AuditRecord? { if case .readable(let record) = content { record } else { nil } }
  }

  /// How much later than it happened a record may be pushed and still be found by its time: an outage of Git.
  static let latest: Duration = .seconds(30 * 86_400)

  /// The records that are wanted, newest first. Memory holds those that are kept, one at a time otherwise.
  ///
  /// - Parameter keep: makes of each record what is wanted of it; nil to pass it over.
  package func newestFirst<Value: Sendable>(
    in clone: GitClone, _ filter: Filter, _ keep: @escaping @Sendable (Entry) -> Value?
  ) async throws(GitError) -> [Value] {
    let (branch, judge) = (branch, judge)
    return try await clone.read { (objects) throws(GitError) in
      let walk = try ReaderWalk(branch, objects, judge: judge)
      var found: [Value] = []
      try walk.forEach { (commit) throws(GitError) in
        if let since = filter.since, let seconds = commit.header.committer.seconds,
          seconds < (since.milliseconds - Int64(Self.latest.milliseconds)) / 1000
        {
          return false
        }
        guard let entry = try walk.entry(commit, ifWanted: filter) else { return true }
        if let value = keep(entry) { found.append(value) }
        return found.count < filter.limit
      }
      return found
    }
  }

  /// A record by its change id.
  ///
  /// - Throws: `notFound` where the branch has no such record.
  package func entry(_ change: ChangeID, in clone: GitClone) async throws(GitError) -> Entry {
    let entries = try await entries([change], in: clone)
    guard let entry = entries.first else { throw GitError(.notFound, "find", on: "\(change)") }
    return entry
  }

  /// Records by their change ids, in their order. Of a long history commits are read as far back as the oldest of them, and trees by halving.
  ///
  /// - Throws: `notFound` where the branch lacks one of them.
  package func entries(_ changes: [ChangeID], in clone: GitClone) async throws(GitError) -> [Entry] {
    let (branch, judge) = (branch, judge)
    return try await clone.read { (objects) throws(GitError) in
      var walk = try ReaderWalk(branch, objects, judge: judge)
      var entries: [Entry] = []
      for change in changes {
        guard let entry = try walk.entry(change) else {
          throw GitError(.notFound, "find", on: "\(change)", cause: "\(walk.branch.ref.short) has no such record")
        }
        entries.append(entry)
      }
      return entries
    }
  }

  /// The change ids of a rollout's records, of a tag's or of the commit that a text names, oldest first.
  package func changes(named text: String, in clone: GitClone) async throws(GitError) -> [ChangeID] {
    if let change = ChangeID(text) { return [change] }
    let branch = branch
    return try await clone.read { (objects) throws(GitError) in
      var walk = try ReaderWalk(branch, objects, judge: nil)
      return try walk.changes(named: text)
    }
  }
}

/// How a change is called outside of tagflip: service and sequence, `web/7`.
package struct ChangeID: Sendable, Hashable, CustomStringConvertible {
  package let service: ServiceName
  package let sequence: Int

  package init(service: ServiceName, sequence: Int) { (self.service, self.sequence) = (service, sequence) }

  /// Nil where the text is no such id.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let service = ServiceName(String(parts[0])), let sequence = Int(parts[1]), sequence > 0 else { return nil }
    self.init(service: service, sequence: sequence)
  }

  package var description: String { "\(service)/\(sequence)" }
}
