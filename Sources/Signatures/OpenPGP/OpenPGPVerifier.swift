import ChildProcesses

/// Verifies detached OpenPGP signatures through `gpg`, with the keys of one keyring and no others.
///
/// The user's own keys, trust and options are left alone, no key server is asked, and no agent is started: `gpg` gets a home of its own, which
/// goes when it has ended. All keys of the keyring are trusted alike, so whoever may write the keyring decides who may sign.
package struct OpenPGPVerifier: Sendable, Hashable {
  /// The most bytes of a keyring that are read.
  package static let keyringLimit = 16 << 20
  /// The most bytes of a signature that are read.
  static let signatureLimit = 64 << 10

  private static let isolation = [
    "--batch", "--no-tty", "--no-options", "--no-autostart", "--disable-dirmngr", "--no-auto-key-retrieve", "--no-auto-key-locate",
    "--no-auto-check-trustdb", "--trust-model", "always", "--status-fd", "1",
  ]

  private let keyring: [UInt8]
  /// The keyring's name, for messages.
  package let file: String
  package let tool: Tool

  /// A verifier with these keys.
  ///
  /// - Parameter keyring: what `gpg --export` writes, armored or not, or a keybox (`pubring.kbx`).
  ///
  /// Throws `tooLarge` beyond ``keyringLimit``.
  package init(keyring: some Collection<UInt8>, file: String, tool: Tool = Tool("gpg")) throws(SignatureError) {
    guard keyring.count <= Self.keyringLimit else {
      throw SignatureError(.tooLarge, "read", "the keyring", "\(file) has \(keyring.count) bytes; at most \(Self.keyringLimit) are read")
    }
    (self.keyring, self.file, self.tool) = (Array(keyring), file, tool)
  }

  /// Who signed the message, or why the signature does not count.
  ///
  /// - Parameter instant: seconds since 1970 at which keys must be valid; nil for now, by this machine's clock.
  ///
  /// **Blocks** until the tool's timeout at the worst: see ``ChildProcesses``. Throws `unavailable` where `gpg` is not installed or fails, `timedOut`,
  /// and `malformed` for a keyring without keys: none of these is a verdict.
  package func verify(
    _ signature: some Collection<UInt8>, over message: some Collection<UInt8>, at instant: Int64? = nil
  ) throws(SignatureError) -> OpenPGPVerdict {
    guard signature.count <= Self.signatureLimit else {
      throw SignatureError(
        .tooLarge, "read", "the signature", "it has \(signature.count) bytes; at most \(Self.signatureLimit) are read")
    }
    let home = try TemporaryFolder()
    // gpg(1): the mark freezes the clock.
    let clock = instant.map { ["--faked-system-time", "\($0)!"] } ?? []
    let arguments = ["--homedir", home.path] + Self.isolation + clock + (try take(keyring, into: home))
    let signatureFile = try home.write("signature", Array(signature))
    let completion = try tool.run(
      arguments + ["--verify", "--", signatureFile, "-"], input: Array(message), limit: 256 << 10, attempted: "verify",
      subject: "the OpenPGP signature")
    switch GPGStatus(completion.output).verdict(keyring: file) {
    case .good(let signature)? where completion.status.isSuccess: return .good(signature)
    case .refused(let refusal)?: return .refused(refusal)
    case .good?, nil:
      guard case .code(let code) = completion.status, (1...2).contains(code) else {
        throw SignatureError(.unavailable, "verify", "the OpenPGP signature", tool.complaint(of: completion))
      }
      return .refused(.unreadable(SignatureError.line(completion.errorText.suffix(300))))
    }
  }

  /// Makes the keys available under a home; the arguments that are needed to use them.
  private func take(_ keyring: [UInt8], into home: borrowing TemporaryFolder) throws(SignatureError) -> [String] {
    // A keybox (GnuPG, doc/DETAILS, kbx/keybox-blob.c) cannot be imported, only used.
    if keyring.dropFirst(8).starts(with: "KBXf".utf8) {
      return ["--no-default-keyring", "--keyring", try home.write("keys.kbx", keyring)]
    }
    let exported = try home.write("keys", keyring)
    let completion = try tool.run(
      ["--homedir", home.path] + Self.isolation + ["--import", "--", exported], attempted: "read", subject: "the keyring \(file)")
    let counts = GPGStatus(completion.output)["IMPORT_RES"] ?? []
    guard counts.count > 2, counts[2] != "0" else {
      throw SignatureError(.malformed, "read", "the keyring \(file)", "it holds no OpenPGP key; \(tool.complaint(of: completion))")
    }
    return []
  }
}
