import Digests
import ReleaseEngine
import ReleaseModel
import TestSupport
import Testing

@testable import AuditTrail

/// The audit branch in a real repository, as git sees it.
@Suite(.onOwnThread) struct AuditLogTests {
  let bench: AuditBench
  let web = Samples("web")

  init() throws { bench = try AuditBench() }

  @Test func `the real log keeps the contract, over a directory and over git's own server`() async throws {
    try await AuditLogContract(bench.log, try bench.another("other")).check()
    try bench.audit("api", "web")
    let served = try Scratch.withRemote()
    let (one, other) = (AuditBench(served, try served.served()), AuditBench(served, try served.served(cache: "other")))
    try await AuditLogContract(one.log, other.log).check()
    try one.audit("api", "web")
  }

  @Test func `the first record makes an orphan branch with a readme`() async throws {
    try bench.scratch.sh("git init -q work; cd work; git commit -q --allow-empty -m First; git push -q ../remote.git main")
    let result = try await bench.log.append([web.noted([web.tag("1.0.0")])], expecting: 0)
    #expect(try bench.tip() == result.head && result.entries.map(\.commit) == [result.head])
    #expect(try bench.scratch.git("merge-base --all main tagflip/audit || echo none") == "none")
    let key = try #require(try bench.files().first { $0.contains("/keys/") })
    #expect(
      try bench.files() == [
        "README.md", "records.json", "services/web/head.json", key, "services/web/noted.json", "services/web/records/0000/0000001.json",
      ])
    #expect(try bench.show("README.md") + "\n" == AuditTree.readmeText)
    #expect(
      try bench.scratch.git("log -1 --format='%an <%ae> %at %ct' tagflip/audit") == "tagflip <tagflip@localhost> 1767323045 1767323045")
    try bench.audit("web")
  }

  @Test func `every event and every outcome is one sound commit that tells its own path`() async throws {
    let records = try web.all()
    let result = try await bench.log.append(records, expecting: nil)
    try bench.audit("web")
    for (record, entry) in zip(records, result.entries) {
      let trailers = try bench.scratch.git("log -1 --format='%(trailers:unfold)' \(entry.commit)").split(separator: "\n").map(String.init)
      let path = try #require(trailers.last { $0.hasPrefix("Record: ") }).dropFirst("Record: ".count)
      var kept = try CanonicalJSON.value(AuditRecord.self, from: try bench.show(String(path), at: entry.commit).utf8)
      #expect(kept.sequence == entry.sequence)
      #expect(try entry.digest.hex == digest(of: String(path), at: entry.commit))
      (kept.sequence, kept.previous, kept.changed) = (0, nil, [])
      var appended = record
      // The bytes of exhibits lie beside it.
      for index in appended.exhibits.indices { appended.exhibits[index].bytes = nil }
      #expect(kept == appended, "what was appended can be read back")
    }
  }

  private func digest(of path: String, at commit: String) throws -> String {
    String(try bench.scratch.git("show \(commit):\(path) | sha256sum").prefix(64))
  }

  @Test func `a record says which of its sources changed since the one before that named them`() async throws {
    var records: [AuditRecord] = []
    let steps: [(SourceDigests?, [String])] = [
      (web.sources(), []), (web.sources(settings: 9), ["settings"]), (nil, []), (web.sources(settings: 9, template: nil), ["template"]),
      (web.sources(template: 4, plan: 7), ["settings", "template", "plan"]), (web.sources(template: 4, plan: 7), []),
    ]
    for (index, step) in steps.enumerated() {
      var record = web.refused("1.\(index).0-rc.1")
      record.sources = step.0
      records.append(record)
    }
    _ = try await bench.log.append(records, expecting: nil)
    for (index, step) in steps.enumerated() {
      let kept = try bench.show("services/web/records/0000/000000\(index + 1).json")
      #expect(try CanonicalJSON.value(AuditRecord.self, from: kept.utf8).changed == step.1)
    }
  }

  @Test func `the head remembers the last plan and whether its outcome is recorded`() async throws {
    _ = try await bench.log.append([web.plan("1.1.0", rollout: 4)], expecting: nil)
    var ledger = try await bench.log.ledger(of: web.service, tags: [])
    #expect(ledger.lastPlan == Samples.rollout(4) && !ledger.lastPlanHasOutcome)
    _ = try await bench.log.append([web.outcome(.aborted, "1.0.9", rollout: 3)], expecting: nil)
    ledger = try await bench.log.ledger(of: web.service, tags: [])
    #expect(!ledger.lastPlanHasOutcome, "another rollout's outcome is none of its own")
    _ = try await bench.log.append([web.outcome(.promoted, "1.1.0", rollout: 4)], expecting: nil)
    ledger = try await bench.log.ledger(of: web.service, tags: [])
    #expect(ledger.lastPlan == Samples.rollout(4) && ledger.lastPlanHasOutcome)
  }

  @Test(arguments: [false, true])
  func `of two writers at once each record is there exactly once`(_ served: Bool) async throws {
    let scratch = bench.scratch
    let outcome = try await withThrowingTaskGroup(of: [AppendResult.Entry].self) { group in
      for writer in 0..<2 {
        let remote = served ? try scratch.served(cache: "cache-\(writer)") : try scratch.remote(cache: "cache-\(writer)")
        let log = AuditBench(scratch, remote).log
        group.addTask {
          var entries: [AppendResult.Entry] = []
          for number in 0..<6 {
            let own = web.superseded("1.\(number).\(writer)", by: "9.0.0")
            entries += try await log.append([own, web.superseded("2.0.\(number)", by: "9.0.0")], expecting: nil).entries
          }
          return entries
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(outcome.filter { !$0.wasThere }.map(\.sequence).sorted() == Array(1...18))
    #expect(outcome.count(where: \.wasThere) == 6)
    for entry in outcome where !entry.wasThere {
      #expect(try bench.scratch.git("merge-base --is-ancestor \(entry.commit) tagflip/audit && echo yes") == "yes")
    }
    try bench.audit("web")
  }

  @Test func `another repository can hold the trail`() async throws {
    try bench.scratch.sh("git init -q --bare evidence.git; mv remote.git release.git")
    let log = AuditBench(bench.scratch, try bench.scratch.remote(repository: "evidence.git")).log
    _ = try await log.append([web.noted()], expecting: 0)
    #expect(try bench.scratch.sh("git -C evidence.git rev-list --count tagflip/audit") == "1")
    #expect(try bench.scratch.sh("git -C release.git for-each-ref") == "")
  }

  /// Objects that one more append writes; packs and earlier objects do not count.
  private func cost(_ record: AuditRecord) async throws -> Int {
    let before = try bench.scratch.git("rev-list --objects --all | wc -l")
    _ = try await bench.log.append([record], expecting: nil)
    let after = try bench.scratch.git("rev-list --objects --all | wc -l")
    return try #require(Int(after)) - (try #require(Int(before)))
  }

  @Test func `the cost of a record does not grow with history`() async throws {
    func fill(_ range: ClosedRange<Int>) async throws {
      for start in stride(from: range.lowerBound, through: range.upperBound, by: 50) {
        let batch = (start..<start + 50).map { web.superseded("1.\($0).0", by: "9.0.0") }
        _ = try await bench.log.append(batch, expecting: nil)
      }
    }
    try await fill(1...50)
    let early = try await cost(web.superseded("2.0.0", by: "9.0.0"))
    try await fill(101...550)
    let late = try await cost(web.superseded("2.0.1", by: "9.0.0"))
    // The commit; head, count, key, tag and record; ten trees at most on the way to them.
    #expect(early <= 16 && late <= 16, "\(early) objects after 50 records, \(late) after 500")
    #expect(late <= early)
    #expect(try bench.scratch.git("rev-list --count tagflip/audit") == "502")
  }
}
