import ReleaseEngine
import ReleaseModel
import TestSupport
import Testing

@testable import AuditTrail

/// What a branch that somebody rewrote with real git looks like from an anchor: nothing is appended to it, and where it stands is told.
@Suite(.onOwnThread) struct AnchorTests {
  let bench: AuditBench
  let web = Samples("web")

  init() throws { bench = try AuditBench() }

  /// Three records, and the anchor at the last of them.
  private func anchored() async throws -> AuditAnchor {
    let result = try await bench.log.append([web.noted(), web.plan("1.1.0"), web.outcome(.promoted, "1.1.0")], expecting: 0)
    return AuditAnchor(commit: result.head, records: result.count)
  }

  @Test func `a branch that only grew is intact, and its head is told with its count`() async throws {
    let anchor = try await anchored()
    #expect(try await bench.log.standing(since: anchor) == AuditStanding(head: anchor, isIntact: true))
    let result = try await bench.another("rival").append([web.refused("1.2.0-rc.1")], expecting: nil, onto: anchor)
    let grown = AuditStanding(head: AuditAnchor(commit: result.head, records: 4), isIntact: true)
    #expect(try await bench.log.standing(since: anchor) == grown)
    // A container that starts with nothing sees the same.
    #expect(try await bench.another("cold").standing(since: anchor) == grown)
    #expect(try await bench.log.append([web.refused("1.3.0-rc.1")], expecting: nil, onto: anchor).count == 5)
  }

  static let rewrites: [(String, String)] = [
    ("rewound", "git -C remote.git update-ref refs/heads/tagflip/audit tagflip/audit~1"),
    ("deleted", "git -C remote.git update-ref -d refs/heads/tagflip/audit"),
    (
      "amended",
      """
      git clone -q -b tagflip/audit remote.git work; cd work; git commit -q --amend -m Other; git push -q -f origin tagflip/audit
      """
    ),
    (
      "squashed",
      """
      git clone -q -b tagflip/audit remote.git work; cd work; git reset -q --soft $(git rev-list --max-parents=0 HEAD)
      git commit -q --amend -m All; git push -q -f origin tagflip/audit
      """
    ),
    (
      "replaced by another history",
      "git init -q work; cd work; echo x > x; git add x; git commit -q -m Other; git push -q -f ../remote.git main:tagflip/audit"
    ),
    (
      "rewound and continued",
      """
      git clone -q -b tagflip/audit remote.git work; cd work; git reset -q --hard HEAD~1
      echo x > x; git add x; git commit -q -m One; echo y > x; git commit -q -a -m Two; git push -q -f origin tagflip/audit
      """
    ),
  ]

  @Test(arguments: rewrites)
  func `a rewritten branch is noticed from every cache, and nothing is appended to it`(_ name: String, _ script: String) async throws {
    let anchor = try await anchored()
    try bench.scratch.sh(script)
    let before = try? bench.tip()
    for log in [bench.log, try bench.another("cold")] {
      let standing = try await log.standing(since: anchor)
      #expect(!standing.isIntact && standing.head?.commit == before, "\(name)")
      let error = await expectPortError(.corrupt) { try await log.append([web.refused("1.2.0-rc.1")], expecting: nil, onto: anchor) }
      #expect(error?.reason.contains(anchor.commit.prefix(12)) == true && error?.hint?.contains("audit reseal") == true, "\(name)")
    }
    #expect((try? bench.tip()) == before, "\(name)")
  }

  @Test func `a branch that was restored from a clone is intact again`() async throws {
    let anchor = try await anchored()
    try bench.scratch.sh("git clone -q --bare remote.git backup.git; git -C remote.git update-ref -d refs/heads/tagflip/audit")
    #expect(try await !bench.log.standing(since: anchor).isIntact)
    try bench.scratch.sh("git -C backup.git push -q --force ../remote.git \(anchor.commit):refs/heads/tagflip/audit")
    #expect(try await bench.log.standing(since: anchor) == AuditStanding(head: anchor, isIntact: true))
  }

  @Test func `a branch that is rewritten between the look and the push is not continued`() async throws {
    let bench = AuditBench(bench.scratch, try bench.scratch.served(cache: "served"))
    let result = try await bench.log.append([web.noted(), web.refused("1.0.0-rc.1")], expecting: 0)
    let anchor = AuditAnchor(commit: result.head, records: result.count)
    try bench.scratch.write(
      "remote.git/hooks/pre-receive",
      "#!/bin/sh\ncat >/dev/null; rm $0; unset GIT_QUARANTINE_PATH; git update-ref refs/heads/tagflip/audit tagflip/audit~1\n")
    try bench.scratch.sh("chmod +x remote.git/hooks/pre-receive")
    await expectPortError(.corrupt) { try await bench.log.append([web.refused("1.1.0-rc.1")], expecting: nil, onto: anchor) }
  }

  @Test func `an anchor that is no commit id leads nowhere`() async throws {
    _ = try await anchored()
    #expect(try await !bench.log.standing(since: AuditAnchor(commit: "nonsense", records: 3)).isIntact)
    #expect(try await bench.log.standing(since: nil).isIntact)
  }
}
