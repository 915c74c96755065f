import Digests
import TestSupport
import Testing

@testable import Signatures

/// Bytes from whoever can push a tag: nothing of them traps, and nothing that was changed verifies.
@Suite(.onOwnThread, .enabled(if: isInstalled("ssh-keygen"), "ssh-keygen is not installed"))
struct HostileBytesTests {
  let scratch: Scratch
  let message = Array("What is signed".utf8)

  init() throws { scratch = try Scratch() }

  static let types = ["ed25519", "ecdsa -b 256", "ecdsa -b 521", "rsa -b 2048"]

  private func blob(_ type: String) throws -> [UInt8] {
    try scratch.makeKey("key", type)
    return try SSHSignature(armored: try scratch.keygenSign(message)).blob
  }

  private func verify(_ blob: some Collection<UInt8>) throws {
    let signature = try SSHSignature(blob: blob)
    #expect(signature.blob.elementsEqual(blob), "what is read is what is written")
    try signature.verify(message)
  }

  @Test(arguments: types) func `a signature that is cut short anywhere is refused`(_ type: String) throws {
    let blob = try blob(type)
    try verify(blob)
    for count in 0..<blob.count { failure(.malformed) { try verify(blob[..<count]) } }
  }

  @Test(arguments: types) func `a signature with one bit changed anywhere is refused`(_ type: String) throws {
    let blob = try blob(type)
    for index in blob.indices {
      for bit in [0, 3, 7] {
        var changed = blob
        changed[index] ^= 1 << bit
        failure { try verify(changed) }
      }
    }
  }

  @Test func `an armored text that is cut short or has a character changed anywhere is refused`() throws {
    try scratch.makeKey()
    let text = Array(try scratch.keygenSign(message).utf8)
    // Without its last line end it is whole still.
    for count in 0..<(text.count - 1) { failure { try SSHSignature(armored: text[..<count]) } }
    for index in text.indices.dropLast() {
      var changed = text
      changed[index] ^= 1
      failure {
        let signature = try SSHSignature(armored: changed)
        try signature.verify(message)
      }
    }
  }

  @Test(arguments: ["key", "key.pub", "key-cert.pub"]) func `key files with a bit changed anywhere trap nothing`(_ name: String) throws {
    try scratch.makeKey("ca", "ecdsa")
    let key = try scratch.makeKey()
    try scratch.sh("ssh-keygen -q -s ca -I id -n ada,bob -V 20260101:20270101 -O extension:x=y key.pub")
    let text = try scratch.bytes(name)
    let lines = text.split(separator: UInt8(ascii: "\n"))
    let base64 = name == "key" ? Array(lines.dropFirst().dropLast().joined()) : Array(text.split(separator: UInt8(ascii: " "))[1])
    let blob = try #require(Base64.decode(String(decoding: base64, as: UTF8.self)))
    var accepted = 0
    for index in blob.indices {
      for changed in [Array(blob[..<index]), blob.changed(at: index, by: 1), blob.changed(at: index, by: 0x80)] {
        do {
          if name == "key" {
            let armored = Armor.encode(changed, begin: PrivateKeyFile.begin, end: PrivateKeyFile.end)
            #expect(try SSHSigningKey(file: Array(armored.utf8)).publicKey == key)
          } else {
            let read = try SSHPublicKey(blob: changed)
            #expect(read != key && read.certificate == nil, "a certificate is signed to its last byte")
          }
          accepted += 1
        } catch {}
      }
    }
    switch name {
    case "key": #expect(accepted == 2 * "a comment".utf8.count, "all but the comment is needed")
    case "key.pub": #expect(accepted == 64, "any 32 bytes are a key")
    default: #expect(accepted == 0, "a certificate is signed from its first byte to its last")
    }
  }

  @Test func `noise is refused by all that reads`() throws {
    var noise = Noise(7)
    for _ in 0..<3000 {
      let count = Int(noise.next() % 300)
      let bytes = noise.bytes(count)
      let text = Armor.encode(bytes, begin: SSHSignature.begin, end: SSHSignature.end)
      failure { try SSHSignature(armored: text) }
      failure { try SSHSignature(blob: Array("SSHSIG\0\0\0\u{1}".utf8) + bytes) }
      failure { try SSHPublicKey(blob: bytes) }
      failure { try SSHPublicKey(blob: WireWriter.bytes { $0.string("ssh-ed25519-cert-v01@openssh.com") } + bytes) }
      failure { try PrivateKeyFile(Array(Armor.encode(bytes, begin: PrivateKeyFile.begin, end: PrivateKeyFile.end).utf8)) }
      failure { try DSSEEnvelope(json: bytes) }
      _ = SignedObject(commit: bytes)
      _ = SignedObject(tag: bytes)
      _ = try? AllowedSigners(bytes, file: "noise")
      _ = try? RevocationList(bytes, file: "noise")
    }
  }

  @Test func `lengths that claim more than there is take no memory`() {
    for claim: [UInt8] in [[0xff, 0xff, 0xff, 0xff], [0x7f, 0xff, 0xff, 0xff], [0, 1, 0, 0]] {
      failure(.malformed, "it is cut short") { try SSHSignature(blob: Array("SSHSIG\0\0\0\u{1}".utf8) + claim) }
      failure(.malformed, "it is cut short") { try SSHPublicKey(blob: claim) }
    }
  }

  @Test func `text from outside stays in one line and short`() {
    let error = failure(.unsupported) {
      try SSHPublicKey(blob: WireWriter.bytes { $0.string("evil\n\u{1b}[31m\u{202e}" + String(repeating: "x", count: 80)) })
    }
    let words = error.map { "\($0)" } ?? ""
    #expect(!words.unicodeScalars.contains { $0.value < 32 || $0.value == 0x202e } && words.contains("\"evil [31m"))
  }
}

extension [UInt8] {
  fileprivate func changed(at index: Int, by mask: UInt8) -> [UInt8] {
    var copy = self
    copy[index] ^= mask
    return copy
  }
}
