import GitStore
import HTTPTransport
import Signatures
import TestSupport
import Testing

/// Commits and tags taken apart beside git, and judged as git judges them.
@Suite(.onOwnThread, .enabled(if: isInstalled("git", "ssh-keygen"), "git or ssh-keygen is not installed"))
struct SignedObjectTests {
  let scratch: Scratch
  let key: SSHPublicKey

  init() throws {
    scratch = try Scratch()
    key = try scratch.makeKey()
    try scratch.write("signers", "ada@example.org \(key.line)\n")
    try scratch.sh("git init -q repo; git -C repo config gpg.format ssh; git -C repo config user.signingKey $PWD/key")
    try scratch.sh("git -C repo config gpg.ssh.allowedSignersFile $PWD/signers; git -C repo commit -q --allow-empty -m 'First'")
  }

  private func raw(_ object: String) throws -> [UInt8] {
    try scratch.sh("git -C repo cat-file \(object) > raw")
    return try scratch.bytes("raw")
  }

  /// Stores bytes as an object, unchecked; its id.
  private func store(_ bytes: [UInt8], _ type: String) throws -> String {
    try scratch.write("object", bytes: bytes)
    return try scratch.sh("git -C repo hash-object -t \(type) -w --literally ../object")
  }

  private func judge(_ object: SignedObject) throws -> SignerVerdict? {
    guard let signature = object.signature else { return nil }
    return try AllowedSigners(try scratch.bytes("signers"), file: "signers").judge(
      try SSHSignature(armored: signature), over: object.payload, namespace: "git", at: then)
  }

  private func isAllowed(_ object: SignedObject) -> Bool {
    if case .allowed? = try? judge(object) { return true }
    return false
  }

  private func gitTakes(_ kind: String, _ object: String) throws -> Bool {
    try scratch.sh("git -C repo verify-\(kind) --raw \(object) 2>&1 || true").contains("Good \"git\" signature for ada@example.org")
  }

  @Test func `a commit that git signed verifies, whatever its message holds`() throws {
    let messages = ["One line", "Two\n\nlines\n gpgsig x\n\n-----BEGIN SSH SIGNATURE-----\n", "Ä ✓"]
    for message in messages {
      try scratch.write("text", message)
      try scratch.sh("cd repo; git commit -q -S --allow-empty --cleanup=verbatim -F ../text")
      let object = SignedObject(commit: try raw("commit HEAD"))
      #expect(object.kind == .ssh && isAllowed(object))
      #expect(try gitTakes("commit", "HEAD"))
      #expect(try scratch.sh("git -C repo log -1 --format=%B HEAD").hasPrefix(message.prefix(3)))
    }
  }

  @Test func `an unsigned commit is all payload`() throws {
    let raw = try raw("commit HEAD")
    #expect(SignedObject(commit: raw) == SignedObject(tag: raw) && SignedObject(commit: raw).payload == raw)
    #expect(SignedObject(commit: raw).signature == nil && SignedObject(commit: raw).kind == nil)
  }

  @Test func `a tag that git signed verifies, and its message may hold armors of its own`() throws {
    let armored = "-----BEGIN PGP SIGNATURE-----\nnot one\n-----END PGP SIGNATURE-----\n"
    for (number, message) in ["One\n", armored, "Ä\n\n✓\n", "without a line end"].enumerated() {
      try scratch.write("text", message)
      try scratch.sh("cd repo; git tag -s --cleanup=verbatim -F ../text v\(number)")
      let object = SignedObject(tag: try raw("tag v\(number)"))
      // Git appends the armor to a last line that has no end, and does not find it there again.
      let isGood = message.hasSuffix("\n")
      #expect((object.kind == .ssh) == isGood && isAllowed(object) == isGood)
      #expect(try gitTakes("tag", "v\(number)") == isGood)
    }
  }

  @Test func `git takes commits that are signed here`() async throws {
    let signer = try scratch.signingKey()
    let store = try GitStore(cache: "\(scratch.path)/cache", client: HTTPClient(userAgent: "tests"))
    let author = Authorship(name: "Bot", email: "bot@example.org", seconds: then, offsetMinutes: 90)
    let draft = CommitDraft(parents: [], base: nil, changes: ["a": .write([1])], author: author, message: "Signed ✓\n\nBody\n")
    let commit = try await store.writeCommit(draft) { try signer.sign($0, namespace: "git").armored }
    try scratch.sh("git init -q --bare remote.git")
    let remote = RemoteAccess(url: RemoteURL(path: "\(scratch.path)/remote.git"))
    let branch = try #require(RefName("refs/heads/audit"))
    #expect(try await store.push(commit, to: branch, of: remote, expecting: nil, deadline: .now + .seconds(30)) == .updated)
    try scratch.sh("git -C repo fetch -q ../remote.git audit")
    #expect(try gitTakes("commit", "FETCH_HEAD"))
    let object = SignedObject(commit: try raw("commit FETCH_HEAD"))
    #expect(isAllowed(object))
    #expect(try object.signature == Array(signer.sign(object.payload, namespace: "git").armored.utf8))
  }

  /// A signed commit's bytes, and its lines before the signature, of it, and after it.
  private func parts() throws -> (head: String, signature: String, tail: String) {
    try scratch.sh("cd repo; git commit -q -S --allow-empty -m 'Message'")
    let text = String(decoding: try raw("commit HEAD"), as: UTF8.self)
    let start = try #require(text.firstRange(of: "gpgsig ")).lowerBound
    let end = try #require(text.firstRange(of: "\n\n")).lowerBound
    return (String(text[..<start]), String(text[start..<end]) + "\n", String(text[text.index(after: end)...]))
  }

  @Test func `headers around the signature are taken as git takes them`() throws {
    let (head, signature, tail) = try parts()
    let other = signature.replacing("gpgsig ", with: "gpgsig-sha256 ")
    let cases: [(name: String, text: String, isGood: Bool)] = [
      ("as it was", head + signature + tail, true), ("the other hash's after it", head + signature + other + tail, true),
      ("the other hash's before it", head + other + signature + tail, true),
      ("an unknown one that begins alike", head + "gpgsigx y\n z\n" + signature + tail, true),
      ("a header more", head + "x y\n" + signature + tail, false), ("a header more after it", head + signature + "x y\n" + tail, false),
      ("a continued header that is signed too", head + "mergetag x\n gpgsig y\n" + signature + tail, false),
      ("only the other hash's", head + other + tail, false), ("none", head + tail, false),
      ("a changed message", head + signature + tail + "more\n", false),
      ("after the message began", head + tail + signature, false),
      ("without a space", head + signature.replacing("gpgsig ", with: "gpgsig") + tail, false),
      ("no message at all", head + signature, false), ("an empty continuation", head + signature + " \n" + tail, true),
    ]
    for (name, text, isGood) in cases {
      let object = SignedObject(commit: Array(text.utf8))
      let id = try store(Array(text.utf8), "commit")
      // A line more behind the armor is what git passes to ssh-keygen, which stops at the armor's end; here it is no signature.
      let isStricter = name == "an empty continuation"
      #expect(try gitTakes("commit", id) == isGood, "\(name)")
      #expect(isAllowed(object) == (isGood && !isStricter), "\(name)")
    }
  }

  @Test func `of two signatures none counts, where git takes the first`() throws {
    let (head, signature, tail) = try parts()
    let text = Array((head + signature + signature + tail).utf8)
    let object = SignedObject(commit: text)
    let armor = signature.dropFirst("gpgsig ".count).replacing("\n ", with: "\n")
    #expect(object.signature == Array((armor + armor).utf8), "git hands both on as one text")
    #expect(object.payload == Array((head + tail).utf8))
    #expect(try gitTakes("commit", try store(text, "commit")))
    failure(.malformed) { try judge(object) }
  }

  @Test func `a tag's signature begins at the last armor, and gpgsig headers are no part of it`() throws {
    try scratch.sh("cd repo; git tag -s -m 'Message' v1")
    let text = String(decoding: try raw("tag v1"), as: UTF8.self)
    let tag = SignedObject(tag: Array(text.utf8))
    let armor = String(decoding: try #require(tag.signature), as: UTF8.self)
    let payload = String(decoding: tag.payload, as: UTF8.self)
    let folded = "gpgsig-sha256 " + armor.dropLast().replacing("\n", with: "\n ") + "\n"
    let head = payload.replacing("\n\nMessage", with: "\n\(folded)\nMessage")
    let cases: [(name: String, text: String, isGood: Bool)] = [
      ("as it was", text, true), ("the other hash's header", head + armor, true), ("a changed message", payload + "more\n" + armor, false),
      ("an armor within a line", payload + "x" + armor, false), ("a second armor", text + "-----BEGIN PGP SIGNATURE-----\n", false),
      ("none", payload, false),
    ]
    for (name, text, isGood) in cases {
      let object = SignedObject(tag: Array(text.utf8))
      #expect(isAllowed(object) == isGood, "\(name)")
      #expect(try gitTakes("tag", try store(Array(text.utf8), "tag")) == isGood, "\(name)")
    }
    #expect(SignedObject(tag: Array((text + "-----BEGIN PGP SIGNATURE-----\n").utf8)).kind == .openPGP)
  }

  @Test(arguments: [
    ("-----BEGIN SSH SIGNATURE-----", SignedObject.Kind.ssh), ("-----BEGIN PGP SIGNATURE-----", .openPGP),
    ("-----BEGIN PGP MESSAGE-----", .openPGP),
    ("-----BEGIN SIGNED MESSAGE-----", .x509), ("-----BEGIN CERTIFICATE-----", .unknown), ("x", .unknown),
  ])
  func `a signature is known by its first line`(_ armor: String, _ kind: SignedObject.Kind) {
    let commit = SignedObject(commit: Array("tree 1\ngpgsig \(armor)\n x\n\nMessage\n".utf8))
    #expect(commit.kind == kind && commit.signature == Array("\(armor)\nx\n".utf8) && commit.payload == Array("tree 1\n\nMessage\n".utf8))
    let tag = SignedObject(tag: Array("object 1\n\nMessage\n\(armor)\nx\n".utf8))
    #expect(tag.kind == (kind == .unknown ? nil : kind))
  }

  @Test func `bytes without lines, ends or headers are taken apart too`() {
    for text in ["", "\n", "gpgsig ", "gpgsig", " x", "gpgsig a\n b", "\n\n\n", "gpgsig-sha256 a\n b\nc"] {
      let commit = SignedObject(commit: Array(text.utf8))
      #expect(commit.payload.count + (commit.signature?.count ?? 0) <= text.utf8.count)
      _ = SignedObject(tag: Array(text.utf8))
    }
    #expect(SignedObject(commit: Array("gpgsig a\n b".utf8)).signature == Array("a\nb".utf8))
    #expect(SignedObject(commit: Array("gpgsig-sha256 a\n b\nc".utf8)).payload == Array("c".utf8))
  }
}
