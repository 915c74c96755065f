import KubernetesModel
import ReleaseModel
import Testing
import TrailSamples

@testable import AuditVerification

/// Writes of other hands that a record tells of: they are no findings but notices, at that record.
@Suite struct RecordedHandTests {
  @Test func `a hand that a record tells of is a notice, at that record`() throws {
    var bench = try LogBench()
    let plan = try bench.web.planned("1.2.0")
    let ended = try bench.web.ended(.rolledBack, actor: "foreign:kubectl-patch")
    bench.hear(plan)
    bench.hear(ended)
    let at = try #require(ended.conclusion).decidedAt
    try bench.log.patch(at + -5, to: "blue", rollout: plan.rollout)
    bench.log.add(
      "patch", "services", "web", at: at + -1, by: "jane", agent: "kubectl/v1", body: ["spec": ["selector": ["tagflip.dev/color": "green"]]]
    )
    let report = bench.verify()
    #expect(report.counts == [.writeForeign: 1] && report.isClean, "\(report.words)")
    #expect(report.findings.first?.record == "services/web/records/7" && report.apiLog?.told == 1)
  }

  @Test func `a return by another hand that a person accepts an hour later is told by that record, and one that nobody does is not`() throws
  {
    var bench = try LogBench()
    bench.hand(body: ["spec": ["selector": ["tagflip.dev/color": "blue"]]])
    #expect(bench.verify().counts == [.writeForeign: 1] && !bench.verify().isClean)
    bench.web.wait(3600)
    var back = try bench.web.wentBack()
    back.conclusion?.actor = "foreign:kubectl-patch"
    bench.hear(back)
    let conclusion = try #require(back.conclusion)
    try bench.log.patch(conclusion.decidedAt, pending: [conclusion])
    let report = bench.verify()
    #expect(report.counts == [.writeForeign: 1] && report.isClean && report.apiLog?.told == 1, "\(report.words)")
  }

  /// When the restoring was decided by its record, and written by the log; the hands that it stands between are at 0 and 3 s. A record's time may
  /// lie a second early, and clocks of API servers apart.
  @Test(arguments: [(2, 2), (-1, 2), (0, 1), (4, 2)])
  func `what another hand did and a person undid is no part of what is accepted seconds later`(_ decided: Int, _ written: Int) throws {
    var bench = try LogBench()
    let start = bench.web.now
    var back = try bench.web.wentBack()
    var settled = bench.web.moved(.settled, to: .green, version: "1.1.0")
    settled.conclusion?.decidedAt = start + decided
    back.conclusion?.actor = "foreign:kubectl-patch"
    back.conclusion?.decidedAt = start + 4
    bench.hand(body: ["spec": ["selector": ["tagflip.dev/color": "blue"]]], at: start)
    try bench.move(settled, selector: ["app": "web", "tagflip.dev/color": "green"], at: start + written)
    bench.hand(body: ["spec": ["selector": ["tagflip.dev/color": "blue"]]], at: start + 3)
    bench.hear(back)
    try bench.log.patch(start + 4, pending: [try #require(back.conclusion)])
    let report = bench.verify()
    #expect(report.counts == [.writeForeign: 2] && !report.isClean && report.apiLog?.told == 1, "\(report.words)")
    let told = report.findings.filter { $0.severity == .notice }
    #expect(told.count == 1 && told.allSatisfy { $0.what.contains((start + 3).description) }, "\(report.words)")
    // Of two API servers' logs the second hand's may be read first.
    let reversed = bench.verify(bench.log.events.reversed().map { $0.text + "\n" }.joined())
    #expect(reversed.counts == report.counts && reversed.apiLog?.told == 1, "\(reversed.words)")
  }
}
