import Digests
import TestSupport
import Testing

@testable import Signatures

/// Signatures that `ssh-keygen` made, and ours before its eyes.
@Suite(.onOwnThread, .enabled(if: isInstalled("ssh-keygen"), "ssh-keygen is not installed"))
struct SSHSignatureTests {
  let scratch: Scratch
  let message = Array("What is signed ✓\nwith \0 in it\n".utf8)

  init() throws { scratch = try Scratch() }

  static let cases = makeableTypes.flatMap { type in ["sha256", "sha512"].map { (type, $0) } }

  @Test(arguments: cases) func `what ssh-keygen signs verifies, and nothing else does`(_ type: String, _ hash: String) throws {
    let key = try scratch.makeKey("key", type)
    let text = try scratch.keygenSign(message, namespace: "tagflip", "-O hashalg=\(hash)")
    let signature = try SSHSignature(armored: text)
    #expect(signature.publicKey == key && signature.namespace == "tagflip" && signature.hash.rawValue == hash)
    #expect(signature.touched == nil && signature.userVerified == nil)
    #expect(signature.armored == text, "it is written as it was read")
    try signature.verify(message)
    failure(.mismatch, "\(key.fingerprint) did not sign these bytes") { try signature.verify(message.dropLast()) }
    let other = SSHSignature(publicKey: signature.publicKey, namespace: "git", hash: signature.hash, raw: signature.raw)
    failure(.mismatch) { try other.verify(message) }
    let stranger = try scratch.makeKey("stranger", type)
    let borrowed = SSHSignature(publicKey: stranger, namespace: "tagflip", hash: signature.hash, raw: signature.raw)
    failure { try borrowed.verify(message) }
  }

  @Test func `what is signed here is byte for byte what ssh-keygen signs`() throws {
    try scratch.makeKey()
    let key = try scratch.signingKey()
    #expect(try key.publicKey == scratch.publicKey())
    for message in [[], message, Noise(1).copy { $0.bytes(100_000) }] {
      for namespace in ["git", "tagflip-record", "with space ä"] {
        #expect(try key.sign(message, namespace: namespace).armored == scratch.keygenSign(message, namespace: namespace))
      }
    }
  }

  @Test func `ssh-keygen takes what is signed here, and no other message`() throws {
    let key = try scratch.makeKey()
    try scratch.write("signers", "ada@example.org \(key.line)\n")
    let signature = try scratch.signingKey().sign(message, namespace: "git")
    #expect(try scratch.keygenVerify(signature, message).accepts)
    #expect(try !scratch.keygenVerify(signature, message + [0]).accepts)
    #expect(try !scratch.keygenVerify(signature, message, namespace: "file").accepts)
  }

  @Test func `an empty namespace is refused, in signing and in reading`() throws {
    try scratch.makeKey()
    let key = try scratch.signingKey()
    failure(.malformed, "the namespace is empty") { try key.sign(message, namespace: "") }
    let signature = try key.sign(message, namespace: "git")
    let empty = SSHSignature(publicKey: key.publicKey, namespace: "", hash: .sha512, raw: signature.raw)
    failure(.malformed, "its namespace is empty") { try SSHSignature(blob: empty.blob) }
  }

  @Test func `only the armor as it should be is read`() throws {
    try scratch.makeKey()
    let signature = try scratch.signingKey().sign(message, namespace: "git")
    let text = signature.armored
    let body = text.split(separator: "\n").dropFirst().dropLast().joined(separator: "\n")
    for good in [text, String(text.dropLast()), text.split(separator: "\n").joined(separator: "\r\n") + "\r\n"] {
      #expect(try SSHSignature(armored: good) == signature)
    }
    let bad = [
      "", "\n" + text, " " + text, text + "\n", text + "more", text + text, "-----BEGIN SSH SIGNATURE-----\n-----END SSH SIGNATURE-----\n",
      "-----BEGIN SSH SIGNATURE-----", "-----BEGIN SSH SIGNATURE-----\n\(body)\n", text.split(separator: "\n").joined(separator: "\n\n"),
      text.split(separator: "\n").joined(separator: " \n"), "-----BEGIN SSH SIGNATURE-----\n\(body)=\n-----END SSH SIGNATURE-----\n",
      "-----BEGIN SSH SIGNATURE-----\n\(body)\n-----END PGP SIGNATURE-----\n", text.split(separator: "\n").joined(separator: "\r"),
    ]
    for text in bad { failure(.malformed) { try SSHSignature(armored: text) } }
    failure(.tooLarge) { try SSHSignature(armored: String(repeating: "A", count: SSHSignature.limit + 1)) }
  }

  @Test func `other versions, hashes and reserved fields are refused`() throws {
    try scratch.makeKey()
    let signature = try scratch.signingKey().sign(message, namespace: "git")
    var version = signature.blob
    version[9] = 2
    failure(.unsupported, "it is of version 2; version 1 is known") { try SSHSignature(blob: version) }
    version[9] = 0
    failure(.unsupported) { try SSHSignature(blob: version) }
    func blob(reserved: String = "", hash: String = "sha512", key: [UInt8]? = nil, raw: [UInt8]? = nil) -> [UInt8] {
      WireWriter.bytes { writer in
        writer.raw(Array("SSHSIG".utf8))
        writer.uint32(1)
        writer.string(key ?? signature.publicKey.blob)
        writer.string("git")
        writer.string(reserved)
        writer.string(hash)
        writer.string(raw ?? signature.raw.blob)
      }
    }
    #expect(try SSHSignature(blob: blob()) == signature)
    failure(.unsupported, "its reserved field is used") { try SSHSignature(blob: blob(reserved: "x")) }
    failure(.unsupported, "its hash is \"sha1\"; sha256 and sha512 are known") { try SSHSignature(blob: blob(hash: "sha1")) }
    failure(.malformed) { try SSHSignature(blob: blob() + [0]) }
    let renamed = WireWriter.bytes {
      $0.string("ssh-rsa")
      $0.string(signature.raw.bytes)
    }
    failure(.malformed, "it is of \"ssh-rsa\", and its key of ssh-ed25519") { try SSHSignature(blob: blob(raw: renamed)) }
  }

  @Test func `RSA with SHA-1, and a signature longer than its key, are refused`() throws {
    let key = try scratch.makeKey("key", "rsa -b 2048")
    let signature = try SSHSignature(armored: try scratch.keygenSign(message))
    func raw(_ name: String, _ bytes: [UInt8]) throws -> RawSignature {
      let blob = WireWriter.bytes {
        $0.string(name)
        $0.string(bytes)
      }
      return try RawSignature(blob[...], by: .rsa)
    }
    failure(.weak, "it was made with SHA-1") { try raw("ssh-rsa", signature.raw.bytes) }
    failure(.malformed, "it is of \"rsa-sha3\", and its key of ssh-rsa") { try raw("rsa-sha3", signature.raw.bytes) }
    let signed = SSHSignature.signedBytes(of: message, namespace: "git", hash: .sha512)
    try key.plain.verify(try raw("rsa-sha2-512", signature.raw.bytes), of: signed)
    failure(.mismatch) { try key.plain.verify(try raw("rsa-sha2-256", signature.raw.bytes), of: signed) }
    failure(.malformed, "it is longer than its key") {
      try key.plain.verify(try raw("rsa-sha2-512", [0] + signature.raw.bytes), of: signed)
    }
  }

  /// One of 256 RSA signatures begins with a zero. This is one, by `ssh-keygen`, of the bytes `message 185`.
  static let leadingZero = """
    -----BEGIN SSH SIGNATURE-----
    U1NIU0lHAAAAAQAAARcAAAAHc3NoLXJzYQAAAAMBAAEAAAEBALjQE9N7C2AXjH9Xht4FP9
    eV9sV+K9iSeC+Jx/TZyNf0/+Pv4eY9vHaqpVrwVwHe2NBGyb0tke6u2KgO/Cxq8hboS9MU
    qJYQ3cgrdVMXqGfkVe2x3wZruZZjyaMB83J9HC6548ThkjnZIaiq/AC4upHAMeh3rKqpYC
    zIwdDpC3AhNfpo3DOJx4J7cGFR+2ZJG14pw6dHAfdBCOIs2CpgMFYu+otZ9D6eEhDKuFQk
    sYrkAJMRB16RhFxBrCg4LYpbUV1UMw1IgqbHA/VjnLm8RC7nuUdjZx4LpYzonHzDJbmJaz
    PI5Qrf3bJXaRNYBb5XUYb6oLfNad6IMD4/wkStYm8AAAADZ2l0AAAAAAAAAAZzaGE1MTIA
    AAEUAAAADHJzYS1zaGEyLTUxMgAAAQAA50ne1vH6B5bSh5CXSD1cddet9zwUvyYrPcI7E5
    WhHXfkHoglqUAs32H0KZ/8oMeI0KeOO8pDHm/FvxkeD2OoD5O7rUuoenKpV9ThOrPdfZqj
    g1Z0EpSa76VVwWWL17oNgqpUzPS+WlT2BwKddmY7Gs+MwJbjp3MQuZtXGbn/oggly9lxzO
    0nCr6e8+uyLjjtZM1o0YtfRt4yeJXV02UnuCXbSCsIX1JW+JO0MSQ+IwyXwDjDhaC68gul
    8LxO/zPN57BbymxdCyMzjUEY1I0UqQh1HI4LsgtwxlFNd4CwjPJQ1G/v4pvdfAb0d4Mt8k
    m4JYzLcF3CASBsNqbpOcHv
    -----END SSH SIGNATURE-----

    """

  @Test func `an RSA signature's leading zero may be left out, as for ssh-keygen`() throws {
    let message = Array("message 185".utf8)
    let whole = try SSHSignature(armored: Self.leadingZero)
    #expect(whole.raw.bytes.first == 0)
    try whole.verify(message)
    let blob = WireWriter.bytes {
      $0.string("rsa-sha2-512")
      $0.string(Array(whole.raw.bytes.dropFirst()))
    }
    let short = SSHSignature(
      publicKey: whole.publicKey, namespace: "git", hash: .sha512, raw: try RawSignature(blob[...], by: .rsa))
    try short.verify(message)
    try scratch.write("signers", "ada@example.org \(whole.publicKey.line)\n")
    #expect(try scratch.keygenVerify(short, message).accepts)
  }

  /// How two numbers of an ECDSA signature may not be written: a number has one form.
  static let numbers: [(bytes: [UInt8], words: String)] = [
    ([], "r is not positive"), ([0], "r begins with a zero"), ([0, 1], "r begins with a zero"), ([0x80], "r is not positive"),
    ([UInt8](repeating: 1, count: 33), "r has 33 bytes; at most 32 are read"),
    ([0] + [UInt8](repeating: 0x80, count: 33), "r has 33 bytes"),
  ]

  @Test(arguments: numbers) func `numbers that are not positive, or not in their shortest form, are refused`(
    _ bytes: [UInt8], _ words: String
  ) throws {
    let key = try scratch.makeKey("key", "ecdsa -b 256")
    let inner = WireWriter.bytes {
      $0.string(bytes)
      $0.string([1])
    }
    let blob = WireWriter.bytes {
      $0.string("ecdsa-sha2-nistp256")
      $0.string(inner)
    }
    failure(nil, words) { try key.plain.verify(try RawSignature(blob[...], by: .ecdsa256), of: message) }
  }
}

extension Noise {
  func copy<Value>(_ body: (inout Noise) -> Value) -> Value {
    var noise = self
    return body(&noise)
  }
}
