package import Signatures

/// Seals checkpoints with the auditor's own SSH key (SSHSIG, namespace ``namespace``), and takes none that another key sealed.
package struct KeySeal: CheckpointSeal {
  /// A signature that was made for something else never counts as a seal.
  package static let namespace = "tagflip-checkpoint"

  private let key: SigningKey

  package init(_ key: SigningKey) { self.key = key }

  /// May block while an agent is asked.
  package func seal(_ bytes: [UInt8]) throws -> String { try key.sign(bytes, namespace: Self.namespace).armored }

  package func verdict(on bytes: [UInt8], seal: String) -> CommitVerdict {
    do throws(SignatureError) {
      let signature = try SSHSignature(armored: seal)
      guard signature.namespace == Self.namespace else { return .bad(reason: "it was made for \(signature.namespace)") }
      guard signature.publicKey.withoutCertificate == key.publicKey.withoutCertificate else {
        return .bad(reason: "it is of another key, \(signature.publicKey.fingerprint)")
      }
      try signature.verify(bytes)
      return .good(principal: "your own key", fingerprint: signature.publicKey.fingerprint)
    } catch {
      return .bad(reason: "\(error)")
    }
  }
}
