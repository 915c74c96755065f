import TestSupport
import Testing

@testable import Signatures

/// Keys that an authority vouches for.
@Suite(.onOwnThread, .enabled(if: isInstalled("ssh-keygen"), "ssh-keygen is not installed"))
struct CertificateTests {
  let scratch: Scratch
  let message = Array("What is signed".utf8)

  init() throws {
    scratch = try Scratch()
    try scratch.makeKey("ca", "ecdsa -b 384")
  }

  /// A signature with a certificate that was made with these options of `ssh-keygen -s`.
  private func sign(_ options: String, type: String = "ed25519", ca: String = "ca") throws -> SSHSignature {
    try scratch.sh("rm -f key key.pub key-cert.pub")
    try scratch.makeKey("key", type)
    try scratch.sh("ssh-keygen -q -s \(ca) \(options) key.pub")
    return try SSHSignature(armored: try scratch.keygenSign(message, "key-cert.pub"))
  }

  private func judge(
    _ signature: SSHSignature, _ line: String = "ada,bob cert-authority {ca}", at instant: Int64 = then, as principal: String? = nil
  ) throws -> SignerVerdict {
    let text = line.replacing("{ca}", with: try scratch.publicKey("ca").line) + "\n"
    try scratch.write("signers", text)
    return try AllowedSigners(text, file: "signers").judge(signature, over: message, namespace: "git", at: instant, as: principal)
  }

  private func words(_ verdict: SignerVerdict) -> String {
    switch verdict {
    case .allowed(let signer): "allowed \(signer.names)"
    case .refused(let refusal): "\(refusal)"
    }
  }

  @Test(arguments: makeableTypes) func `a certificate of any key is read and allowed by its authority`(_ type: String) throws {
    let signature = try sign("-I 'Ada at work' -n ada,eve -z 42 -V 20260101:20270101", type: type)
    let certificate = try #require(signature.publicKey.certificate)
    #expect(certificate.keyID == "Ada at work" && certificate.serial == 42 && certificate.principals == ["ada", "eve"])
    #expect(certificate.purpose == .user && certificate.criticalOptions.isEmpty)
    #expect(try certificate.authority == scratch.publicKey("ca"))
    #expect(try signature.publicKey.fingerprint == scratch.publicKey().fingerprint)
    #expect(
      try signature.publicKey.line == scratch.publicKey("key-cert").line && signature.publicKey.name.hasSuffix("-cert-v01@openssh.com"))
    #expect(words(try judge(signature)) == "allowed ada")
    #expect(try scratch.keygenVerify(signature, message, as: "ada").accepts)
    #expect(SSHSignature.Hash.allCases.contains(signature.hash))
  }

  @Test(arguments: ["ed25519", "ecdsa -b 256", "ecdsa -b 521", "rsa -b 2048"]) func `an authority may be of any kind`(_ type: String) throws
  {
    try scratch.makeKey("ca2", type)
    let signature = try sign("-I id -n ada", ca: "ca2")
    try scratch.sh("cp ca2.pub ca.pub")
    #expect(words(try judge(signature)) == "allowed ada")
  }

  @Test func `an authority's signature with SHA-1 is not taken`() throws {
    try scratch.makeKey("ca2", "rsa -b 2048")
    try scratch.makeKey()
    try scratch.sh("ssh-keygen -q -t ssh-rsa -s ca2 -I id -n ada key.pub")
    failure(.weak) { try scratch.publicKey("key-cert") }
  }

  @Test func `whom a certificate is for is what both it and the file say`() throws {
    let signature = try sign("-I id -n ada,eve")
    #expect(words(try judge(signature, "* cert-authority {ca}")) == "allowed ada,eve")
    #expect(words(try judge(signature, as: "ada")) == "allowed ada")
    #expect(words(try judge(signature, as: "bob")) == "certificate \"id\" is for \"ada,eve\", and the authority on line 1 may name \"bob\"")
    #expect(words(try judge(signature, as: "eve")) == "the key on line 1 may not sign for \"eve\", only for \"ada,bob\"")
    #expect(
      words(try judge(signature, "*@example.org cert-authority {ca}"))
        == "certificate \"id\" is for \"ada,eve\", and the authority on line 1 may name \"*@example.org\"")
    #expect(words(try judge(try sign("-I id"))) == "certificate \"id\" is for nobody, and the authority on line 1 may name \"ada,bob\"")
    let literal = try sign("-I id -n '*'")
    #expect(words(try judge(literal)).contains("is for \"*\", and the authority"), "a star in a certificate is a star")
  }

  @Test func `before and after its time a certificate is refused, to the second as by ssh-keygen`() throws {
    let signature = try sign("-I id -n ada -V 20260102030405Z:20260102030407Z")
    for (offset, time) in [(-1, "20260102030404Z"), (0, "20260102030405Z"), (1, "20260102030406Z"), (2, "20260102030407Z")] {
      let verdict = words(try judge(signature, at: then + Int64(offset)))
      #expect((verdict == "allowed ada") == (try scratch.keygenVerify(signature, message, as: "ada", at: time).accepts), "\(verdict)")
    }
    #expect(
      words(try judge(signature, at: then - 1))
        == "certificate \"id\" is valid from 2026-01-02T03:04:05Z on, and this is about 2026-01-02T03:04:04Z")
    #expect(
      words(try judge(signature, at: then + 2))
        == "certificate \"id\" was valid before 2026-01-02T03:04:07Z, and this is about 2026-01-02T03:04:07Z")
    #expect(words(try judge(signature, at: -1)).contains("is valid from"))
  }

  @Test func `the line's own limits hold for certificates too`() throws {
    let signature = try sign("-I id -n ada")
    #expect(words(try judge(signature, "ada cert-authority,namespaces=\"file\" {ca}")).contains("may not sign in namespace"))
    #expect(words(try judge(signature, "ada cert-authority,valid-before=\"20250101Z\" {ca}")).contains("was valid until"))
  }

  @Test func `host certificates and critical options are refused`() throws {
    #expect(words(try judge(try sign("-I id -h -n ada"))) == "certificate \"id\" is for hosts, not for people")
    #expect(
      words(try judge(try sign("-I id -n ada -O force-command=/bin/true")))
        == "certificate \"id\" has the critical option \"force-command\", which cannot be honoured here")
    #expect(words(try judge(try sign("-I id -n ada -O critical:new@example.org=x"))).contains("critical option \"new@example.org\""))
    #expect(words(try judge(try sign("-I id -n ada -O extension:new@example.org=x"))) == "allowed ada")
  }

  @Test func `a line for the key is none for its certificate, and one for the authority none for the authority itself`() throws {
    let signature = try sign("-I id -n ada")
    let key = try scratch.publicKey()
    #expect(words(try judge(signature, "ada \(key.line)")).contains("is not listed"))
    #expect(try !scratch.keygenVerify(signature, message, as: "ada").accepts)
    #expect(words(try judge(signature, "ada \(signature.publicKey.line)")).hasPrefix("allowed"))
    let byAuthority = try SSHSignature(armored: try scratch.keygenSign(message, "ca"))
    #expect(words(try judge(byAuthority)).contains("is not listed"))
    #expect(words(try judge(signature, "ada cert-authority \(key.line)")).contains("is not listed"))
  }

  @Test func `a certificate cannot be an authority`() throws {
    let signature = try sign("-I id -n ada")
    // A certificate's own fields, with another certificate where its authority's key belongs.
    let blob = WireWriter.bytes { writer in
      writer.string("ssh-ed25519-cert-v01@openssh.com")
      writer.string([1])
      writer.string([UInt8](repeating: 2, count: 32))
      writer.raw([UInt8](repeating: 0, count: 8))
      writer.uint32(1)
      writer.string("id")
      writer.string([])
      writer.raw([UInt8](repeating: 0, count: 16))
      for _ in 0..<3 { writer.string([]) }
      writer.string(signature.publicKey.blob)
      writer.string([])
    }
    failure(.malformed, "its authority is a certificate itself") { try SSHPublicKey(blob: blob) }
    failure(.malformed, "cert-authority wants a key, not a certificate") {
      try AllowedSigners("ada cert-authority \(signature.publicKey.line)", file: "signers")
    }
  }
}
