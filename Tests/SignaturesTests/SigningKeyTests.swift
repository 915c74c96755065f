import FoundationEssentials
import Glibc
import TestSupport
import Testing

@testable import Signatures

/// Key files as people have them.
@Suite(.onOwnThread, .enabled(if: isInstalled("ssh-keygen", "ssh-agent", "ssh-add"), "the tools of OpenSSH are not installed"))
struct SigningKeyTests {
  let scratch: Scratch
  let message = Array("What is signed".utf8)

  init() throws { scratch = try Scratch() }

  private func open(_ name: String, _ environment: [String: String] = [:]) throws -> SigningKey {
    try SigningKey.open(
      path: "\(scratch.path)/\(name)", keygen: scratch.tool("ssh-keygen", environment), agent: scratch.tool("ssh-add", environment))
  }

  private func sign(_ key: SigningKey) throws -> SSHSignature {
    let signature = try key.sign(message, namespace: "git")
    try signature.verify(message)
    #expect(signature.publicKey == key.publicKey)
    return signature
  }

  /// Runs a body beside an agent that holds some keys.
  private func withAgent(_ keys: String..., do body: ([String: String]) throws -> Void) throws {
    try scratch.sh("ssh-agent -a $PWD/agent > agent.out; grep -o 'SSH_AGENT_PID=[0-9]*' agent.out | cut -d= -f2 > agent.pid")
    defer { _ = try? scratch.sh("kill $(cat agent.pid)") }
    try scratch.script("askpass", "echo secret")
    for key in keys {
      try scratch.sh("SSH_AUTH_SOCK=$PWD/agent SSH_ASKPASS=$PWD/askpass SSH_ASKPASS_REQUIRE=force ssh-add -q \(key) < /dev/null")
    }
    try body(["SSH_AUTH_SOCK": "\(scratch.path)/agent"])
  }

  private var isNative: (SigningKey) -> Bool {
    { key in
      if case .native = key { return true }
      return false
    }
  }

  @Test func `an unencrypted Ed25519 key signs in this process, whatever tools there are`() throws {
    let publicKey = try scratch.makeKey()
    let nothing = Tool("tagflip-no-such-tool")
    let key = try SigningKey.open(path: "\(scratch.path)/key", keygen: nothing, agent: nothing)
    #expect(isNative(key) && key.publicKey == publicKey && key.description == "ssh-ed25519 \(publicKey.fingerprint)")
    #expect(try sign(key).armored == scratch.keygenSign(message))
  }

  @Test(arguments: makeableTypes.dropFirst() + ["ecdsa -m PEM", "rsa -b 2048 -m PEM", "rsa -b 2048 -m PKCS8"])
  func `keys of other kinds and formats sign through ssh-keygen`(_ type: String) throws {
    let publicKey = try scratch.makeKey("key", type)
    let key = try open("key")
    #expect(!isNative(key) && key.publicKey == publicKey)
    _ = try sign(key)
    try scratch.sh("rm key.pub")
    if type.contains("-m") {
      failure(.unavailable, "wants its public half beside it; run: ssh-keygen -y -f \(scratch.path)/key > \(scratch.path)/key.pub") {
        try open("key")
      }
    } else {
      _ = try sign(try open("key"))
    }
  }

  @Test func `an encrypted key signs once an agent holds it`() throws {
    let publicKey = try scratch.makeKey("key", passphrase: "secret")
    failure(.unavailable, "it is encrypted, and there is no agent (SSH_AUTH_SOCK is not set); run: ssh-add \(scratch.path)/key") {
      try open("key")
    }
    failure(.unavailable, "it is encrypted, and the agent does not answer (SSH_AUTH_SOCK)") {
      try open("key", ["SSH_AUTH_SOCK": "\(scratch.path)/none"])
    }
    try scratch.makeKey("other")
    try withAgent("other") { agent in
      failure(.unavailable, "it is encrypted, and the agent does not hold it; run: ssh-add") { try open("key", agent) }
      try scratch.sh("SSH_AUTH_SOCK=$PWD/agent SSH_ASKPASS=$PWD/askpass SSH_ASKPASS_REQUIRE=force ssh-add -q key < /dev/null")
      let key = try open("key", agent)
      #expect(!isNative(key) && key.publicKey == publicKey)
      _ = try sign(key)
    }
  }

  @Test func `an encrypted key signs where a program knows its passphrase`() throws {
    try scratch.makeKey("key", passphrase: "secret")
    try scratch.script("askpass", "echo secret")
    _ = try sign(try open("key", ["SSH_ASKPASS": "\(scratch.path)/askpass", "SSH_ASKPASS_REQUIRE": "force"]))
  }

  @Test func `a public key signs if the private one is beside it or in an agent`() throws {
    let publicKey = try scratch.makeKey()
    #expect(isNative(try open("key.pub")))
    try scratch.makeKey("rsa", "rsa -b 2048")
    _ = try sign(try open("rsa.pub"))
    try withAgent("key") { agent in
      try scratch.sh("mkdir away; cp key.pub away/mine.pub")
      let key = try open("away/mine.pub", agent)
      #expect(!isNative(key) && key.publicKey == publicKey)
      _ = try sign(key)
    }
    failure(.unavailable, "it is a public key, and there is no agent") { try open("away/mine.pub") }
    try scratch.sh("cp rsa away/mine; chmod 600 away/mine")
    failure(.unavailable, "away/mine beside it is another key") { try open("away/mine.pub") }
  }

  @Test func `a certificate signs with the private key beside it, and is in the signature`() throws {
    try scratch.makeKey("ca")
    let plain = try scratch.makeKey()
    try scratch.sh("ssh-keygen -q -s ca -I id -n ada key.pub")
    let key = try open("key-cert.pub")
    #expect(key.publicKey.certificate?.keyID == "id" && key.publicKey.withoutCertificate == plain)
    #expect(try sign(key).publicKey.certificate?.principals == ["ada"])
  }

  @Test func `what cannot be used says why`() throws {
    failure(.unreadable, "could not use \(scratch.path)/key: there is no such file") { try open("key") }
    failure(.unreadable, "it is no file") { try open(".") }
    try scratch.makeKey()
    try scratch.sh("chmod 644 key")
    failure(.unreadable, "its permissions 0644 let others read it; run: chmod 600 \(scratch.path)/key") { try open("key") }
    failure(.unreadable, "its permissions 0644") { try open("key.pub") }
    try scratch.sh("chmod 640 key")
    failure(.unreadable, "its permissions 0640") { try open("key") }
    try scratch.write("text", "-----BEGIN CERTIFICATE-----\nsecret\n-----END CERTIFICATE-----\n")
    failure(.malformed, "it is neither a private key nor the line of a public one") { try open("text") }
    try scratch.write("pem", "-----BEGIN RSA PRIVATE KEY-----\nc2VjcmV0\n-----END RSA PRIVATE KEY-----\n")
    try scratch.sh("chmod 600 pem")
    failure(.unavailable, "convert it with ssh-keygen -p") { try open("pem") }
    try scratch.sh("head -c 100000 /dev/zero > large")
    failure(.unreadable, "it has more than 65536 bytes") { try open("large") }
    try scratch.sh("mkfifo pipe")
    failure(.unreadable, "it is no file") { try open("pipe") }
  }

  @Test(.enabled(if: getuid() != 0, "root may read everything")) func `a file that may not be read says so`() throws {
    try scratch.makeKey()
    try scratch.sh("chmod 0 key")
    failure(.unreadable, "Permission denied") { try open("key") }
  }

  @Test func `a key whose halves do not belong together is refused`() throws {
    try scratch.makeKey()
    let text = String(decoding: try scratch.bytes("key"), as: UTF8.self)
    try scratch.makeKey("other")
    let other = String(decoding: try scratch.bytes("other"), as: UTF8.self)
    // The public half stands before the private one: lines two and three of the one, the rest of the other.
    let mixed = (text.split(separator: "\n").prefix(3) + other.split(separator: "\n").dropFirst(3)).joined(separator: "\n") + "\n"
    failure(.malformed) { try SSHSigningKey(file: Array(mixed.utf8)) }
  }

  @Test func `ssh-keygen that is missing, slow, failing or lying is each told`() throws {
    let publicKey = try scratch.makeKey("key", "rsa -b 2048")
    func signer(_ script: String, timeout: Duration = .seconds(20)) throws -> SSHKeygenSigner {
      try scratch.script("tool", script)
      return SSHKeygenSigner(
        publicKey: publicKey, path: "\(scratch.path)/key", tool: scratch.tool("\(scratch.path)/tool", timeout: timeout))
    }
    func sign(_ signer: SSHKeygenSigner) throws -> SSHSignature { try signer.sign(message, namespace: "git") }
    failure(.unavailable, "tagflip-no-such-tool is not installed here") {
      try sign(SSHKeygenSigner(publicKey: publicKey, path: "x", tool: Tool("tagflip-no-such-tool")))
    }
    failure(.timedOut, "tool was still running after") { try sign(try signer("sleep 60", timeout: .milliseconds(200))) }
    failure(.unavailable, "tool: no such luck") { try sign(try signer("echo no such luck >&2; exit 1")) }
    failure(.malformed) { try sign(try signer("echo nothing")) }
    failure(.unavailable, "wrote too much") { try sign(try signer("head -c 100000 /dev/zero")) }
    try scratch.makeKey("other", "rsa -b 2048")
    failure(.mismatch, "was asked to") { try sign(try signer("exec ssh-keygen -Y sign -n git -f \(scratch.path)/other")) }
    failure(.mismatch, "was asked to") { try sign(try signer("exec ssh-keygen -Y sign -n file -f \(scratch.path)/key")) }
    failure(.mismatch, "did not sign these bytes") { try sign(try signer("echo x | ssh-keygen -Y sign -n git -f \(scratch.path)/key")) }
    failure(.malformed, "the namespace is empty") { try signer("").sign(message, namespace: "") }
    _ = try sign(try signer("exec ssh-keygen \"$@\""))
  }

  @Test func `no description, mirror or error holds a part of the private key`() throws {
    try scratch.makeKey()
    let key = try scratch.signingKey()
    let text = String(decoding: try scratch.bytes("key"), as: UTF8.self)
    var dumped = ""
    dump(key, to: &dumped)
    dump(SigningKey.native(key), to: &dumped)
    let secret = try #require(Ed25519Secret(seed: 1...32))
    dump(secret, to: &dumped)
    #expect("\(secret) \(String(reflecting: secret))" == "Ed25519 private key Ed25519 private key")
    #expect(Mirror(reflecting: secret).children.isEmpty && Mirror(reflecting: key).children.count == 1)
    var said = dumped + "\(key) \(String(reflecting: key)) \(SigningKey.native(key))"
    for count in stride(from: 0, to: text.utf8.count - 2, by: 7) {
      if let error = failure(body: { try SSHSigningKey(file: Array(text.utf8.prefix(count))) }) { said += "\(error)" }
    }
    // The seed is in the fourth line on, in base64; look for any eight characters of the private part.
    let base64 = text.split(separator: "\n").dropFirst(3).dropLast().joined()
    for start in 0..<(base64.count - 8) { #expect(!said.contains(base64.dropFirst(start).prefix(8))) }
    #expect(!dumped.contains("seed") && said.contains(key.publicKey.fingerprint))
  }
}

private func failure<Value>(body: () throws -> Value) -> SignatureError? { failure(nil, "", body) }
