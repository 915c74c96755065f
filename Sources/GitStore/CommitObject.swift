/// A commit as it is stored.
package struct CommitObject: Sendable, Hashable {
  package let id: ObjectID
  package let tree: ObjectID
  /// In the order of the commit; empty for the first of a history.
  package let parents: [ObjectID]
  package let author: Authorship
  package let committer: Authorship
  /// The whole message with its trailers.
  package let message: String

  /// The message's first line.
  package var subject: String {
    message.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).first.map(String.init) ?? ""
  }
}
