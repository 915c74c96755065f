import AuditVerification
import Digests
import GitStore
import KubernetesModel
import ReleaseModel
import Testing

@testable import TagflipCommands

/// What the verbs of `tagflip audit` print, whole.
@Suite struct AuditTextTests {
  private func id(_ digit: Character) throws -> ObjectID { try #require(ObjectID(hex: String(repeating: digit, count: 40))) }

  private func report() throws -> VerificationReport {
    var report = VerificationReport()
    (report.ref, report.tip, report.commits, report.records) = ("refs/heads/tagflip/audit", try id("a"), 3, 3)
    report.installation = "shop"
    var web = ServiceState()
    web.records = 3
    web.live = .on(.green, Samples.version("1.1.0"))
    report.services = ["web": web]
    report.repeatsPolicy = true
    return report
  }

  @Test func `a clean trail says what was not looked at, loudly, before it says that nothing was found`() throws {
    #expect(
      VerificationText(report: try report()).text == """
        refs/heads/tagflip/audit at aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        3 commits verified, 3 records in all, installation shop

          signatures   NOT CHECKED: nothing here says who wrote these records
          releases     NOT ASKED FOR: who may release, and who may ask, is the settings' own word; --trust FILE
          known head   NOT ASKED FOR: a rewritten trail would not show; --head ID
          release tags not compared; --releases FOLDER
          cluster      not looked at; --cluster
          API log      not read; --api-log FILE

          web  3 records; users are on green (1.1.0)

        nothing was found
        """)
  }

  @Test func `a finding says where, what and what it means`() throws {
    var report = try report()
    report.signatures = .checked(["bot@shop": 3])
    (report.vouching, report.repeatsPolicy) = (Vouching(), false)
    report.knownHead = try id("b")
    report.releaseTags = 1
    report.continued = .init(head: try id("c").hex, records: 2, seal: .unsigned)
    report.findings = [
      Finding(
        code: .previousMismatch, severity: .error, commit: try id("d").hex, record: "services/web/records/0000/0000003.json",
        what: "it names ab… as the record before, and that is cd…"),
      Finding(code: .refsDiffer, severity: .notice, commit: nil, record: nil, what: "main was verified"),
    ]
    report.counts = [.previousMismatch: 1, .refsDiffer: 7]
    report.weights = [.error: 1, .notice: 7]
    #expect(
      VerificationText(report: report).text == """
        refs/heads/tagflip/audit at aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
        3 commits verified, 3 records in all, installation shop

          signatures   3 commits by bot@shop
          releases     0 of 0 vouched for by keys you supplied; the same keys count for commits: --releasers FILE tells them apart
          policy       NOT REPEATED: nobody here can read the settings on record
          known head   asked for: bbbbbbbbbbbb
          release tags compared with 1 tag
          cluster      not looked at; --cluster
          API log      not read; --api-log FILE
          checkpoint   the first 2 records are taken on trust: NOBODY VOUCHES for that checkpoint

          web  3 records; users are on green (1.1.0)

        ERROR  previous-mismatch
          at     services/web/records/0000/0000003.json
          at     commit dddddddddddddddddddddddddddddddddddddddd
          what   it names ab… as the record before, and that is cd…
          means  a record before this one was altered, replaced or removed after it was written

        notice  refs-differ
          what   main was verified
          means  verify the one that you rely on; fetch first

        … and 6 more

        found: 1 error, 7 notices
        """)
    let json = VerificationText(report: report).json
    #expect(json["clean"] == false && json["counts", "previous-mismatch"] == 1 && json["checked", "signatures"] == true)
    #expect(json["checked", "policy"] == false && json["checked", "signers"] == true && json["vouched", "releases"] == 0)
    #expect(json["findings"]?.array?.first?["code"] == "previous-mismatch")
  }

  @Test func `a name from the trail cannot reach the terminal as an escape`() throws {
    var report = try report()
    report.services = ["w\u{1B}[2Jeb": ServiceState()]
    report.installation = "sh\u{202E}op"
    let text = VerificationText(report: report).text
    #expect(!text.contains("\u{1B}") && !text.contains("\u{202E}"))
  }

  @Test func `an empty log says so`() {
    #expect(AuditLogText(entries: [], hasMore: false).text == "no such record")
  }

  @Test func `a day stands for its beginning, or for its end`() throws {
    #expect(try Word.beginning("2026-11-27").description == "2026-11-27T00:00:00.000Z")
    #expect(try Word.end("2026-11-27").description == "2026-11-28T00:00:00.000Z")
    #expect(try Word.end("2026-11-27T10:00:00Z").description == "2026-11-27T10:00:00.000Z")
    for text in ["yesterday", "2026-13-01", "2026-11-27T", "", "27.11.2026"] {
      #expect(throws: (any Error).self) { try Word.beginning(text) }
    }
    #expect(throws: (any Error).self) { try Word.commit("main") }
    #expect(throws: (any Error).self) { try Word.event("outcom") }
  }
}

/// The verbs of `tagflip audit` as a shell meets them.
@Suite(.serialized) struct AuditProcessTests {
  private let folder = Scratch()

  private func tagflip(_ words: String...) async throws -> Program.Result { try await Program.tagflip(words, in: folder) }

  @Test func `a folder without a repository, a branch that is missing, and a checkpoint that is none each have a code and a hint`()
    async throws
  {
    let missing = try await tagflip("audit", "verify", "--repo", "/nosuch")
    #expect(missing.status == 41)
    #expect(missing.errors.contains("next: name a clone that has the audit branch: --repo FOLDER"))
    _ = try await Program.shell("git init -q repo", [], in: folder)
    for verb in [["verify"], ["log"], ["show", "web/1"], ["who", "web/1"], ["export"]] {
      let bare = try await Program.tagflip(["audit"] + verb + ["--repo", "repo"], in: folder)
      #expect(bare.status == 41, "\(verb) \(bare.errors)")
      #expect(
        bare.errors.contains("could not find the branch tagflip/audit") && bare.errors.contains("next: fetch it: git -C repo fetch origin"))
      #expect(bare.output.isEmpty)
    }
    let known = try await tagflip("audit", "verify", "--repo", "repo", "--count", "3")
    #expect(known.status == 40)
    #expect(known.output.contains("the branch is missing") && known.output.contains("ERROR  branch-missing"))
    try folder.write("checkpoint", "{}")
    let none = try await tagflip("audit", "verify", "--repo", "repo", "--checkpoint", "checkpoint")
    #expect(none.status == 30 && none.errors.contains("is no checkpoint"))
    let json = try await tagflip("audit", "log", "--repo", "repo", "--output", "json")
    #expect(try JSON(parsing: json.output)["error", "kind"] == "notFound")
  }
}
