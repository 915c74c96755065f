/// What a remote said about its refs at one moment.
package struct RefListing: Sendable, Hashable {
  /// What one ref points to.
  package struct Entry: Sendable, Hashable {
    /// The object the ref itself names; for an annotated tag that is the tag object.
    package var target: ObjectID
    /// What an annotated tag finally points to; nil for any other ref.
    package var peeled: ObjectID?

    /// An entry of these parts.
    package init(target: ObjectID, peeled: ObjectID? = nil) {
      self.target = target
      self.peeled = peeled
    }
  }

  /// How the listing was obtained.
  package enum Source: Sendable, Hashable {
    /// The ref database of a repository on this machine.
    case refDatabase
    /// Git's wire protocol of that version (0, 1 or 2).
    case wire(version: Int)
  }

  /// The refs whose names begin with one of the prefixes asked for.
  package var refs: [RefName: Entry]
  /// The branch that `HEAD` names, born or not; nil where it is detached or the server does not say.
  package var head: RefName?
  package var source: Source

  /// A listing of these parts.
  package init(refs: [RefName: Entry] = [:], head: RefName? = nil, source: Source) {
    self.refs = refs
    self.head = head
    self.source = source
  }
}
