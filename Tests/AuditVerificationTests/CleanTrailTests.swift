import AuditTrail
import Digests
import GitStore
import ReleaseEngine
import ReleaseModel
import Signatures
import TestSupport
import Testing
import TrailSamples

@testable import AuditVerification

/// What the real audit log writes, verified: nothing is found.
@Suite(.onOwnThread) struct CleanTrailTests {
  let trail: Trail

  init() throws { trail = try Trail() }

  @Test func `everything that can come of a tag, of two services, gives no findings`() async throws {
    var shop = Shop()
    try await shop.tell(trail)
    let report = try await trail.verify()
    #expect(report.findings.isEmpty, "\(report.words)")
    #expect(report.isClean)
    #expect(report.records == 29 && report.commits == 29)
    #expect(report.services["web"]?.live == .on(.green, Chronicle.known(Version("1.2.0"))))
    #expect(report.signatures == .notChecked)
  }

  @Test func `a service that was adopted, released over, gone back to, settled and left gives no findings`() async throws {
    var web = Chronicle("web")
    try await trail.append([
      web.noted(), web.moved(.adopted, to: .blue, version: "0.9.0"), web.planned("1.0.0"), web.ended(.promoted), web.wentBack(),
      web.moved(.settled, to: .blue, version: "0.9.0"), web.planned("1.1.0"), web.ended(.rolledBack), web.moved(.left, to: nil),
      web.moved(.adopted, to: .blue, version: "0.9.0"),
    ])
    let report = try await trail.verify()
    #expect(report.findings.isEmpty && report.records == 10, "\(report.words)")
    #expect(report.services["web"]?.live == .on(.blue, Chronicle.known(Version("0.9.0"))))
    // What it was adopted as is where the next plan begins.
    web.live = (.green, nil)
    try await trail.append([web.planned("1.2.0")])
    #expect(try await trail.verify().codes.contains(.fromMismatch))
  }

  @Test func `drift that is reported, changes, ends and comes again gives no findings`() async throws {
    var web = Chronicle("web")
    let smaller = DriftFinding(.size, color: .green, object: "Deployment web-green", left: "3", found: "1")
    try await trail.append([
      web.noted(), web.planned("1.0.0"), web.ended(.promoted), web.drifted(since: 60), web.drifted([smaller, Chronicle.larger]),
      web.planned("1.1.0"), web.ended(.promoted), web.drifted([]), web.drifted(),
    ])
    let report = try await trail.verify()
    #expect(report.findings.isEmpty && report.records == 9, "\(report.words)")
    #expect(try await trail.log().ledger(of: web.service, tags: []).drift != nil)
    try await trail.append([web.drifted([])])
    #expect(try await trail.verify().findings.isEmpty)
    #expect(try await trail.log().ledger(of: web.service, tags: []).drift == nil)
  }

  @Test func `lost races leave a trail without findings`() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (number, name) in ["web", "api", "web", "pay"].enumerated() {
        let log = try trail.log("cache-\(number)")
        group.addTask {
          var chronicle = Chronicle(name)
          _ = try await log.append([chronicle.noted("0.1.0")], expecting: nil)
          for version in 0..<4 {
            // Two writers append the same; each event is there once.
            _ = try await log.append([chronicle.superseded("1.\(version).0", by: "9.0.0")], expecting: nil)
          }
        }
      }
      try await group.waitForAll()
    }
    let report = try await trail.verify()
    #expect(report.findings.isEmpty && report.records == 15, "\(report.words)")
  }

  @Test func `a rollout under way is a notice, and nothing is wrong`() async throws {
    var web = Chronicle("web")
    try await trail.append([web.noted(), web.planned("1.0.0")])
    let report = try await trail.verify()
    #expect(report.codes == [.rolloutOpen] && report.isClean)
    try await trail.append([web.ended(.aborted)])
    #expect(try await trail.verify().findings.isEmpty)
  }

  @Test func `after a foreign hand, the next plan is believed about where users are`() async throws {
    var web = Chronicle("web")
    try await trail.append([web.noted(), web.planned("1.0.0"), web.ended(.promoted), web.planned("1.1.0")])
    try await trail.append([web.ended(.aborted, reason: "the Service selects green", actor: "foreign:kubectl-edit")])
    web.live = (.green, nil)
    try await trail.append([web.planned("1.2.0"), web.ended(.rolledBack), web.planned("1.3.0")])
    let report = try await trail.verify()
    #expect(report.codes == [.rolloutOpen], "\(report.words)")
  }

  @Test func `a record that an outage kept back, with a retry before it, is in order`() async throws {
    var web = Chronicle("web")
    try await trail.append([web.noted(), web.planned("1.0.0"), web.ended(.promoted), web.planned("1.1.0")])
    let kept = try web.ended(.failed)
    web.wait(3600)
    try await trail.append([web.retry("1.0.0"), kept])
    #expect(try await trail.verify().findings.isEmpty)
  }

  @Test func `a retry that was asked for before the outcome that quarantines was pushed lets the version in`() async throws {
    var web = Chronicle("web")
    try await trail.append([web.noted(), web.planned("1.0.0")])
    let failed = try web.ended(.failed)
    let retry = try await trail.append([web.retry("1.0.0"), failed])
    try await trail.append([web.planned("1.0.0", attempt: retry.entries[0].digest.description), web.ended(.promoted)])
    let report = try await trail.verify()
    #expect(report.findings.isEmpty, "\(report.words)")
  }

  @Test func `a trail signed throughout, by a judge who says so, is told with who vouches`() async throws {
    var web = Chronicle("web")
    try trail.scratch.sh("ssh-keygen -q -t ed25519 -N '' -C bot -f key")
    let log = try trail.log(signer: AuditSigner(path: "\(trail.scratch.path)/key"))
    _ = try await log.append([web.noted(), web.planned("1.0.0"), web.ended(.promoted)], expecting: 0)
    let key = try SSHPublicKey(line: try trail.scratch.sh("cat key.pub"))
    let report = try await trail.verify(judge: Signed(keys: [key]) { $0.contains("gpgsig") || $0 == "git" })
    #expect(report.findings.isEmpty, "\(report.words)")
    #expect(report.signatures == .checked(["bot": 3]))
    #expect(report.vouching?.releases == 1 && report.vouching?.releasesVouched == ["auditor": 1])
  }

  @Test func `a clone follows the remote's branch, and a work tree, a folder below it and its .git are all the clone`() async throws {
    var web = Chronicle("web")
    try await trail.append([web.noted()])
    try trail.scratch.sh("git clone -q remote.git clone 2>/dev/null; mkdir clone/below")
    for folder in ["clone", "clone/below", "clone/.git"] {
      #expect(try await trail.verify(repository: folder).ref == "refs/remotes/origin/tagflip/audit")
    }
    #expect(try await trail.verify(repository: "clone") { $0.branch = "refs/remotes/origin/tagflip/audit" }.records == 1)
    for (folder, branch) in [("clone", "none"), ("nosuch", "tagflip/audit")] {
      let error = await #expect(throws: GitError.self) { try await trail.verify(repository: folder) { $0.branch = branch } }
      #expect(error?.kind == .notFound)
    }
  }
}
