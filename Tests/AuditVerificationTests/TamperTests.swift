import GitStore
import TestSupport
import Testing
import TrailSamples

@testable import AuditVerification

/// Ways to tamper with a trail: each is found, under the code that says what it is, by the check that is there for it.
@Suite(.onOwnThread) struct TamperTests {
  @Test(arguments: Tampering.corpus) func `it is found, by the check that is for it`(_ tampering: Tampering) async throws {
    var (trail, shop) = try await Original.shared.copy()
    let tip = try trail.tip
    try await tampering.act(trail, &shop)
    let report = try await tampering.report(on: trail, knowing: tip)
    #expect(report.counts[tampering.code] != nil, "\(tampering.code.rawValue) is not among:\n\(report.words)")
    // Without its check nothing else tells this of it.
    let blind = try? await tampering.report(on: trail, knowing: tip, without: [tampering.check])
    #expect(blind?.counts[tampering.code] == nil)
    #expect(report.findings.allSatisfy { !$0.what.isEmpty && !$0.meaning.isEmpty && $0.what.allSatisfy { !$0.isNewline } })
  }

  @Test func `every code that a commit's records can be found under has its case`() {
    let elsewhere: Set<FindingCode> = [
      // Held to tests of their own: what is outside of the trail, and what a key signs.
      .tagMoved, .tagDeleted, .tagCommitDiffers, .checkpointNotReached, .attestationDiffers, .attestationBad, .trailResealed, .rolloutOpen,
      .checkpointUnjudged,
      .signerChanged,
    ]
    // What the cluster and its API server's log are compared with has cases of its own: LiveTests and APILogTests.
    let outside = FindingCode.allCases.filter { code in
      ["live-", "write-", "log-", "flip-", "anchor-"].contains { code.rawValue.hasPrefix($0) }
    }
    let missing = Set(FindingCode.allCases).subtracting(outside).subtracting(Tampering.corpus.map(\.code)).subtracting(elsewhere)
    #expect(missing.isEmpty, "\(missing.map(\.rawValue).sorted())")
  }

  @Test func `the corpus is large, and every case of it has a name of its own`() {
    #expect(Tampering.corpus.count >= 120)
    #expect(Set(Tampering.corpus.map(\.name)).count == Tampering.corpus.count)
  }
}

extension Tampering {
  func report(on trail: Trail, knowing tip: ObjectID, without: Set<String> = []) async throws -> VerificationReport {
    try await trail.verify(without: without, repository: repository, releases: releases, judge: judge) { ask(&$0, tip) }
  }
}
