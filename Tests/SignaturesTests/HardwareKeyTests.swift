import TestSupport
import Testing

@testable import Signatures

/// Security keys' signatures. No security key is at hand: its part is played by an Ed25519 key, and judged by `ssh-keygen`.
@Suite(.onOwnThread, .enabled(if: isInstalled("ssh-keygen"), "ssh-keygen is not installed"))
struct HardwareKeyTests {
  let scratch: Scratch
  let message = Array("What is signed".utf8)

  init() throws { scratch = try Scratch() }

  /// What a security key would answer (PROTOCOL.u2f).
  private func sign(flags: UInt8 = 1, application: String = "ssh:", counter: UInt32 = 7) throws -> SSHSignature {
    let secret = try #require(Ed25519Secret(seed: [UInt8](repeating: 9, count: 32)))
    let blob = WireWriter.bytes {
      $0.string("sk-ssh-ed25519@openssh.com")
      $0.string(secret.publicBytes)
      $0.string(application)
    }
    let signed = SSHSignature.signedBytes(of: message, namespace: "git", hash: .sha512)
    let hashed = HashAlgorithm.sha256.digest(application.utf8)
    let told = WireWriter.bytes {
      $0.byte(flags)
      $0.uint32(counter)
    }
    let signature = try #require(secret.sign(hashed + told + HashAlgorithm.sha256.digest(signed)))
    let raw = WireWriter.bytes {
      $0.string("sk-ssh-ed25519@openssh.com")
      $0.string(signature)
      $0.raw(told)
    }
    return SSHSignature(
      publicKey: try SSHPublicKey(blob: blob), namespace: "git", hash: .sha512, raw: try RawSignature(raw[...], by: .hardwareEd25519))
  }

  @Test func `its signature verifies here as with ssh-keygen, and tells how it was made`() throws {
    let signature = try sign(flags: 5)
    try signature.verify(message)
    try scratch.write("signers", "ada@example.org \(signature.publicKey.line)\n")
    #expect(try scratch.keygenVerify(signature, message).accepts)
    #expect(try SSHSignature(armored: signature.armored) == signature)
    #expect(signature.touched == true && signature.userVerified == true)
    #expect(try sign(flags: 1).userVerified == false && sign(flags: 0).touched == false)
  }

  @Test func `flags, counter and application are signed too`() throws {
    let signature = try sign()
    let raw = signature.raw
    func altered(flags: UInt8, counter: UInt32) throws -> SSHSignature {
      let blob = WireWriter.bytes {
        $0.string(raw.algorithm)
        $0.string(raw.bytes)
        $0.byte(flags)
        $0.uint32(counter)
      }
      return SSHSignature(
        publicKey: signature.publicKey, namespace: "git", hash: .sha512, raw: try RawSignature(blob[...], by: .hardwareEd25519))
    }
    try altered(flags: 1, counter: 7).verify(message)
    failure(.mismatch) { try altered(flags: 5, counter: 7).verify(message) }
    failure(.mismatch) { try altered(flags: 1, counter: 8).verify(message) }
    let other = SSHSignature(publicKey: try sign(application: "ssh:else").publicKey, namespace: "git", hash: .sha512, raw: raw)
    failure(.mismatch) { try other.verify(message) }
  }

  @Test func `an ECDSA security key's signature verifies here as with ssh-keygen`() throws {
    // The device's part is played by openssl, which signs as ECDSA with SHA-256.
    try scratch.sh(
      "openssl ecparam -name prime256v1 -genkey -noout -out device.pem; openssl ec -in device.pem -pubout -outform DER -out device.der 2>/dev/null"
    )
    let point = Array(try scratch.bytes("device.der").suffix(65))
    let blob = WireWriter.bytes {
      $0.string("sk-ecdsa-sha2-nistp256@openssh.com")
      $0.string("nistp256")
      $0.string(point)
      $0.string("ssh:")
    }
    let told: [UInt8] = [1, 0, 0, 0, 3]
    let signed = SSHSignature.signedBytes(of: message, namespace: "git", hash: .sha256)
    try scratch.write(
      "signed", bytes: HashAlgorithm.sha256.digest("ssh:".utf8) + told + HashAlgorithm.sha256.digest(signed))
    let numbers = try scratch.sh(
      "openssl dgst -sha256 -sign device.pem signed | openssl asn1parse -inform DER | sed -n 's/.*INTEGER *:\\(.*\\)/\\1/p'"
    ).split(separator: "\n").map { hex in
      Array(stride(from: 0, to: hex.count, by: 2).compactMap { UInt8(hex.dropFirst($0).prefix(2), radix: 16) }.drop { $0 == 0 })
    }
    try #require(numbers.count == 2)
    let inner = WireWriter.bytes {
      $0.positiveInteger(numbers[0])
      $0.positiveInteger(numbers[1])
    }
    let raw = WireWriter.bytes {
      $0.string("sk-ecdsa-sha2-nistp256@openssh.com")
      $0.string(inner)
      $0.raw(told)
    }
    let signature = SSHSignature(
      publicKey: try SSHPublicKey(blob: blob), namespace: "git", hash: .sha256, raw: try RawSignature(raw[...], by: .hardwareECDSA256))
    try signature.verify(message)
    failure(.mismatch) { try signature.verify(message + [1]) }
    try scratch.write("signers", "ada@example.org \(signature.publicKey.line)\n")
    #expect(try scratch.keygenVerify(signature, message).accepts)
  }
}
