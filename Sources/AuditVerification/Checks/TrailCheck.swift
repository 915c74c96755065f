package import GitStore

/// One thing that must hold of every commit of the trail.
///
/// A check is a value without state: what came before is in the ``TrailState``, which the ``Verifier`` keeps whatever checks there are. So one can be taken
/// out, or another module can add its own, and the others find what they found.
package protocol TrailCheck: Sendable {
  /// What it is called where it is taken out.
  var name: String { get }

  /// Adds what is wrong with a commit.
  ///
  /// - Parameter state: what the commits before it say.
  /// - Throws: what keeps it from reading the tree; it is told as `object-damaged`.
  func inspect(_ commit: TrailCommit, after state: TrailState, _ log: inout FindingLog) throws(GitError)
}

/// One thing that must hold of the trail as a whole, asked once at its end.
package protocol TrailEnding: Sendable {
  var name: String { get }

  func inspect(_ end: TrailEnd, _ log: inout FindingLog) throws(GitError)
}
