import GitStore
import ReleaseEngine
import ReleaseModel
import TestSupport
import Testing
import TrailSamples

@testable import AuditTrail

/// What a record costs does not grow with history. Objects are counted, since times are the machine's; jobs/bench measures those.
@Suite(.onOwnThread) struct GrowthTests {
  /// The end of a trail of so many records: its log, the cache that it works in, and how its service goes on.
  private func trail(_ records: Int) throws -> (scratch: Scratch, remote: GitRemote, log: GitAuditLog, series: ReleaseSeries) {
    let scratch = try Scratch()
    let services = try LongTrail(records: records).write(to: "\(scratch.path)/remote.git")
    let remote = try scratch.remote()
    return (scratch, remote, AuditBench(scratch, remote).log, try #require(services["web"]))
  }

  /// What each of three more records reads and writes.
  private func costs(after records: Int) async throws -> [(reads: Int, writes: Int)] {
    var (scratch, remote, log, series) = try trail(records)
    _ = try await log.standing(since: nil)
    var costs: [(reads: Int, writes: Int)] = []
    for _ in 0..<3 {
      let before = await remote.store.tally
      #expect(try await log.append([series.next()], expecting: nil).entries.map(\.wasThere) == [false])
      let after = await remote.store.tally
      costs.append((after.reads - before.reads, after.written - before.written))
    }
    #expect(try scratch.git("show tagflip/audit:records.json") == "{\"records\":\(records + 3)}")
    return costs
  }

  @Test func `a record at the end of a long trail reads and writes no more objects than at the end of a short one`() async throws {
    let (short, long) = (try await costs(after: 101), try await costs(after: 1101))
    for (short, long) in zip(short, long) {
      #expect(long.writes <= short.writes, "\(long) against \(short)")
      // Two folders more for each of its few exhibits, where a short trail has none that begins so.
      #expect(long.reads <= short.reads + 8, "\(long) against \(short)")
    }
  }

  @Test func `a run that has nothing to do reads nothing of the trail`() async throws {
    let (scratch, remote, _, _) = try trail(300)
    try scratch.sh("mv remote.git/objects/pack pack; mkdir remote.git/objects/pack")
    let listing = try await GitTags(remote: remote, branch: "main", auditBranch: AuditBench.branch).listing()
    #expect(try listing.auditTip == scratch.sh("cat remote.git/refs/heads/tagflip/audit"))
    #expect(try scratch.sh("ls -d cache 2>/dev/null || echo none") == "none")
    #expect(await remote.store.tally.reads == 0)
  }

  @Test func `what is found by its key, and the last of all, is read without the others`() async throws {
    let (short, long) = (try trail(101), try trail(1101))
    func reads(_ trail: (scratch: Scratch, remote: GitRemote, log: GitAuditLog, series: ReleaseSeries)) async throws -> [Int] {
      let service = try #require(ServiceName("web"))
      let last = try #require(try await trail.log.last(of: service))
      let (log, store) = (trail.log, trail.remote.store)
      let start = await store.tally.reads
      _ = try await log.last(of: service)
      let middle = await store.tally.reads
      #expect(try await log.record(.outcome(of: last.rollout), of: service) == last)
      return [middle - start, await store.tally.reads - middle]
    }
    #expect(try await reads(long) == reads(short))
  }
}
