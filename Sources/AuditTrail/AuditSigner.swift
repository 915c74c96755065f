import FoundationEssentials
import Signatures
import Synchronization

/// The key that signs the audit trail: its commits (SSHSIG, namespace `git`), and attestations where it is an unencrypted Ed25519 key.
///
/// The key is opened at the first signature and then kept: a run that has nothing to record asks neither file nor agent.
package final class AuditSigner: Sendable {
  private let path: String
  private let opened = Mutex<SigningKey?>(nil)

  /// - Parameter path: the key file.
  package init(path: String) { self.path = path }

  /// The armored signature of a commit's bytes. **May block** while an agent is asked: it is called on the Git thread.
  package func sign(_ commit: [UInt8]) throws -> String { try key().sign(commit, namespace: "git").armored }

  /// A statement in a signed envelope, as a file's bytes; nil where the key signs through `ssh-keygen`, which makes no such signatures. Asks
  /// no other process: it may be called anywhere.
  func envelope(of statement: ReleaseStatement) throws -> [UInt8]? {
    guard let key = try native() else { return nil }
    return try DSSEEnvelope(payloadType: ReleaseStatement.payloadType, payload: statement.bytes, signedBy: [key]).json + [0x0A]
  }

  private func native() throws -> SSHSigningKey? {
    switch opened.withLock({ $0 }) {
    case .native(let key): return key
    case .tool: return nil
    case nil: break
    }
    guard let file = FileManager.default.contents(atPath: path) else {
      throw SignatureError(.unreadable, "read", path, "it is missing, or not readable")
    }
    // Whatever else is wrong with it the commit's own signature tells, which comes after.
    return try? SSHSigningKey(file: file)
  }

  private func key() throws(SignatureError) -> SigningKey {
    if let known = opened.withLock({ $0 }) { return known }
    let key = try SigningKey.open(path: path)
    opened.withLock { $0 = key }
    return key
  }
}
