import AuditTrail
package import GitStore
package import ReleaseModel

/// One commit of the trail as the checks see it: its own bytes, what it changed, the record it adds.
package struct TrailCommit {
  package let id: ObjectID
  /// Its place in the trail, from 1 for the oldest commit that is read.
  package let number: Int
  package let raw: [UInt8]
  package let header: CommitHeader
  package let changes: [PathChange]
  /// Whether it changes more files than are listed.
  package let isTruncated: Bool
  /// The paths of all records that it adds.
  package let added: [String]
  /// The record, if it adds exactly one.
  package let record: TrailRecord?
  /// The tree of the commit before, and its own.
  package let before: TreeFiles
  package let after: TreeFiles

  /// Who vouches for it; nil where nobody was asked.
  package let verdict: CommitVerdict?
  /// `head.json` of the record's service after it, as it is and as it can be read.
  let headBytes: [UInt8]?
  let headFile: LedgerHead?
  /// What `records.json` says after it; nil where it says nothing.
  let countFile: Int?

  /// - Parameter parentTree: nil for the first commit of a history.
  init(
    _ id: ObjectID, number: Int, raw: [UInt8], header: CommitHeader, parentTree: ObjectID?, objects: TrailObjects, verdict: CommitVerdict?
  ) throws(GitError) {
    self.id = id
    self.number = number
    self.raw = raw
    self.header = header
    self.verdict = verdict
    before = TreeFiles(root: parentTree, objects: objects)
    after = TreeFiles(root: header.tree, objects: objects)
    let difference = try TreeDifference(from: parentTree, to: header.tree, objects: objects)
    changes = difference.changes
    isTruncated = difference.isTruncated
    countFile = try after.value(RecordCount.self, AuditTree.count)?.records
    let new = changes.compactMap { change -> (path: String, folder: String, sequence: Int, item: TreeItem)? in
      guard change.before == nil, let item = change.after, case .record(let folder, let sequence) = TrailPath(change.path) else {
        return nil
      }
      return (change.text, folder, sequence, item)
    }
    added = new.map(\.path)
    guard new.count == 1, let only = new.first, only.item.kind == .file else {
      (record, headBytes, headFile) = (nil, nil, nil)
      return
    }
    record = TrailRecord(
      path: only.path, folder: only.folder, sequence: only.sequence, bytes: try objects.blob(only.item.id, limit: TrailRecord.limit))
    headBytes = try after.bytes("services/\(only.folder)/head.json", limit: TreeFiles.headLimit)
    headFile = headBytes.flatMap { try? CanonicalJSON.value(LedgerHead.self, from: $0) }
  }

  /// The record, where the commit adds exactly one and it can be read.
  package var entry: AuditRecord? { record?.record }
}
