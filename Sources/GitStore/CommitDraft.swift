/// A commit to be made: its place in history, what changes in the tree, and its words.
package struct CommitDraft: Sendable {
  /// Empty for the first commit of a history.
  package var parents: [ObjectID]
  /// The commit whose tree the changes are made to; nil to start from nothing. Mostly the first parent.
  package var base: ObjectID?
  /// By path from the root; a directory that becomes empty goes.
  package var changes: [String: FileChange]
  package var author: Authorship
  package var committer: Authorship
  /// Kept byte for byte; it must not hold NUL.
  package var message: String

  /// A draft of these parts; without a committer the author is it.
  package init(
    parents: [ObjectID], base: ObjectID?, changes: [String: FileChange], author: Authorship, committer: Authorship? = nil, message: String
  ) {
    self.parents = parents
    self.base = base
    self.changes = changes
    self.author = author
    self.committer = committer ?? author
    self.message = message
  }
}
