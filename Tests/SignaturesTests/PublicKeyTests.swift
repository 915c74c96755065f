import Signatures
import TestSupport
import Testing

/// Public keys as `ssh-keygen` and `openssl` know them.
@Suite(.onOwnThread, .enabled(if: isInstalled("ssh-keygen"), "ssh-keygen is not installed"))
struct PublicKeyTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  @Test(arguments: makeableTypes) func `a key's line and fingerprint are those of ssh-keygen`(_ type: String) throws {
    let key = try scratch.makeKey("key", type)
    #expect(try scratch.sh("ssh-keygen -lf key.pub | cut -d' ' -f2") == key.fingerprint)
    #expect(try scratch.sh("cut -d' ' -f1,2 key.pub") == key.line)
    #expect(try SSHPublicKey(blob: key.blob) == key && SSHPublicKey(line: key.line) == key)
    #expect(key.description == "\(key.algorithm.rawValue) \(key.fingerprint)" && key.certificate == nil)
    #expect(try scratch.sh("cut -d' ' -f1 key.pub") == key.name)
  }

  @Test(.enabled(if: isInstalled("openssl"), "openssl is not installed"), arguments: makeableTypes)
  func `a key's PEM text is what ssh-keygen exports and openssl reads`(_ type: String) throws {
    let key = try scratch.makeKey("key", type)
    try scratch.write("key.pem", key.pem)
    #expect(try scratch.sh("openssl pkey -pubin -in key.pem -outform PEM") + "\n" == key.pem)
    // For Ed25519 ssh-keygen has no PEM.
    guard type != "ed25519" else { return }
    #expect(try scratch.sh("ssh-keygen -e -m PKCS8 -f key.pub") + "\n" == key.pem)
  }

  @Test func `what is no line of a public key is refused with the reason`() throws {
    let key = try scratch.makeKey()
    let other = try scratch.makeKey("other", "ecdsa")
    let base64 = key.line.dropFirst("ssh-ed25519 ".count)
    failure(.malformed, "a line such as ssh-ed25519 AAAA… is expected") { try SSHPublicKey(line: "") }
    failure(.malformed, "a line such as") { try SSHPublicKey(line: "ssh-ed25519") }
    failure(.malformed, "is not base64") { try SSHPublicKey(line: "ssh-ed25519 \(base64.dropLast())") }
    failure(.malformed, "it says \"ecdsa-sha2-nistp256\" and is ssh-ed25519") { try SSHPublicKey(line: "ecdsa-sha2-nistp256 \(base64)") }
    failure(.malformed, "2 bytes follow its end") { try SSHPublicKey(blob: key.blob + [1, 2]) }
    failure(.tooLarge) { try SSHPublicKey(blob: [UInt8](repeating: 0, count: 70_000)) }
    failure(.tooLarge) { try SSHPublicKey(line: "ssh-ed25519 " + String(repeating: "A", count: 200_000)) }
    #expect(try SSHPublicKey(line: "  \(other.line)\t a comment\n") == other)
  }

  @Test func `keys that are too weak or of unknown kinds are refused with what to take instead`() throws {
    try scratch.sh("ssh-keygen -q -t rsa -b 1024 -N '' -f weak")
    failure(.weak, "an RSA key of 1024 bits is too short; take one of at least 2048") { try scratch.publicKey("weak") }
    try scratch.sh("ssh-keygen -q -t dsa -N '' -f dsa")
    failure(.unsupported, "keys of \"ssh-dss\" are not supported; take ssh-ed25519") { try scratch.publicKey("dsa") }
  }

  @Test func `numbers that are no key are refused`() throws {
    let key = try scratch.makeKey("key", "ecdsa -b 256")
    var blob = key.blob
    blob[blob.count - 1] ^= 1
    failure(.malformed, "its numbers are no key") { try SSHPublicKey(blob: blob) }
    blob = key.blob
    blob[blob.count - 65] = 2
    failure(.malformed, "its point is not uncompressed") { try SSHPublicKey(blob: blob) }
  }
}
