import ReleaseEngine
import ReleaseModel
import TestSupport
import Testing

@testable import AuditTrail

/// Somebody rewrites, rewinds or deletes the audit branch: what it says now counts, what it lost is recorded again where it is asked for, and
/// what is not tagflip's is told.
@Suite(.onOwnThread) struct RewrittenBranchTests {
  let bench: AuditBench
  let web = Samples("web")

  init() throws { bench = try AuditBench() }

  private func move(_ script: String) throws { try bench.scratch.git(script) }

  @Test func `a branch that was rewound is continued from where it is`() async throws {
    _ = try await bench.log.append([web.noted(), web.plan("1.1.0"), web.outcome(.promoted, "1.1.0")], expecting: 0)
    try move("update-ref refs/heads/tagflip/audit tagflip/audit~1")
    let ledger = try await bench.log.ledger(of: web.service, tags: [])
    #expect(ledger.sequence == 2 && !ledger.lastPlanHasOutcome, "the branch's own words")
    await expectPortError(.conflict) { try await bench.log.append([web.refused("1.2.0-rc.1")], expecting: 3) }
    let result = try await bench.log.append([web.outcome(.promoted, "1.1.0")], expecting: nil)
    #expect(result.entries.map(\.sequence) == [3] && result.entries.map(\.wasThere) == [false] && result.count == 3)
    try bench.audit("web")
  }

  @Test func `a branch that was deleted begins anew, which the count tells`() async throws {
    _ = try await bench.log.append([web.noted(), web.plan("1.1.0")], expecting: 0)
    try move("update-ref -d refs/heads/tagflip/audit")
    #expect(try await bench.log.ledger(of: web.service, tags: [web.tag("1.1.0")]) == ServiceLedger())
    #expect(try await bench.log.last(of: web.service) == nil)
    await expectPortError(.conflict) { try await bench.log.append([web.outcome(.promoted, "1.1.0")], expecting: 2) }
    let result = try await bench.log.append([web.noted()], expecting: 0)
    #expect(result.count == 1 && result.entries.map(\.sequence) == [1])
    #expect(try bench.files().contains("README.md"))
    try bench.audit("web")
  }

  @Test func `a branch that somebody else's history took the place of is built upon, and keeps that history`() async throws {
    _ = try await bench.log.append([web.noted()], expecting: 0)
    try bench.scratch.sh(
      "git init -q work; cd work; echo x > x; git add x; git commit -q -m Other; git push -q -f ../remote.git main:tagflip/audit")
    #expect(try await bench.log.ledger(of: web.service, tags: []).sequence == 0)
    let result = try await bench.log.append([web.noted()], expecting: 0)
    #expect(result.entries.map(\.sequence) == [1])
    #expect(try bench.files().contains("x") && bench.show("x") == "x")
    #expect(try bench.scratch.git("log --format=%s tagflip/audit") == "Note web: 0 tags exist, none released\nOther")
  }

  @Test func `a branch that is rewritten while a push is on its way loses none of the appended records`() async throws {
    let bench = AuditBench(bench.scratch, try bench.scratch.served(cache: "served"))
    _ = try await bench.log.append([web.noted(), web.refused("1.0.0-rc.1")], expecting: 0)
    // Between what the push expects and its arrival, once.
    try bench.scratch.write(
      "remote.git/hooks/pre-receive",
      "#!/bin/sh\ncat >/dev/null; rm $0; unset GIT_QUARANTINE_PATH; git update-ref refs/heads/tagflip/audit tagflip/audit~1\n")
    try bench.scratch.sh("chmod +x remote.git/hooks/pre-receive")
    let result = try await bench.log.append([web.refused("1.1.0-rc.1")], expecting: nil)
    #expect(result.entries.map(\.sequence) == [2] && result.count == 2)
    try bench.audit("web")
  }

  static let spoiled = [
    ("services/web/head.json", "{\"sequence\":"), ("services/web/head.json", ""), ("services/web/head.json", "[]"), ("records.json", "x"),
    ("services/web/head.json", "{\"sequence\":1,\"lastPlanHasOutcome\":true,\"quarantine\":{},\"retries\":[],\"last\":\"sha256:x\"}"),
  ]

  @Test(arguments: spoiled)
  func `a file that tagflip did not write so is told, with what to do, and nothing is recorded over it`(
    _ path: String, _ text: String
  ) async throws {
    _ = try await bench.log.append([web.noted()], expecting: 0)
    try bench.scratch.write("spoiled", text)
    try bench.scratch.sh(
      """
      git clone -q -b tagflip/audit remote.git work; cp spoiled work/\(path); cd work; git commit -q -a -m Spoil; git push -q origin tagflip/audit
      """)
    let tip = try bench.tip()
    let error = await expectPortError(.corrupt) { try await bench.log.append([web.refused("1.0.0-rc.1")], expecting: nil) }
    #expect(error?.attempted.contains(path) == true && error?.hint?.contains("restore the commit") == true)
    #expect(try bench.tip() == tip)
    if path != "records.json" {
      await expectPortError(.corrupt) { try await bench.log.ledger(of: web.service, tags: []) }
      await expectPortError(.corrupt) { try await bench.log.last(of: web.service) }
      let api = Samples("api")
      let other = try await bench.log.append([api.noted()], expecting: 0)
      #expect(other.entries.map(\.sequence) == [1], "another service's records go on")
    }
    try bench.scratch.git("update-ref refs/heads/tagflip/audit \(tip)~1")
    let result = try await bench.log.append([web.refused("1.0.0-rc.1")], expecting: 1)
    #expect(result.entries.map(\.sequence) == [2], "restored, it goes on")
    try bench.audit("web")
  }

  @Test func `a head that is gone while its records are there is told, and no record is written over`() async throws {
    _ = try await bench.log.append([web.noted(), web.refused("1.0.0-rc.1")], expecting: 0)
    try bench.scratch.sh(
      """
      git clone -q -b tagflip/audit remote.git work; cd work; git rm -q services/web/head.json; git commit -q -m Spoil
      git push -q origin tagflip/audit
      """)
    let error = await expectPortError(.corrupt) { try await bench.log.append([web.refused("1.1.0-rc.1")], expecting: nil) }
    #expect(error?.reason == "services/web/records/0000/0000001.json is there, and services/web/head.json does not know of it")
    #expect(error?.hint?.contains("restore the commit") == true)
  }

  @Test func `a folder where a file should be is told`() async throws {
    _ = try await bench.log.append([web.noted()], expecting: 0)
    try bench.scratch.sh(
      """
      git clone -q -b tagflip/audit remote.git work; cd work; git rm -q services/web/head.json; mkdir services/web/head.json
      echo x > services/web/head.json/x; git add .; git commit -q -m Spoil; git push -q origin tagflip/audit
      """)
    let error = await #expect(throws: PortError.self) { try await bench.log.append([web.refused("1.0.0-rc.1")], expecting: nil) }
    #expect("\(try #require(error))".contains("services/web/head.json"))
  }

  @Test func `a cache that lost an object is thrown away, and never read as an empty branch`() async throws {
    for path in ["services/web/head.json", "services/web/records", "services", ""] {
      _ = try await bench.log.append([web.noted(), web.refused("1.0.0-rc.1")], expecting: nil)
      let id = try bench.scratch.git("rev-parse tagflip/audit:\(path)")
      try bench.scratch.sh("rm -f cache/repository.git/objects/\(id.prefix(2))/\(id.dropFirst(2))")
      let log = AuditBench(bench.scratch, try bench.scratch.remote()).log
      await expectPortError(.corrupt) { try await log.append([web.refused("1.1.0-rc.1")], expecting: nil) }
      let result = try await log.append([web.refused("1.1.0-rc.1")], expecting: nil)
      #expect(result.entries.map(\.sequence) == [3], "the next look fetches it anew")
      try bench.audit("web")
      try bench.scratch.git("update-ref refs/heads/tagflip/audit tagflip/audit~1")
    }
  }
}
