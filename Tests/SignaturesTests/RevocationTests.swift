import Signatures
import TestSupport
import Testing

/// Keys that were taken back.
@Suite(.onOwnThread, .enabled(if: isInstalled("ssh-keygen"), "ssh-keygen is not installed"))
struct RevocationTests {
  let scratch: Scratch
  let key: SSHPublicKey
  let other: SSHPublicKey
  let authority: SSHPublicKey
  let certificate: SSHPublicKey

  init() throws {
    scratch = try Scratch()
    (key, other, authority) = (try scratch.makeKey(), try scratch.makeKey("other"), try scratch.makeKey("ca"))
    try scratch.sh("ssh-keygen -q -s ca -I 'Ada at work' -n ada -z 42 key.pub")
    certificate = try scratch.publicKey("key-cert")
  }

  private func filled(_ text: String) -> String {
    text.replacing("{key}", with: key.line).replacing("{ca}", with: authority.line).replacing("{print}", with: key.fingerprint)
      .replacing("{certificate}", with: certificate.line)
  }

  static let lines: [(line: String, key: Bool, certificate: Bool)] = [
    ("", false, false), ("# {key}", false, false), ("{key}", true, true), ("  {key} a comment\r", true, true), ("key: {key}", true, true),
    ("sha256: {key}", true, true), ("sha1: {key}", true, true), ("{certificate}", true, true), ("{print}", true, true),
    ("hash: {print}", true, true),
    ("{print} a comment", true, true), ("{print}=", true, true), ("{ca}", false, true), ("serial: 42", false, true),
    ("serial: 40-42", false, true),
    ("serial:41", false, false), ("serial: 43-99", false, false), ("id: Ada at work", false, true), ("id: Ada", false, false),
    ("# one\n\nserial: 1\n{key}", true, true),
  ]

  @Test(arguments: lines) func `a line takes back what it names`(_ line: String, _ revokesKey: Bool, _ revokesCertificate: Bool) throws {
    let list = try RevocationList(filled(line), file: "revoked")
    #expect((try list.revocation(of: key) != nil) == revokesKey)
    #expect((try list.revocation(of: certificate) != nil) == revokesCertificate)
    #expect(try list.revocation(of: other) == nil)
  }

  @Test func `the place is told`() throws {
    let list = try RevocationList("# gone\n\(key.line)\n", file: "revoked")
    #expect(try list.revocation(of: key).map { "\($0)" } == "key \(key.fingerprint) was revoked (revoked:2)")
    let signers = try AllowedSigners("ada \(key.line)", file: "signers")
    let verdict = try signers.judge(key, namespace: "git", at: then, revocations: list)
    #expect(verdict == .refused(.revoked(.listed(fingerprint: key.fingerprint, file: "revoked", line: 2))))
    #expect(try signers.judge(key, namespace: "git", at: then, revocations: RevocationList("", file: "revoked")) != verdict)
  }

  static let mistakes = [
    "nonsense", "serial: x", "serial: 9-7", "serial: 1-2-3", "serial:", "id:", "SHA256:short", "hash: MD5:00", "hash:", "ssh-ed25519 AAAA",
    "key: x", "sha256:", "restrict ssh-ed25519 AAAA",
  ]

  @Test(arguments: mistakes) func `a line that cannot be read is an error and not passed over`(_ line: String) {
    let error = failure(.malformed) { try RevocationList("\n\(line)\n", file: "revoked") }
    #expect(error?.place == TextPlace(file: "revoked", line: 2, column: 1))
  }

  @Test func `flat lists mean what they mean to ssh-keygen`() throws {
    try scratch.write("signers", "ada \(key.line)\nbob \(other.line)\n")
    try scratch.write("revoked", "# gone\n\(key.line)\n")
    let message = Array("x".utf8)
    let (mine, others) = (try scratch.signingKey(), try scratch.signingKey("other"))
    #expect(try !scratch.keygenVerify(mine.sign(message, namespace: "git"), message, as: "ada", "-r revoked").accepts)
    #expect(try scratch.keygenVerify(others.sign(message, namespace: "git"), message, as: "bob", "-r revoked").accepts)
  }

  private func binary(_ spec: String) throws -> RevocationList {
    try scratch.write("spec", filled(spec))
    try scratch.sh("rm -f krl; ssh-keygen -q -k -f krl -s ca.pub spec")
    return try RevocationList(try scratch.bytes("krl"), file: "krl", tool: scratch.tool("ssh-keygen"))
  }

  static let specs: [(spec: String, key: Bool, certificate: Bool)] = [
    ("key: {key}\n", true, true), ("sha256: {key}\n", true, true), ("hash: {print}\n", true, true), ("serial: 42\n", false, true),
    ("serial: 1-41\n", false, false), ("id: Ada at work\n", false, true), ("", false, false),
  ]

  @Test(arguments: specs) func `a binary list is judged by ssh-keygen, and as the text is`(_ spec: String, _ key: Bool, _ certificate: Bool)
    throws
  {
    let list = try binary(spec)
    #expect((try list.revocation(of: self.key) != nil) == key)
    #expect((try list.revocation(of: self.certificate) != nil) == certificate)
    #expect(try list.revocation(of: other) == nil)
    let text = try RevocationList(filled(spec), file: "spec")
    for asked in [self.key, self.certificate, other] {
      #expect((try text.revocation(of: asked) != nil) == (try list.revocation(of: asked) != nil))
    }
  }

  @Test func `a binary list that nobody can read is no answer`() throws {
    let bytes = {
      _ = try binary("key: {key}\n"); return try scratch.bytes("krl")
    }
    let damaged = try RevocationList(try bytes().prefix(30), file: "krl", tool: scratch.tool("ssh-keygen"))
    failure(.unavailable, "could not ask the revocation list krl: ssh-keygen: ") { try damaged.revocation(of: key) }
    let missing = try RevocationList(try bytes(), file: "krl", tool: scratch.tool("tagflip-no-such-tool"))
    failure(.unavailable, "tagflip-no-such-tool is not installed here") { try missing.revocation(of: key) }
    let signers = try AllowedSigners("ada \(key.line)", file: "signers")
    failure(.unavailable) { try signers.judge(key, namespace: "git", at: then, revocations: missing) }
    failure(.tooLarge) { try RevocationList([UInt8](repeating: 35, count: RevocationList.limit + 1), file: "revoked") }
  }
}
