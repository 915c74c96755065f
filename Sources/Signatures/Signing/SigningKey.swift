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
    let agent = try AgentState(of: file.publicKey, asking: self.agent)
    guard agent == .holds || canAskForPassphrase else {
      throw failure("it is encrypted, and \(agent.words); run: ssh-add \(path)")
    }
    return .tool(signer)
  }

  /// A private key in another format, PKCS#1 or PKCS#8, of which `ssh-keygen` must tell the public half, and wants it beside it to sign.
  func openForeign() throws(SignatureError) -> SigningKey {
    let completion = try keygen.run(["-y", "-P", "", "-f", path], attempted: "use", subject: path)
    guard completion.status.isSuccess else {
      let words = keygen.complaint(of: completion)
      throw failure("\(words); if it is encrypted, convert it with ssh-keygen -p -f \(path) and add it to an agent")
    }
    let key = try SSHPublicKey(line: completion.outputText)
    let beside = (try? KeyFile(path: "\(path).pub")).flatMap { try? SSHPublicKey(line: String(decoding: $0.bytes, as: UTF8.self)) }
    guard beside == key else {
      throw failure("for a key in this format ssh-keygen wants its public half beside it; run: ssh-keygen -y -f \(path) > \(path).pub")
    }
    return .tool(SSHKeygenSigner(publicKey: key, path: path, tool: keygen))
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
    let held = try AgentState(of: key, asking: agent)
    if held == .holds { return .tool(signer) }
    guard let privatePath, unsafe access(privatePath, R_OK) == 0 else {
      throw failure("it is a public key, and \(held.words); name the private key, or run ssh-add with it")
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

  /// Whether a program is there that knows the passphrase (ssh(1), SSH_ASKPASS).
  private var canAskForPassphrase: Bool {
    keygen.environment["SSH_ASKPASS"]?.isEmpty == false && keygen.environment["SSH_ASKPASS_REQUIRE"] == "force"
  }

  private func failure(_ cause: String) -> SignatureError { SignatureError(.unavailable, "use", path, cause) }
}

/// What an agent says of a key.
private enum AgentState {
  case holds, lacks, silent, absent

  init(of key: SSHPublicKey, asking agent: Tool) throws(SignatureError) {
    guard agent.environment["SSH_AUTH_SOCK"]?.isEmpty == false else {
      self = .absent
      return
    }
    let completion = try agent.run(["-L"], attempted: "ask", subject: "the agent")
    // ssh-add(1): 1 for an agent without keys, 2 for none that answers.
    guard completion.status != .code(2) else {
      self = .silent
      return
    }
    let isHeld = completion.outputText.split(separator: "\n").contains { (try? SSHPublicKey(line: $0))?.blob == key.blob }
    self = isHeld ? .holds : .lacks
  }

  var words: String {
    switch self {
    case .holds: "the agent holds it"
    case .lacks: "the agent does not hold it"
    case .silent: "the agent does not answer (SSH_AUTH_SOCK)"
    case .absent: "there is no agent (SSH_AUTH_SOCK is not set)"
    }
  }
}
