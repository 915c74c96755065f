package import ReleaseModel
package import Signatures

/// Who vouches for a commit, or for something else that is signed.
package enum CommitVerdict: Sendable, Hashable {
  /// A trusted key signed these very bytes.
  case good(principal: String, fingerprint: String)
  case unsigned
  /// There is a signature, and it does not count: why.
  case bad(reason: String)
}

/// Judges signatures. It is asked on the thread that reads the repository and may block.
///
/// Which keys are trusted is the auditor's own word, never the trail's.
package protocol CommitJudge: Sendable {
  /// The keys that are trusted, for what is signed besides commits.
  var keys: [SSHPublicKey] { get }

  /// - Parameter raw: the commit as it is stored, its signature included.
  func verdict(on raw: [UInt8]) -> CommitVerdict

  /// Who vouches for what was signed besides commits: a tag, an operator's request.
  ///
  /// - Parameters:
  ///   - signature: armored.
  ///   - namespace: what it was signed for.
  ///   - instant: when the key had to be valid.
  func verdict(on signature: [UInt8], over payload: [UInt8], namespace: String, at instant: Timestamp) -> CommitVerdict
}
