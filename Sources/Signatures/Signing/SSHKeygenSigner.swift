import ChildProcesses

/// A key that signs through `ssh-keygen -Y sign`: one that an agent holds, or of a kind that does not sign in this process.
///
/// What `ssh-keygen` answers is verified before it is handed on.
package struct SSHKeygenSigner: Sendable, Hashable {
  /// With its certificate, if the file is one.
  package let publicKey: SSHPublicKey
  /// The file that is handed to `ssh-keygen`, private or public.
  package let path: String
  package let tool: Tool

  package init(publicKey: SSHPublicKey, path: String, tool: Tool = Tool("ssh-keygen")) {
    (self.publicKey, self.path, self.tool) = (publicKey, path, tool)
  }

  /// The signature of the message for a namespace. **Blocks** until the tool's timeout at the worst: see ``ChildProcesses``.
  ///
  /// Throws `unavailable` with the tool's words where it does not sign, `timedOut`, and `mismatch` where it signed something else.
  package func sign(_ message: some Collection<UInt8>, namespace: String) throws(SignatureError) -> SSHSignature {
    guard !namespace.isEmpty, !namespace.utf8.contains(0) else {
      throw SignatureError(.malformed, "sign", "the message", "the namespace is empty or no text")
    }
    let message = Array(message)
    let completion = try tool.run(
      ["-Y", "sign", "-n", namespace, "-f", path], input: message, limit: SSHSignature.limit, attempted: "sign with", subject: path)
    guard completion.status.isSuccess else {
      throw SignatureError(.unavailable, "sign with", path, tool.complaint(of: completion))
    }
    let signature = try SSHSignature(armored: completion.output)
    guard signature.publicKey == publicKey, signature.namespace == namespace else {
      throw SignatureError(.mismatch, "sign with", path, "\(signature.publicKey) signed, and \(publicKey) was asked to")
    }
    try signature.verify(message)
    return signature
  }
}
