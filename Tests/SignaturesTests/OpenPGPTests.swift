import Signatures
import TestSupport
import Testing

/// A `gpg` with keys in a folder of its own, and its agent.
private final class KeyOwner: Sendable {
  let scratch: Scratch

  init(_ scratch: Scratch) throws {
    self.scratch = scratch
    try scratch.sh("mkdir -m 700 gnupg")
  }

  deinit { _ = try? sh("gpgconf --kill all") }

  @discardableResult
  func sh(_ script: String) throws -> String {
    try scratch.sh(
      "export GNUPGHOME=$PWD/gnupg; gpg() { command gpg --batch --no-tty --quiet --pinentry-mode loopback --passphrase '' \"$@\"; }; \(script)"
    )
  }

  /// Makes a key that can sign; its fingerprint.
  func makeKey(_ name: String, _ options: String = "", type: String = "ed25519", expires: String = "never") throws -> String {
    try sh("gpg \(options) --quick-gen-key '\(name)' \(type) sign \(expires) 2>/dev/null")
    return try sh("gpg --with-colons --list-keys '\(name)' | awk -F: '/^fpr/ {print $10; exit}'")
  }

  func export(_ options: String = "") throws -> [UInt8] {
    try sh("gpg \(options) --export > keys")
    return try scratch.bytes("keys")
  }

  func sign(_ message: [UInt8], _ options: String = "--armor --detach-sign") throws -> [UInt8] {
    try scratch.write("message", bytes: message)
    try sh("gpg \(options) < message > signature")
    return try scratch.bytes("signature")
  }
}

/// Signatures of people whose keys are OpenPGP's.
@Suite(.onOwnThread, .enabled(if: isInstalled("gpg", "gpg-agent", "gpgconf"), "gpg is not installed: apt-get install gnupg"))
struct OpenPGPTests {
  let scratch: Scratch
  private let owner: KeyOwner
  let message = Array("What is signed\n".utf8)

  init() throws {
    scratch = try Scratch()
    owner = try KeyOwner(scratch)
  }

  private func verifier(_ keyring: [UInt8]? = nil, gpg: String = "gpg", timeout: Duration = .seconds(20)) throws -> OpenPGPVerifier {
    try OpenPGPVerifier(keyring: try keyring ?? owner.export(), file: "keys.gpg", tool: scratch.tool(gpg, timeout: timeout))
  }

  private func words(_ verdict: OpenPGPVerdict) -> String {
    switch verdict {
    case .good(let signature): "good \(signature.primaryFingerprint)"
    case .refused(let refusal): "\(refusal)"
    }
  }

  @Test func `a good signature names its primary key, its time and the key's own name`() throws {
    let fingerprint = try owner.makeKey("Ada <ada@example.org>", "--faked-system-time 20260101T000000!")
    try owner.sh("gpg --faked-system-time 20260101T010000! --quick-add-key \(fingerprint) ed25519 sign never")
    let signature = try owner.sign(message, "--faked-system-time 20260102T030405! --armor --detach-sign")
    guard case .good(let good) = try verifier().verify(signature, over: message) else {
      Issue.record("refused: \(words(try verifier().verify(signature, over: message)))")
      return
    }
    #expect(good.primaryFingerprint == fingerprint && good.signingFingerprint != fingerprint && good.signingFingerprint.count == 40)
    #expect(good.claimedTime == then && good.userID == "Ada <ada@example.org>")
  }

  @Test(arguments: ["binary", "armored", "keybox"]) func `a keyring may be exported, armored or a keybox`(_ form: String) throws {
    let fingerprint = try owner.makeKey("Ada <ada@example.org>")
    let signature = try owner.sign(message, form == "binary" ? "--detach-sign" : "--armor --detach-sign")
    let keyring = form == "keybox" ? try scratch.bytes("gnupg/pubring.kbx") : try owner.export(form == "armored" ? "--armor" : "")
    #expect(words(try verifier(keyring).verify(signature, over: message)) == "good \(fingerprint)")
  }

  @Test func `changed bytes and unknown keys are refused`() throws {
    let fingerprint = try owner.makeKey("Ada <ada@example.org>")
    let signature = try owner.sign(message)
    let keyID = fingerprint.suffix(16)
    #expect(words(try verifier().verify(signature, over: message + [1])) == "OpenPGP key \(keyID) did not sign these bytes")
    let stranger = try KeyOwner(try Scratch())
    _ = try stranger.makeKey("Eve <ada@example.org>")
    #expect(words(try verifier(stranger.export()).verify(signature, over: message)) == "OpenPGP key \(keyID) is not in keys.gpg")
  }

  @Test func `an expired key, a revoked one and an expired signature are told apart`() throws {
    let expired = try owner.makeKey("Old <old@example.org>", "--faked-system-time 20250101T000000!", expires: "1d")
    let old = try owner.sign(message, "--faked-system-time 20250101T010000! -u \(expired) --armor --detach-sign")
    #expect(words(try verifier().verify(old, over: message)) == "OpenPGP key \(expired) expired at 2025-01-02T00:00:00Z")
    // At half past one of its only day it was valid, and is so whenever that is asked; before its first it was not.
    #expect(words(try verifier().verify(old, over: message, at: 1_735_695_000)) == "good \(expired)")
    #expect(!words(try verifier().verify(old, over: message, at: 1_700_000_000)).hasPrefix("good"))
    let key = try owner.makeKey("Ada <ada@example.org>", "--faked-system-time 20250101T000000!")
    let brief = try owner.sign(message, "--faked-system-time 20250101T010000! -u \(key) --default-sig-expire 1d --armor --detach-sign")
    #expect(words(try verifier().verify(brief, over: message)) == "the signature by OpenPGP key \(key) expired")
    let signature = try owner.sign(message, "-u \(key) --armor --detach-sign")
    #expect(words(try verifier().verify(signature, over: message)) == "good \(key)")
    try owner.sh("sed 's/^:---/---/' gnupg/openpgp-revocs.d/\(key).rev > revocation; gpg --import revocation 2>/dev/null")
    #expect(words(try verifier().verify(signature, over: message)) == "OpenPGP key \(key) was revoked")
  }

  @Test func `a signature with SHA-1 is refused`() throws {
    let key = try owner.makeKey("Ada <ada@example.org>", type: "rsa2048")
    let signature = try owner.sign(message, "--digest-algo SHA1 --armor --detach-sign")
    #expect(words(try verifier().verify(signature, over: message)).contains("\(key) was made with a hash that can be forged"))
    #expect(words(try verifier().verify(owner.sign(message, "--digest-algo SHA384 --detach-sign"), over: message)) == "good \(key)")
  }

  @Test func `two signatures at once, and a message that brings its own text, are refused`() throws {
    _ = try owner.makeKey("Ada <ada@example.org>")
    let one = try owner.sign(message, "--detach-sign")
    #expect(words(try verifier().verify(one + one, over: message)) == "it holds more than one OpenPGP signature")
    let inline = try owner.sign(Array("something else\n".utf8), "--armor --sign")
    #expect(words(try verifier().verify(inline, over: message)).hasPrefix("it is no OpenPGP signature that gpg can read"))
    let clear = try owner.sign(message, "--clear-sign")
    #expect(words(try verifier().verify(clear, over: message)).hasPrefix("it is no OpenPGP signature that gpg can read"))
    for nothing in [[], Array("nothing".utf8), Array("-----BEGIN PGP SIGNATURE-----\n".utf8)] {
      #expect(words(try verifier().verify(nothing, over: message)).hasPrefix("it is no OpenPGP signature that gpg can read"))
    }
  }

  @Test func `a signature with a byte changed or cut off is never good`() throws {
    _ = try owner.makeKey("Ada <ada@example.org>")
    let signature = try owner.sign(message, "--detach-sign")
    let verifier = try verifier()
    for index in stride(from: 0, to: signature.count, by: 5) {
      var changed = signature
      changed[index] ^= 0x41
      for bad in [changed, Array(signature[..<index])] {
        let verdict = try verifier.verify(bad, over: message)
        // Of what stands beside the signed part some is a hint alone.
        if case .good = verdict { #expect(index > 10 && bad.count == signature.count, "\(index)") }
      }
    }
  }

  @Test func `commits and tags that git signed verify`() throws {
    let key = try owner.makeKey("Ada <ada@example.org>")
    try owner.sh(
      "git init -q repo; cd repo; git config user.signingKey \(key); git commit -q -S --allow-empty -m 'Signed ✓'; git tag -s -m 'Tagged' v1; "
        + "git cat-file commit HEAD > ../commit; git cat-file tag v1 > ../tag")
    let commit = SignedObject(commit: try scratch.bytes("commit"))
    let tag = SignedObject(tag: try scratch.bytes("tag"))
    for object in [commit, tag] {
      #expect(object.kind == .openPGP)
      #expect(words(try verifier().verify(try #require(object.signature), over: object.payload)) == "good \(key)")
      #expect(words(try verifier().verify(try #require(object.signature), over: object.payload.dropLast())).contains("did not sign"))
    }
  }

  @Test func `what is not a verdict is an error`() throws {
    _ = try owner.makeKey("Ada <ada@example.org>")
    let signature = try owner.sign(message)
    failure(.unavailable, "tagflip-no-such-tool is not installed here") {
      try verifier(gpg: "tagflip-no-such-tool").verify(signature, over: message)
    }
    failure(.malformed, "could not read the keyring keys.gpg: it holds no OpenPGP key") {
      try verifier([]).verify(signature, over: message)
    }
    failure(.malformed, "it holds no OpenPGP key") { try verifier(Array("no keys".utf8)).verify(signature, over: message) }
    try scratch.script("slow", "sleep 60")
    failure(.timedOut) { try verifier(gpg: "\(scratch.path)/slow", timeout: .milliseconds(200)).verify(signature, over: message) }
    try scratch.script("broken", "case \"$*\" in *--import*) exec gpg \"$@\";; esac; echo broken >&2; exit 3")
    failure(.unavailable, "broken: broken") { try verifier(gpg: "\(scratch.path)/broken").verify(signature, over: message) }
    // What only claims success is no success, and what fails after it is none either.
    try scratch.script("liar", "case \"$*\" in *--import*) exec gpg \"$@\";; esac; exit 0")
    failure(.unavailable) { try verifier(gpg: "\(scratch.path)/liar").verify(signature, over: message) }
    try scratch.script("failing", "case \"$*\" in *--import*) exec gpg \"$@\";; esac; gpg \"$@\"; exit 2")
    #expect(words(try verifier(gpg: "\(scratch.path)/failing").verify(signature, over: message)).hasPrefix("it is no OpenPGP signature"))
    failure(.tooLarge) { try OpenPGPVerifier(keyring: [UInt8](repeating: 0, count: OpenPGPVerifier.keyringLimit + 1), file: "keys.gpg") }
    failure(.tooLarge) { try verifier().verify([UInt8](repeating: 0, count: 70_000), over: message) }
  }

  @Test func `the user's own keys, home and agent play no part, and nothing is left behind`() throws {
    _ = try owner.makeKey("Ada <ada@example.org>")
    let signature = try owner.sign(message)
    let stranger = try KeyOwner(try Scratch())
    _ = try stranger.makeKey("Eve <eve@example.org>")
    try scratch.sh("mkdir home tmp; cp -r gnupg home/.gnupg; find home | sort > before")
    let tool = scratch.tool("gpg", ["HOME": "\(scratch.path)/home", "GNUPGHOME": "\(scratch.path)/gnupg"])
    let verifier = try OpenPGPVerifier(keyring: try stranger.export(), file: "keys.gpg", tool: tool)
    #expect(words(try verifier.verify(signature, over: message)).contains("is not in keys.gpg"))
    #expect(try scratch.sh("find home | sort | diff - before").isEmpty)
  }
}
