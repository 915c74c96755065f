import Signatures
import TestSupport
import Testing

/// Who may sign: our reading of the file beside that of `ssh-keygen`.
@Suite(.onOwnThread, .enabled(if: isInstalled("ssh-keygen"), "ssh-keygen is not installed"))
struct AllowedSignersTests {
  let scratch: Scratch
  let message = Array("What is signed".utf8)
  let key: SSHPublicKey
  let signature: SSHSignature

  init() throws {
    scratch = try Scratch()
    key = try scratch.makeKey()
    signature = try scratch.signingKey().sign(message, namespace: "git")
  }

  private func signers(_ text: String) throws -> AllowedSigners { try AllowedSigners(text, file: "signers") }

  private func judge(_ text: String, at instant: Int64 = then, as principal: String? = nil) throws -> SignerVerdict {
    try signers(text).judge(signature, over: message, namespace: "git", at: instant, as: principal)
  }

  private func allowed(_ verdict: SignerVerdict) -> Signer? {
    if case .allowed(let signer) = verdict { return signer }
    return nil
  }

  private func refusal(_ verdict: SignerVerdict) -> SignerRefusal? {
    if case .refused(let refusal) = verdict { return refusal }
    return nil
  }

  static let lines: [(line: String, principal: String, isAllowed: Bool)] = [
    ("ada@example.org {key}", "ada@example.org", true), ("ada@example.org {key} with a comment", "ada@example.org", true),
    ("ada@example.org {key}", "bob@example.org", false), ("bob@example.org,ada@example.org {key}", "ada@example.org", true),
    ("*@example.org {key}", "ada@example.org", true), ("*@example.org {key}", "ada@example.com", false),
    ("*@example.org {key}", "@example.org", true),
    ("a?a@example.org {key}", "ada@example.org", true), ("a?a@example.org {key}", "aa@example.org", false), ("* {key}", "anybody", true),
    ("*@example.org,!eve@example.org {key}", "ada@example.org", true), ("*@example.org,!eve@example.org {key}", "eve@example.org", false),
    ("!eve@example.org,*@example.org {key}", "eve@example.org", false), ("ADA@example.org {key}", "ada@example.org", false),
    ("ada@example.org namespaces=\"git\" {key}", "ada@example.org", true),
    ("ada@example.org namespaces=\"file,git\" {key}", "ada@example.org", true),
    ("ada@example.org namespaces=\"file\" {key}", "ada@example.org", false),
    ("ada@example.org namespaces=\"g*\" {key}", "ada@example.org", true),
    ("ada@example.org namespaces=\"*,!git\" {key}", "ada@example.org", false),
    ("ada@example.org NAMESPACES=\"git\" {key}", "ada@example.org", true),
    ("ada@example.org valid-after=\"20260102030405Z\" {key}", "ada@example.org", true),
    ("ada@example.org valid-after=\"20260102030406Z\" {key}", "ada@example.org", false),
    ("ada@example.org valid-before=\"20260102030405Z\" {key}", "ada@example.org", true),
    ("ada@example.org valid-before=\"20260102030404Z\" {key}", "ada@example.org", false),
    ("ada@example.org valid-after=\"20260101Z\",valid-before=\"202601030000Z\" {key}", "ada@example.org", true),
    ("ada@example.org valid-after=\"20260101\",valid-before=\"20260103\",namespaces=\"git\" {key}", "ada@example.org", true),
    ("ada@example.org cert-authority {key}", "ada@example.org", false), ("# ada@example.org {key}", "ada@example.org", false),
    ("  ada@example.org\t {key}", "ada@example.org", true), ("ada@example.org {other}\nada@example.org {key}", "ada@example.org", true),
    ("ada@example.org namespaces=\"file\" {key}\n\n# two\nada@example.org {key}", "ada@example.org", true), ("", "ada@example.org", false),
    ("ada@example.org {other}", "ada@example.org", false), ("\"ada@example.org\" {key}", "ada@example.org", true),
    ("\"Ada Lovelace\" {key}", "Ada Lovelace", true),
  ]

  @Test(arguments: lines) func `a line means what it means to ssh-keygen`(_ line: String, _ principal: String, _ isAllowed: Bool) throws {
    let other = try scratch.makeKey("other")
    let text = line.replacing("{key}", with: key.line).replacing("{other}", with: other.line) + "\n"
    try scratch.write("signers", text)
    #expect(try scratch.keygenVerify(signature, message, as: principal).accepts == isAllowed)
    let verdict = try judge(text, as: principal)
    #expect((allowed(verdict) != nil) == isAllowed, "\(verdict)")
    if let signer = allowed(verdict) { #expect(signer.speaks(for: principal) && signer.key == key) }
    if principal == "ada@example.org" { #expect((allowed(try judge(text))?.speaks(for: principal) ?? false) == isAllowed) }
  }

  @Test func `a refusal is told precisely`() throws {
    func words(_ line: String, as principal: String? = nil) throws -> String {
      refusal(try judge(line.replacing("{key}", with: key.line), as: principal)).map { "\($0)" } ?? "allowed"
    }
    #expect(try words("") == "key \(key.fingerprint) is not listed in signers")
    #expect(try words("\nbob {key}", as: "ada") == "the key on line 2 may not sign for \"ada\", only for \"bob\"")
    #expect(
      try words("bob namespaces=\"file,mail\" {key}") == "the key on line 1 may not sign in namespace \"git\", only in \"file,mail\"")
    #expect(
      try words("bob valid-after=\"20270101Z\" {key}")
        == "the key on line 1 is valid from 2027-01-01T00:00:00Z on, and this is about 2026-01-02T03:04:05Z")
    #expect(
      try words("bob valid-before=\"20250101Z\" {key}")
        == "the key on line 1 was valid until 2025-01-01T00:00:00Z, and this is about 2026-01-02T03:04:05Z")
    #expect(try words("# the first reason is told\nbob namespaces=\"a\" {key}\nbob namespaces=\"b\" {key}").contains("line 2"))
  }

  @Test func `mathematics and namespace are judged before the key`() throws {
    let signers = try signers("ada \(key.line)")
    #expect(
      refusal(try signers.judge(signature, over: message, namespace: "file", at: then))
        == .otherNamespace("git", expected: "file"))
    let wrong = refusal(try signers.judge(signature, over: message + [0], namespace: "git", at: then))
    #expect(wrong.map { "\($0)" } == "\(key.fingerprint) did not sign these bytes")
    #expect(allowed(try signers.judge(key, namespace: "git", at: then))?.line == 1)
  }

  @Test func `whom a key may speak for is told as the file lists it`() throws {
    let signer = try #require(allowed(try judge("*@example.org,!eve@example.org \(key.line)")))
    #expect(signer.names == "*@example.org,!eve@example.org")
    #expect(signer.speaks(for: "ada@example.org") && !signer.speaks(for: "eve@example.org"))
    try scratch.write("signers", "*@example.org,!eve@example.org \(key.line)\n")
    try scratch.write("signature", signature.armored)
    #expect(try scratch.sh("ssh-keygen -Y find-principals -f signers -s signature | paste -sd,") == signer.names)
  }

  static let mistakes: [(line: String, place: String, words: String)] = [
    ("ada", "1:4", "the key is missing: append the line of its .pub file"), ("ada ", "1:5", "the key is missing"),
    ("ada,, {key}", "1:1", "\"ada,,\" allows nobody: name principals such as ada@example.org,*@example.com"),
    ("!ada {key}", "1:1", "allows nobody"), ("\n\n\"ada {key}", "3:1", "the quote that begins here has no end"),
    ("a\"b\" {key}", "1:2", "a space and the key are expected after the principals"),
    ("ada namespace=\"git\" {key}", "1:5", "there is no option \"namespace\": use cert-authority, namespaces, valid-after, valid-before"),
    ("ada namespaces=git {key}", "1:16", "the value of namespaces must be in double quotes"),
    ("ada namespaces {key}", "1:15", "namespaces wants a value: namespaces=\"…\""),
    ("ada namespaces=\"\" {key}", "1:16", "allows no namespace"),
    ("ada namespaces=\"git {key}", "1:16", "the quote that begins here has no end"),
    ("ada namespaces=\"a\",namespaces=\"b\" {key}", "1:20", "namespaces is given twice"),
    ("ada namespaces=\"a\", {key}", "1:20", "there is no option \"\""),
    ("ada namespaces=\"a\"x {key}", "1:19", "a comma and an option, or a space and the key, are expected"),
    ("ada cert-authority=\"x\" {key}", "1:19", "cert-authority has no value: write it alone"),
    ("ä valid-after=\"2026\" {key}", "1:15", "\"2026\" is no time: write YYYYMMDD or YYYYMMDDHHMMSS, with Z behind it for UTC"),
    ("ada valid-after=\"20260230\" {key}", "1:17", "is no time"), ("ada valid-after=\"20261301\" {key}", "1:17", "is no time"),
    ("ada valid-after=\"19700101Z\" {key}", "1:17", "is no time"), ("ada valid-after=\"202601012460Z\" {key}", "1:17", "is no time"),
    ("ada valid-after=\"20270101Z\",valid-before=\"20260101Z\" {key}", "1:5", "valid-before is not later than valid-after"),
    ("ada ssh-ed25519 AAAA!", "1:5", "what follows \"ssh-ed25519\" is not base64"),
    ("ada ssh-dss AAAAB3NzaC1kc3MAAACB", "1:5", "keys of \"ssh-dss\" are not supported"),
    ("ada nonsense", "1:5", "a line such as ssh-ed25519"),
    ("ada\0 {key}", "1:1", "the line is no text"),
  ]

  @Test(arguments: mistakes) func `a mistake is told with its place and what to do`(_ line: String, _ place: String, _ words: String) throws
  {
    let error = failure(nil, words) { try signers(line.replacing("{key}", with: key.line)) }
    #expect(
      error.map { "\($0)" }?.hasPrefix("signers:\(place): could not read the allowed signers: ") == true, "\(error.map { "\($0)" } ?? "")")
    #expect(error?.place?.description == "signers:\(place)")
  }

  @Test func `a file beyond its limit is refused, and line ends of Windows are read`() throws {
    failure(.tooLarge) { try AllowedSigners(Array(repeating: UInt8(ascii: "#"), count: AllowedSigners.limit + 1), file: "signers") }
    let signers = try signers("# a comment\r\nada \(key.line)\r\nbob cert-authority \(key.line) x\r\n")
    #expect(signers.count == 2 && signers.keys == [key])
  }

  @Test func `a pattern that is all stars takes no time`() {
    let list = PatternList(String(repeating: "*a", count: 2000) + "b")
    let start = ContinuousClock.now
    #expect(list?.matches(String(repeating: "a", count: 4000)) == false)
    #expect(ContinuousClock.now - start < .seconds(5))
  }

  @Test func `times without a zone are in this machine's, as for ssh-keygen`() throws {
    // What zone that is does not matter here: both read the same.
    for (hours, minutes) in [(2, 4), (3, 3), (3, 4), (3, 5), (4, 4), (8, 0), (22, 0)] {
      let text = "ada valid-before=\"2026010\(hours < 22 ? 2 : 1)\(hours < 10 ? "0" : "")\(hours)0\(minutes)\" \(key.line)\n"
      try scratch.write("signers", text)
      let accepted = try scratch.keygenVerify(signature, message, as: "ada").accepts
      #expect((allowed(try judge(text)) != nil) == accepted, "\(text)")
    }
  }
}
