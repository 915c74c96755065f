import Digests
import GitStore
import ReleaseEngine
import ReleaseModel
import Signatures
import TestSupport
import Testing
import TrailSamples

@testable import AuditVerification

/// The trail as people read it: lists, one record with what belongs to it, changes as rows, who could have caused one.
@Suite(.onOwnThread) struct ReadingTests {
  let reader = AuditReader()

  let trail: Trail
  let clone: GitClone

  init() async throws {
    trail = try await Original.shared.trail().0
    clone = try GitClone(at: "\(trail.scratch.path)/remote.git")
  }

  private func id(_ text: String) throws -> ChangeID { try #require(ChangeID(text)) }

  @Test func `records come newest first, filtered by service, event, time and number`() async throws {
    func list(_ change: (inout AuditReader.Filter) -> Void) async throws -> [String] {
      var filter = AuditReader.Filter()
      change(&filter)
      return try await reader.newestFirst(in: clone, filter) { entry in
        entry.record.map { "\($0.service)/\($0.sequence) \($0.event.rawValue)" }
      }
    }
    #expect(try await list { _ in }.count == 29)
    #expect(try await list { $0.limit = 3 } == ["api/7 outcome", "api/6 plan", "api/5 outcome"])
    #expect(
      try await list {
        $0.services = [Chronicle("api").service]; $0.events = [.noted, .plan]
      } == ["api/6 plan", "api/4 plan", "api/2 plan", "api/1 noted"])
    let start = Chronicle("web").now
    #expect(try await list { $0.since = start + .seconds(151) } == ["web/17 outcome", "web/16 outcome"])
    #expect(
      try await list {
        $0.until = start + .seconds(20); $0.services = [Chronicle("web").service]
      } == ["web/1 noted"])
  }

  @Test func `one record comes with its commit, its plan, its outcome and the retry that asked for it`() async throws {
    let outcome = try await reader.entry(try id("web/9"), in: clone)
    #expect(outcome.record?.outcome == .promoted && outcome.plan?.sequence == 8 && outcome.retry?.sequence == 7)
    let bytes = try CanonicalJSON.bytes(of: outcome.record) + [0x0A]
    #expect(outcome.path == "services/web/records/0000/0000009.json" && outcome.digest == Digest(of: bytes))
    let plan = try await reader.entry(try id("web/8"), in: clone)
    #expect(plan.outcome?.sequence == 9)
    #expect(try trail.git("rev-parse \(outcome.commit)^") == plan.commit.hex)
    let error = await #expect(throws: GitError.self) {
      try await reader.entry(ChangeID(service: plan.record?.service ?? Chronicle("x").service, sequence: 99), in: clone)
    }
    #expect(error?.kind == .notFound)
  }

  @Test func `a tag, a rollout, a commit and a change id each name records`() async throws {
    let entry = try await reader.entry(try id("web/8"), in: clone)
    let rollout = try #require(entry.record?.rollout?.text)
    #expect(try await reader.changes(named: rollout, in: clone).map(\.description) == ["web/8", "web/9", "web/10"])
    #expect(try await reader.changes(named: "web/v1.2.0", in: clone).map(\.description) == ["web/4", "web/6", "web/7", "web/8", "web/9"])
    #expect(try await reader.changes(named: String(entry.commit.hex.prefix(9)), in: clone).map(\.description) == ["web/8"])
    #expect(try await reader.changes(named: "web/3", in: clone).map(\.description) == ["web/3"])
    #expect(try await reader.changes(named: "web/v9.9.9", in: clone).isEmpty)
  }

  @Test(arguments: ["", "web", "web/", "web/0", "web/-1", "web/x", "Web/1", "web/1/2", "/1", "web/99999999999999999999"])
  func `what is no change id is none`(_ text: String) {
    #expect(ChangeID(text) == nil)
  }

  @Test func `a change is a row with what auditors ask for, and what is not known says so`() async throws {
    let rows = try await reader.newestFirst(in: clone, AuditReader.Filter()) { ChangeRecord($0) }
    #expect(
      rows.reversed().map { "\($0.change) \($0.version) \($0.result)" } == [
        "pay/4 1.0.0 promoted", "pay/5 1.1.0 refused",
        "web/3 1.0.0 promoted", "web/5 1.1.0 superseded", "web/6 1.2.0 failed", "api/3 2.0.0 failed-exposed", "web/9 1.2.0 promoted",
        "web/11 1.3.0-rc.1 refused", "web/12 0.9.0 refused", "web/14 1.3.0 rolled-back", "web/16 1.4.0 promoted",
        "web/17 1.4.0 rolled-back",
        "api/5 2.1.0 rollback-failed", "api/7 2.2.0 aborted",
      ])
    let again = try #require(rows.first { $0.change == "web/9" })
    let ada = "ada@shop.example (signed with \(House.ada.signature.key), verified by the bot)"
    #expect(again.requestedBy == "\(ada), by a retry" && again.freezeOverride == "not needed")
    let frozen = try #require(rows.first { $0.change == "pay/4" })
    let bob = "bob@shop.example (signed with \(House.bob.signature.key), verified by the bot)"
    #expect(frozen.freezeOverride == "\(ada) and \(bob): the till is down" && frozen.requestedBy == ada)
    let first = try #require(rows.first { $0.change == "web/3" })
    #expect(first.reason == "the basket forgot its contents" && first.impact == "none expected" && first.changeReference == "CHG-4711")
    #expect(first.requestedBy == ada && first.approval == "not required by policy")
    let claimed = try #require(rows.first { $0.change == "api/3" })
    #expect(claimed.requestedBy == "Ada <ada@example.org> (claimed)")
    #expect(first.testEvidence.contains("smoke passed (checks: 1 passed, 0 failed, 0 unknown)"))
    #expect(first.returnProcedure == "none: it is the first release" && first.auditSignature == "none" && first.exposed == "yes")
    let failed = try #require(rows.first { $0.change == "web/6" })
    #expect(failed.exposed == "no" && failed.returnProcedure == "not needed: users never saw it" && failed.sourcesChanged == "template")
    let byHand = try #require(rows.first { $0.change == "web/17" })
    #expect(
      byHand.requestedBy == "ada (by the API server's word)" && byHand.reason == TagMessage.missing
        && byHand.approval == "not required by policy")
    #expect(byHand.returnProcedure == "done: users are back on green (1.2.0)")
  }

  static let messages: [(String, String?, String?, String?)] = [
    ("Web 1.0\n\nReason: faster\nImpact: none\nTicket: T-1", "faster", "none", "T-1"),
    ("reason:   two\n  lines\nCHANGE: 7", "two lines", nil, "7"), ("No reason: at all", nil, nil, nil),
    ("Reason:\nImpact:  ", nil, nil, nil),
    ("Reason: =cmd()\u{1B}[31m", "=cmd()[31m", nil, nil), ("", nil, nil, nil),
  ]

  @Test(arguments: messages) func `the tag's message is read line by line`(
    _ message: String, _ reason: String?, _ impact: String?, _ reference: String?
  ) {
    let found = TagMessage(message)
    #expect(found.reason == reason && found.impact == impact && found.reference == reference)
  }

  static let cells: [(String, String)] = [
    ("plain", "plain"), ("a,b", "\"a,b\""), ("say \"hi\"", "\"say \"\"hi\"\"\""), ("=1+1", "'=1+1"), ("+1", "'+1"), ("-1", "'-1"),
    ("@SUM(A1)", "'@SUM(A1)"), ("\t=1", "'=1"), ("\r\n=1,2", "\"'=1,2\""), ("|cmd", "'|cmd"), ("＝1", "'＝1"), ("", ""), ("a\nb", "a b"),
    ("\u{202E}=1", "'=1"), ("\u{200B}=1", "'=1"), ("a;b", "\"a;b\""),
  ]

  @Test(arguments: cells) func `a cell is quoted where it must be and is never a formula`(_ text: String, _ cell: String) {
    #expect(ChangeTable.cell(text) == cell)
  }

  /// Python's csv module reads what was written; another reading of the RFC than ours.
  @Test(.enabled(if: isInstalled("python3"))) func `the table is what another reader takes it for`() async throws {
    let rows = try await reader.newestFirst(in: clone, AuditReader.Filter()) { ChangeRecord($0) }
    let scratch = try Scratch()
    try scratch.write("changes.csv", ChangeTable.csv(rows))
    let read = try scratch.sh(
      """
      /usr/bin/env python3 - <<'PY'
      import csv
      rows = list(csv.DictReader(open("changes.csv", newline=""), strict=True))
      print(len(rows), len(rows[0]), rows[-1]["Change"], rows[-1]["Test evidence"], open("changes.csv", newline="").read().count("\\r\\n"))
      PY
      """)
    #expect(
      read
        == "14 36 pay/4 deploy passed; smoke passed (checks: 1 passed, 0 failed, 0 unknown); bake passed (checks: 1 passed, 0 failed, 0 unknown) 15"
    )
    let json = try ChangeTable.json(rows)
    #expect(try CanonicalJSON.value([ChangeRecord].self, from: json.utf8) == rows)
  }

  @Test func `who could have caused it is said with how far that is known`() async throws {
    let entry = try await reader.entry(try id("web/9"), in: clone)
    let unsigned = try #require(Responsibility(entry))
    #expect(
      unsigned.lines.map(\.way) == [
        "ask for it again", "sign and push the tag web/v1.2.0", "approve it", "act in the cluster", "change settings, template or plan",
        "write this record",
      ])
    #expect(unsigned.lines.map(\.ground) == [.recorded, .recorded, .recorded, .recorded, .unknown, .claimed])
    #expect(
      unsigned.lines[0].who == "ada@shop.example" && unsigned.lines[0].note.hasPrefix("retry, record 7: fixed downstream; signed with "))
    #expect(unsigned.lines[4].note.hasSuffix("changed since the record before: none"))
    func judged(_ verdict: CommitVerdict) async throws -> Responsibility? {
      Responsibility(try await AuditReader(judge: SameVerdict(answer: verdict)).entry(try id("web/9"), in: clone))
    }
    let signed = try #require(try await judged(.good(principal: "bot@shop", fingerprint: "SHA256:abc")))
    #expect(signed.lines.last?.ground == .evidenced && signed.lines.last?.who == "tagflip 0.1.0, key of bot@shop")
    let bad = try #require(try await judged(.bad(reason: "revoked")))
    #expect(bad.lines.last?.ground == .unknown && bad.lines.last?.note.contains("revoked") == true)
    let byHand = try #require(Responsibility(try await reader.entry(try id("web/17"), in: clone)))
    #expect(byHand.lines.first?.way == "send users back by hand" && byHand.lines.first?.who == "ada")
    let frozen = try #require(Responsibility(try await reader.entry(try id("pay/3"), in: clone)))
    #expect(frozen.lines[0].way == "let it begin although a freeze held" && frozen.lines[0].who == "ada@shop.example, bob@shop.example")
    let wish = try #require(Responsibility(try await reader.entry(try id("pay/2"), in: clone)))
    #expect(wish.lines[0].way == "ask for it" && wish.lines[0].note.hasPrefix("override: the till is down; signed with "))
  }
}

/// Objects are counted, since times are the machine's.
@Suite(.onOwnThread) struct LongReadingTests {
  @Test func `one record of a long trail is found by halving it, wherever it lies`() async throws {
    let scratch = try Scratch()
    try LongTrail(records: 801, services: ["web", "api"]).write(to: "\(scratch.path)/remote.git")
    func reads(_ change: String) async throws -> Int {
      let clone = try GitClone(at: "\(scratch.path)/remote.git")
      let entry = try await AuditReader().entry(try #require(ChangeID(change)), in: clone)
      #expect(entry.record.map { "\($0.service)/\($0.sequence)" } == change)
      #expect(try scratch.sh("git -C remote.git diff-tree --no-commit-id --name-only -r --root \(entry.commit)").contains(entry.path))
      return await clone.tally.reads
    }
    // A commit for each that is passed, at most twice as many as there are to the record, and some trees for each halving.
    let (new, middle, old) = (try await reads("web/400"), try await reads("api/200"), try await reads("web/1"))
    #expect(new < 100 && middle < 2 * 400 && old < 801 + 200, "\(new), \(middle), \(old)")
  }
}

/// Says the same of every commit.
private struct SameVerdict: CommitJudge {
  let answer: CommitVerdict
  var keys: [SSHPublicKey] { [] }

  func verdict(on raw: [UInt8]) -> CommitVerdict { answer }
  func verdict(on signature: [UInt8], over payload: [UInt8], namespace: String, at instant: Timestamp) -> CommitVerdict { answer }
}
