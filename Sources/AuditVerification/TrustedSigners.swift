import GitStore
package import ReleaseModel
package import Signatures

/// The keys that an auditor trusts, as he got them from whoever runs the bot: an `allowed_signers` file (ssh-keygen(1)), and what was revoked.
///
/// Keys must be valid at the commit's own time, as `git verify-commit` has it. That time is the signer's claim: a key that was stolen belongs on
/// the revocation list, which holds whatever the time.
package struct TrustedSigners: CommitJudge {
  private let allowed: AllowedSigners
  private let revoked: RevocationList?

  package init(_ allowed: AllowedSigners, revoked: RevocationList? = nil) {
    self.allowed = allowed
    self.revoked = revoked
  }

  package var keys: [SSHPublicKey] { allowed.keys.filter(isUnrevoked) }

  /// A list that cannot be asked vouches for no key.
  private func isUnrevoked(_ key: SSHPublicKey) -> Bool {
    do throws(SignatureError) {
      return try revoked?.revocation(of: key) == nil
    } catch {
      return false
    }
  }

  package func verdict(on raw: [UInt8]) -> CommitVerdict {
    let commit = SignedObject(commit: raw)
    guard let bytes = commit.signature else { return .unsigned }
    guard commit.kind == .ssh else { return .bad(reason: "it is no SSH signature") }
    guard let seconds = CommitHeader(raw)?.committer.seconds else { return .bad(reason: "the commit bears no time") }
    return verdict(on: bytes, over: commit.payload, namespace: "git", at: seconds)
  }

  package func verdict(on signature: [UInt8], over payload: [UInt8], namespace: String, at instant: Timestamp) -> CommitVerdict {
    verdict(on: signature, over: payload, namespace: namespace, at: instant.milliseconds / 1000)
  }

  private func verdict(on bytes: [UInt8], over payload: [UInt8], namespace: String, at seconds: Int64) -> CommitVerdict {
    do throws(SignatureError) {
      let signature = try SSHSignature(armored: bytes)
      switch try allowed.judge(signature, over: payload, namespace: namespace, at: seconds, revocations: revoked) {
      case .allowed(let signer): return .good(principal: signer.names, fingerprint: signature.publicKey.fingerprint)
      case .refused(let reason): return .bad(reason: "\(reason)")
      }
    } catch {
      return .bad(reason: "\(error)")
    }
  }
}
