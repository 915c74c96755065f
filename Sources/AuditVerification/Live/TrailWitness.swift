package import GitStore
package import ReleaseModel

/// Where a record lies: by it a finding is told.
package struct RecordAddress: Sendable, Hashable {
  /// The commit that added it; of a record that a checkpoint covers, the one that the checkpoint names.
  package var commit: ObjectID
  package var path: String

  package init(commit: ObjectID, path: String) {
    self.commit = commit
    self.path = path
  }
}

/// Hears the records of a trail, those of each service in their order, on the thread that verifies them. It judges nothing.
package protocol TrailWitness: AnyObject, Sendable {
  /// Whether it must hear every record. Else, of those that a checkpoint covers, the ones that made the two colors and what followed are enough.
  var hearsAll: Bool { get }

  /// Hears one record that can be read.
  func hear(_ record: AuditRecord, at place: RecordAddress)
}
