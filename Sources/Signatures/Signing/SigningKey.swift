import ChildProcesses
import Glibc

/// A key that signs, however it does so.
package enum SigningKey: Sendable {
  /// In this process.
  case native(SSHSigningKey)
  /// Through `ssh-keygen`, with an agent or without.
  case tool(SSHKeygenSigner)

  /// The key that signatures verify with, with its certificate if it has one.
  package var publicKey: SSHPublicKey {
    switch self {
    case .native(let key): key.publicKey
    case .tool(let signer): signer.publicKey
    }
  }

  /// The signature of the message for a namespace, `git` for commits and tags.
  ///
  /// **May block** for as long as the tool's timeout: see ``ChildProcesses``. Throws like ``SSHSigningKey/sign(_:namespace:)`` and
  /// ``SSHKeygenSigner/sign(_:namespace:)``.
  package func sign(_ message: some Collection<UInt8>, namespace: String) throws(SignatureError) -> SSHSignature {
    switch self {
    case .native(let key): try key.sign(message, namespace: namespace)
    case .tool(let signer): try signer.sign(message, namespace: namespace)
    }
  }
}

extension SigningKey: CustomStringConvertible {
  package var description: String { "\(publicKey)" }
}

extension SigningKey {
  /// Opens a key file: an unencrypted Ed25519 key signs in this process, all others through `ssh-keygen` and, if it holds them, an agent.
  ///
  /// **May block** for as long as the tools' timeout, since an agent may have to be asked: see ``ChildProcesses``.
  ///
  /// - Parameters:
  ///   - path: a private key, or a public one whose private half lies beside it or in an agent.
  ///   - keygen: how `ssh-keygen` is run.
  ///   - agent: how `ssh-add` is run, to ask the agent which keys it holds. Its address is `SSH_AUTH_SOCK` of the environment.
  ///
  /// Throws `unreadable` for a file that is missing, not readable, or open to others; `unavailable` for a key that cannot be used without an
  /// agent that has it; `malformed` and `unsupported` for what is no key that can sign. Each says what to do.
  package static func open(
    path: String, keygen: Tool = Tool("ssh-keygen"), agent: Tool = Tool("ssh-add")
  ) throws(SignatureError) -> SigningKey {
    let file = try KeyFile(path: path)
    let opener = KeyOpener(path: path, keygen: keygen, agent: agent)
    if file.holds(PrivateKeyFile.begin) {
      try file.checkPermissions()
      return try opener.open(try PrivateKeyFile(file.bytes), bytes: file.bytes)
    }
    if file.isPEM {
      try file.checkPermissions()
      return try opener.openForeign()
    }
    return try opener.open(publicLine: file.bytes)
  }
}

/// The ways in which the files of keys are opened.
private struct KeyOpener {
  let path: String
  let keygen: Tool
  let agent: Tool

  /// A private key in OpenSSH's own format.
  func open(_ file: PrivateKeyFile, bytes: [UInt8]) throws(SignatureError) -> SigningKey {
    let signer = SSHKeygenSigner(publicKey: file.publicKey, path: path, tool: keygen)
    guard file.isEncrypted else {
      guard file.publicKey.algorithm == .ed25519 else { return .tool(signer) }
      return .native(SSHSigningKey(secret: try file.ed25519Secret()))
    }
    guard try isHeld(file.publicKey) || canAskForPassphrase else {
      throw failure("it is encrypted, and \(agentWords); run: ssh-add \(path)")
    }
    return .tool(signer)
  }

  /// A private key in another format, PKCS#1 or PKCS#8, of which `ssh-keygen` must tell the public half.
  func openForeign() throws(SignatureError) -> SigningKey {
    let completion = try keygen.run(["-y", "-P", "", "-f", path], attempted: "use", subject: path)
    guard completion.status.isSuccess else {
      let words = keygen.complaint(of: completion)
      throw failure("\(words); if it is encrypted, convert it with ssh-keygen -p -f \(path) and add it to an agent")
    }
    return .tool(SSHKeygenSigner(publicKey: try SSHPublicKey(line: completion.outputText), path: path, tool: keygen))
  }

  /// A public key, whose private half is beside it or in an agent.
  func open(publicLine bytes: [UInt8]) throws(SignatureError) -> SigningKey {
    let key: SSHPublicKey
    do throws(SignatureError) {
      key = try SSHPublicKey(line: String(decoding: bytes, as: UTF8.self))
    } catch {
      // Nothing of the file is told: it may be a secret in a format that is not known here.
      throw SignatureError(error.kind, "use", path, "it is neither a private key nor the line of a public one that OpenSSH would take")
    }
    let signer = SSHKeygenSigner(publicKey: key, path: path, tool: keygen)
    if try isHeld(key) { return .tool(signer) }
    guard let privatePath, unsafe access(privatePath, R_OK) == 0 else {
      throw failure("it is a public key, and \(agentWords); name the private key, or run ssh-add with it")
    }
    switch try SigningKey.open(path: privatePath, keygen: keygen, agent: agent) {
    case .native(let native) where native.publicKey == key: return .native(native)
    case let other where other.publicKey.withoutCertificate == key.withoutCertificate: return .tool(signer)
    case let other: throw failure("\(privatePath) beside it is another key, \(other.publicKey.fingerprint)")
    }
  }

  /// Where `ssh-keygen` looks for the private half of a public key's file.
  private var privatePath: String? {
    ["-cert.pub", ".pub"].first(where: path.hasSuffix).map { String(path.dropLast($0.count)) }
  }

  /// Whether the agent holds the key; false where there is none.
  private func isHeld(_ key: SSHPublicKey) throws(SignatureError) -> Bool {
    guard agent.environment["SSH_AUTH_SOCK"]?.isEmpty == false else { return false }
    let completion = try agent.run(["-L"], attempted: "ask", subject: "the agent")
    return completion.outputText.split(separator: "\n").contains { (try? SSHPublicKey(line: $0))?.blob == key.blob }
  }

  private var agentWords: String {
    agent.environment["SSH_AUTH_SOCK"]?.isEmpty == false ? "the agent does not hold it" : "there is no agent (SSH_AUTH_SOCK is not set)"
  }

  /// Whether a program is there that knows the passphrase (ssh(1), SSH_ASKPASS).
  private var canAskForPassphrase: Bool {
    keygen.environment["SSH_ASKPASS"]?.isEmpty == false && keygen.environment["SSH_ASKPASS_REQUIRE"] == "force"
  }

  private func failure(_ cause: String) -> SignatureError { SignatureError(.unavailable, "use", path, cause) }
}

/// The bytes of a key's file and who may read them.
private struct KeyFile {
  let path: String
  let bytes: [UInt8]
  private let mode: mode_t
  private let owner: uid_t

  init(path: String) throws(SignatureError) {
    func failure(_ cause: String) -> SignatureError { SignatureError(.unreadable, "use", path, cause) }
    let descriptor = unsafe Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw errno == ENOENT
        ? failure("there is no such file") : failure(unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "")
    }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { throw failure("it is no file") }
    var bytes = [UInt8](repeating: 0, count: PrivateKeyFile.limit + 1)
    var count = 0
    while count < bytes.count {
      let read = unsafe bytes.withUnsafeMutableBytes { buffer in
        unsafe Glibc.read(descriptor, buffer.baseAddress.map { unsafe $0 + count }, buffer.count - count)
      }
      guard read >= 0 else { throw failure(unsafe strerror(errno).map { unsafe String(cString: $0) } ?? "") }
      guard read > 0 else { break }
      count += read
    }
    guard count <= PrivateKeyFile.limit else { throw failure("it has more than \(PrivateKeyFile.limit) bytes: that is no key") }
    (self.path, self.bytes, mode, owner) = (path, Array(bytes[..<count]), status.st_mode, status.st_uid)
  }

  func holds(_ beginning: String) -> Bool { bytes.starts(with: beginning.utf8) }

  /// Whether it is a private key in one of the older formats.
  var isPEM: Bool { holds("-----BEGIN ") && String(decoding: bytes.prefix(64), as: UTF8.self).contains("PRIVATE KEY-----") }

  /// As OpenSSH has it (authfile.c, `sshkey_perm_ok`): whose file it is must have made sure that nobody else may read it.
  func checkPermissions() throws(SignatureError) {
    guard owner == getuid(), mode & 0o077 != 0 else { return }
    let digits = "0" + String(mode & 0o777, radix: 8)
    throw SignatureError(
      .unreadable, "use", path,
      "its permissions \(digits) let others read it; run: chmod 600 \(path) (for a mounted Secret: defaultMode: 0400)")
  }
}
