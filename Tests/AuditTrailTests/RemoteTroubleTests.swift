import ReleaseEngine
import ReleaseModel
import TestSupport
import Testing

@testable import AuditTrail

/// Remotes that refuse, lose answers or are not there.
@Suite(.onOwnThread) struct RemoteTroubleTests {
  let scratch: Scratch
  let web = Samples("web")

  init() throws { scratch = try Scratch.withRemote() }

  private func hook(_ name: String, _ body: String) throws {
    // By a shell: a file that this process has open for writing is inherited by what another test forks just then, and cannot be run meanwhile.
    try scratch.sh("cat > remote.git/hooks/\(name) <<'EOF'\n#!/bin/sh\n\(body)\nEOF\nchmod +x remote.git/hooks/\(name)")
  }

  @Test func `a push that a hook refuses says so, records nothing, and takes no sequence`() async throws {
    let bench = AuditBench(scratch, try scratch.served())
    _ = try await bench.log.append([web.noted()], expecting: 0)
    let tip = try bench.tip()
    try hook("pre-receive", "cat >/dev/null; echo this branch is closed >&2; exit 1")
    let error = await expectPortError(.forbidden) { try await bench.log.append([web.refused("1.0.0-rc.1")], expecting: 1) }
    #expect(error?.attempted == "push tagflip/audit" && error?.reason.contains("hook declined") == true)
    #expect(error?.hint?.contains("audit.remote") == true)
    #expect(try bench.tip() == tip)
    #expect(try await bench.log.ledger(of: web.service, tags: [web.tag("1.0.0-rc.1")]).decisions.isEmpty)
    try scratch.sh("rm remote.git/hooks/pre-receive")
    let later = try await bench.log.append([web.refused("1.0.0-rc.1")], expecting: 1)
    #expect(later.entries.map(\.sequence) == [2] && later.entries.map(\.wasThere) == [false])
    try bench.audit("web")
  }

  @Test func `a refusal that passes, as a server's lock held for a moment does, is no refusal`() async throws {
    let bench = AuditBench(scratch, try scratch.served())
    try hook("pre-receive", "cat >/dev/null; [ -e seen ] && exit 0; touch seen; echo failed to lock >&2; exit 1")
    let result = try await bench.log.append([web.noted()], expecting: 0)
    #expect(result.entries.map(\.sequence) == [1])
    try bench.audit("web")
  }

  @Test func `a push whose answer is lost is found by looking again, and counts as one's own`() async throws {
    // The server dies after it moved the ref, and is away for a moment.
    let bench = AuditBench(scratch, try scratch.served("if [ -e \(scratch.path)/down ]; then rm \(scratch.path)/down; exit 255; fi"))
    try hook("post-receive", "touch \(scratch.path)/down; kill -9 $PPID")
    let result = try await bench.log.append([web.noted(), web.refused("1.0.0-rc.1")], expecting: 0)
    #expect(result.entries.map(\.sequence) == [1, 2])
    #expect(result.entries.map(\.wasThere) == [false, false], "nobody else told the world of it")
    #expect(try result.entries.map(\.commit) == [scratch.git("rev-parse tagflip/audit~1"), bench.tip()])
    try bench.audit("web")
  }

  @Test func `where the answer is lost and nobody can look, what became of it is unknown`() async throws {
    let bench = AuditBench(scratch, try scratch.served("[ ! -e \(scratch.path)/down ] || exit 255"))
    try hook("post-receive", "touch \(scratch.path)/down; kill -9 $PPID")
    let error = await expectPortError(.unknown) { try await bench.log.append([web.noted()], expecting: 0) }
    #expect(error?.attempted == "push tagflip/audit")
    try scratch.sh("rm down remote.git/hooks/post-receive")
    let again = try await bench.log.append([web.noted()], expecting: 0)
    #expect(again.entries.map(\.wasThere) == [true] && again.count == 1)
    try bench.audit("web")
  }

  @Test func `an unreachable remote is unreachable, whatever is asked`() async throws {
    let log = AuditBench(scratch, try scratch.served("exit 255")).log
    await expectPortError(.unreachable) { try await log.append([web.noted()], expecting: 0) }
    await expectPortError(.unreachable) { try await log.ledger(of: web.service, tags: []) }
    await expectPortError(.unreachable) { try await log.last(of: web.service) }
  }

  @Test func `a remote that is gone is named, with what to correct`() async throws {
    let bench = try AuditBench()
    _ = try await bench.log.append([web.noted()], expecting: 0)
    try bench.scratch.sh("mv remote.git gone.git")
    let error = await expectPortError(.notFound) { try await bench.log.append([web.refused("1.0.0-rc.1")], expecting: 1) }
    #expect("\(try #require(error))".contains("\(bench.scratch.path)/remote.git"))
    #expect(error?.hint?.contains("url") == true)
  }

  @Test func `credentials that are refused are told as that`() async throws {
    let log = AuditBench(scratch, try scratch.served("echo 'bot@example.org: Permission denied (publickey).' >&2; exit 255")).log
    let error = await expectPortError(.unauthenticated) { try await log.append([web.noted()], expecting: 0) }
    #expect(error?.hint?.contains("identity") == true)
  }

  @Test func `a branch where a folder of the audit branch should be is told`() async throws {
    try scratch.sh("git init -q work; cd work; git commit -q --allow-empty -m First; git push -q ../remote.git main:tagflip")
    for remote in [try scratch.remote(), try scratch.served(cache: "served")] {
      let error = await #expect(throws: PortError.self) { try await AuditBench(scratch, remote).log.append([web.noted()], expecting: 0) }
      #expect("\(try #require(error))".contains("tagflip"))
    }
    #expect(try scratch.git("for-each-ref --format='%(refname)'") == "refs/heads/tagflip")
  }

  @Test func `a branch name that git would refuse is told`() async throws {
    let log = GitAuditLog(remote: try scratch.remote(), settings: AuditSettings(branch: "a..b"), now: { 0 })
    await expectPortError(.invalid) { try await log.append([web.noted()], expecting: 0) }
  }
}
