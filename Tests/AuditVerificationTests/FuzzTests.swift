import AuditTrail
import FoundationEssentials
import GitStore
import ReleaseEngine
import ReleaseModel
import TestSupport
import Testing
import TrailSamples

@testable import AuditVerification

/// Damaged and hostile bytes, from seeds: nothing crashes, and nothing that differs passes for what it was.
@Suite(.onOwnThread) struct FuzzTests {
  /// Rounds of each kind; `TAGFLIP_FUZZ` multiplies them.
  static let rounds = 400 * (ProcessInfo.processInfo.environment["TAGFLIP_FUZZ"].flatMap { Int($0) } ?? 1)

  static func mutated(_ bytes: [UInt8], _ seed: UInt64) -> [UInt8] {
    var bender = ByteBender(
      seed, inserting: ["\u{0}", "\n", " ", "\"", "\\", "{", "}", "\u{FF}", "\u{202E}\u{1B}[2J\r\n"], longestPiece: 40)
    return bender.bent(bytes)
  }

  private func records() throws -> [AuditRecord] {
    var web = Chronicle("web")
    return try [web.noted("0.1.0", "0.2.0"), web.planned("1.0.0"), web.ended(.promoted), web.refused("1.1.0-rc.1"), web.retry("1.0.0")]
  }

  @Test func `a record's bytes, changed, are another record or none; what is canonical spells what was read`() throws {
    let originals = try records().map { try CanonicalJSON.bytes(of: $0) + [0x0A] }
    var readable = 0
    for round in 0..<Self.rounds * 10 {
      let original = originals[round % originals.count]
      let bytes = Self.mutated(original, UInt64(round))
      let entry = TrailRecord(path: "p", folder: "web", sequence: 1, bytes: bytes)
      guard bytes != original, let record = entry.record, entry.isCanonical else { continue }
      readable += 1
      #expect(try CanonicalJSON.bytes(of: record) + [0x0A] == bytes, "seed \(round)")
      // What it says reaches no terminal as an escape, whatever it is.
      let message = CommitMessage(record, path: "p").text
      #expect(!message.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" }, "seed \(round)")
    }
    #expect(readable > 0, "some are other records: digests and chains tell those")
  }

  @Test func `a commit's bytes, changed, are taken apart or not, and what is taken apart is there`() throws {
    let tree = String(repeating: "a", count: 40)
    let original = Array(
      "tree \(tree)\nparent \(tree)\nauthor A <a@x> 12 +0000\ncommitter A <a@x> 12 +0000\ngpgsig -----BEGIN\n x\n\nSubject\n\nTrailer: x\n"
        .utf8)
    for round in 0..<Self.rounds * 10 {
      let bytes = Self.mutated(original, UInt64(round))
      guard let header = CommitHeader(bytes) else { continue }
      #expect(bytes.suffix(header.message.count).elementsEqual(header.message), "seed \(round)")
      #expect(header.author.identity.last == UInt8(ascii: ">"))
    }
  }

  @Test func `a tag's bytes, changed, are taken apart or not, and what is put on record of it is plain text`() throws {
    let web = Chronicle("web")
    let (tag, original) = (web.tag("1.0.0"), web.made("1.0.0").bytes)
    for round in 0..<Self.rounds * 10 {
      guard let header = TagHeader(Self.mutated(original, UInt64(round))) else { continue }
      let facts = TagFacts(tag, header)
      let text = (facts.tagger ?? "") + facts.message
      #expect(!text.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" } && text.utf8.count < 20_000, "seed \(round)")
      #expect(facts.commit.utf8.count == 40)
    }
  }

  @Test func `a request's bytes, changed, are another request or none, and never another spelling of one`() throws {
    var web = Chronicle("web")
    let retry = try web.retry("1.0.0")
    let original = try #require(retry.exhibits.first { $0.kind == .request }?.bytes)
    let before = try #require(SignedRequest(parsing: original))
    var readable = 0
    for round in 0..<Self.rounds * 10 {
      let bytes = Self.mutated(original, UInt64(round))
      guard let signed = SignedRequest(parsing: bytes) else { continue }
      readable += 1
      let file = try signed.file
      #expect(file == bytes || file.dropLast() == bytes[...], "seed \(round)")
      #expect(signed != before || bytes == original || bytes == Array(original.dropLast()), "seed \(round)")
    }
    #expect(readable > 0, "some are other requests: their signatures tell those")
  }

  @Test func `the exhibits that a record names, changed, are read or not`() throws {
    var web = Chronicle("web")
    let original = try CanonicalJSON.bytes(of: web.planned("1.0.0").exhibits)
    for round in 0..<Self.rounds * 5 {
      guard let found = try? CanonicalJSON.value([Exhibit].self, from: Self.mutated(original, UInt64(round))) else { continue }
      #expect(found.allSatisfy { $0.bytes == nil && TrailPath(Array(AuditTree.exhibit($0.digest).utf8)) == .exhibit($0.digest) })
    }
  }

  static let kinds: [Exhibit.Kind] = [.tag, .settings, .signers, .revoked, .environment, .request, .operators, .revokedOperators]

  /// Under the right digest, so that it is what the record says it rests on.
  @Test(arguments: kinds) func `an exhibit that holds anything at all is a finding, never a crash`(_ kind: Exhibit.Kind) async throws {
    let trail = try Trail()
    var web = Chronicle("web")
    try await trail.append([web.noted()])
    try trail.git("update-ref refs/heads/fine tagflip/audit")
    for round in 0..<Self.rounds / 50 {
      try trail.git("update-ref refs/heads/tagflip/audit fine")
      var next = web
      var record = [.request, .operators, .revokedOperators].contains(kind) ? try next.retry("1.0.0") : try next.planned("1.0.0")
      let index = try #require(record.exhibits.firstIndex { $0.kind == kind })
      let original = try #require(record.exhibits[index].bytes)
      let bytes = Self.mutated(original, UInt64(round))
      guard bytes != original else { continue }
      record.exhibits[index] = Exhibit(kind, name: record.exhibits[index].name, bytes: bytes)
      try await trail.append([record])
      let report = try await trail.verify()
      // Of a file of keys that operators' requests are judged by, another one may be as good: who may ask is in no digest of the settings.
      let mayBeFine = kind == .operators || kind == .revokedOperators
      #expect(mayBeFine || report.codes != [.rolloutOpen], "\(kind) seed \(round)")
      #expect(report.records == 2)
    }
  }

  @Test func `checkpoints and tag messages, changed, are read or not`() throws {
    let checkpoint = try CanonicalJSON.bytes(
      of: Checkpoint(
        head: try #require(ObjectID(hex: String(repeating: "a", count: 40))), state: TrailState(), findings: [:], isJudged: false))
    let message = Array("Web\n\nReason: x\n y\nImpact: \u{1B}[31m=1\nChange: 7".utf8)
    for round in 0..<Self.rounds * 5 {
      _ = Checkpoint(parsing: Self.mutated(checkpoint, UInt64(round)))
      let found = TagMessage(String(decoding: Self.mutated(message, UInt64(round)), as: UTF8.self))
      for text in [found.reason, found.impact, found.reference] {
        #expect(text.map { !$0.contains("\u{1B}") && !$0.contains("\n") } ?? true)
      }
    }
  }

  /// What of the tip is changed and stored under its own right name, as `git hash-object --literally` lets anybody do.
  enum Part: String, CaseIterable {
    case commit, tree, record, head
  }

  @Test(arguments: Part.allCases)
  func `a tip that holds anything at all is a finding, never a crash`(_ part: Part) async throws {
    let (trail, _) = try await Original.shared.copy()
    try trail.scratch.sh("cd remote.git; git repack -q -a -d; git update-ref refs/heads/fine tagflip/audit")
    let path = part == .record ? "services/api/records/0000/0000007.json" : "services/api/head.json"
    let (source, kind) =
      switch part {
      case .commit: ("fine", "commit")
      case .tree: ("fine^{tree}", "tree")
      case .record, .head: ("fine:\(path)", "blob")
      }
    try trail.git("cat-file \(kind) \(source) > original")
    let original = [UInt8](try Data(contentsOf: URL(filePath: "\(trail.scratch.path)/original")))
    for round in 0..<Self.rounds / 40 {
      let bytes = Self.mutated(original, UInt64(round))
      guard bytes != original else { continue }
      try trail.scratch.write("mutated", bytes: bytes)
      try store(part, kind, path, trail)
      let report = try await trail.verify()
      #expect(!report.isClean, "\(part) seed \(round)")
    }
  }

  private func store(_ part: Part, _ kind: String, _ path: String, _ trail: Trail) throws {
    let commit =
      switch part {
      case .commit: "C=$O"
      case .tree: "C=$(git cat-file commit fine | sed \"1s/.*/tree $O/\" | git hash-object -w -t commit --literally --stdin)"
      case .record, .head:
        """
        export GIT_INDEX_FILE=fuzz; git read-tree fine; git update-index --add --cacheinfo 100644,$O,\(path); T=$(git write-tree)
        C=$(git cat-file commit fine | sed "1s/.*/tree $T/" | git hash-object -w -t commit --literally --stdin)
        """
      }
    // No porcelain would point a branch at what is no commit.
    try trail.scratch.sh(
      """
      cd remote.git; O=$(git hash-object -w -t \(kind) --literally ../mutated)
      \(commit)
      mkdir -p refs/heads/tagflip; echo $C > refs/heads/tagflip/audit
      """)
  }
}
