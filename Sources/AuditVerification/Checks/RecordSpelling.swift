import GitStore
import ReleaseModel

/// A record is the canonical JSON of what it says, of a schema that is known.
struct RecordSpelling: TrailCheck {
  let name = "record-spelling"

  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) {
    guard let entry = commit.record else { return }
    switch entry.content {
    case .unreadable(let reason): log.add(.recordUnreadable, in: commit, reason)
    case .unknownSchema(let schema): log.add(.unknownSchema, in: commit, "its schema is \(schema)")
    case .readable(let record):
      guard !entry.isCanonical else { return }
      log.add(
        .recordNotCanonical, in: commit,
        "it is not spelled as tagflip spells what it says (a key twice, a key that is not known, white space or another order); "
          + "it names tagflip \(record.botVersion) as its writer")
    }
  }
}
