import FoundationEssentials
import Signatures
import TestSupport
import Testing

/// 2026-01-02T03:04:05Z, when everything here happens.
let then: Int64 = 1_767_323_045

/// All kinds of keys that `ssh-keygen` makes without a security key.
let makeableTypes = ["ed25519", "ecdsa -b 256", "ecdsa -b 384", "ecdsa -b 521", "rsa -b 2048", "rsa -b 3072"]

extension Scratch {
  func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: "\(path)/\(name)"))) }

  /// Makes a program of the shell. Another process writes it: a file that a thread of this one has open just now cannot be run.
  func script(_ name: String, _ text: String) throws {
    try write("\(name).text", "#!/bin/sh\n\(text)\n")
    try sh("rm -f \(name); cp \(name).text \(name); chmod +x \(name)")
  }

  /// Makes a key pair of a type, with `ssh-keygen -t`.
  @discardableResult
  func makeKey(_ name: String = "key", _ type: String = "ed25519", passphrase: String = "") throws -> SSHPublicKey {
    try sh("ssh-keygen -q -t \(type) -N '\(passphrase)' -C 'a comment' -f \(name)")
    return try publicKey(name)
  }

  func publicKey(_ name: String = "key") throws -> SSHPublicKey {
    try SSHPublicKey(line: String(decoding: try bytes("\(name).pub"), as: UTF8.self))
  }

  func signingKey(_ name: String = "key") throws -> SSHSigningKey { try SSHSigningKey(file: try bytes(name)) }

  /// What `ssh-keygen -Y sign` says.
  func keygenSign(_ message: [UInt8], _ name: String = "key", namespace: String = "git", _ options: String = "") throws -> String {
    try write("message", bytes: message)
    return try sh("ssh-keygen -q -Y sign \(options) -n '\(namespace)' -f \(name) < message 2>/dev/null") + "\n"
  }

  /// Whether `ssh-keygen -Y verify` takes a signature, and what it says.
  func keygenVerify(
    _ signature: SSHSignature, _ message: [UInt8], as principal: String = "ada@example.org", namespace: String = "git",
    signers: String = "signers", at: String = "20260102030405Z", _ options: String = ""
  ) throws -> (accepts: Bool, words: String) {
    try write("message", bytes: message)
    try write("signature", signature.armored)
    let words = try sh(
      "ssh-keygen -Y verify -n '\(namespace)' -f \(signers) -I '\(principal)' -s signature -O verify-time=\(at) \(options) < message || true"
    )
    return (words.contains("Good \"\(namespace)\" signature for \(principal)"), words)
  }

  /// Programs in an environment of this folder, and no agent.
  func tool(_ command: String, _ more: [String: String] = [:], timeout: Duration = .seconds(20)) -> Tool {
    Tool(command, environment: ["PATH": "/usr/bin:/bin", "HOME": path].merging(more) { $1 }, timeout: timeout)
  }
}

/// The error that a body throws.
@discardableResult
func failure<Value>(
  _ kind: SignatureError.Kind? = nil, _ text: String = "", sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Value
) -> SignatureError? {
  do {
    let value = try body()
    Issue.record("it was accepted: \(value)", sourceLocation: sourceLocation)
    return nil
  } catch let error as SignatureError {
    if let kind { #expect(error.kind == kind, "\(error)", sourceLocation: sourceLocation) }
    #expect(text.isEmpty || "\(error)".contains(text), "\(error)", sourceLocation: sourceLocation)
    return error
  } catch {
    Issue.record("\(error)", sourceLocation: sourceLocation)
    return nil
  }
}

/// Random bytes that are the same in each run.
struct Noise: RandomNumberGenerator {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var value = state
    value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
    value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
    return value ^ (value >> 31)
  }

  mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) } }
}
