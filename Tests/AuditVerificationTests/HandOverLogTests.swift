import KubernetesModel
import ReleaseModel
import Testing
import TrailSamples

@testable import AuditVerification

/// What an API server logged of what follows users.
@Suite struct HandOverLogTests {
  /// The web, whose last release has a consumer.
  private func bench() throws -> LogBench {
    var bench = try LogBench()
    var plan = try bench.web.planned("1.2.0")
    plan.plan?.settings.runs = [RunRule(kind: .deployment, name: "worker", runs: .whenActive)]
    let color = try #require(plan.plan?.to)
    var worker = try #require(plan.plan?.objects.first)
    (worker.kind, worker.name) = ("apps/v1/Deployment", "worker-\(color)")
    plan.plan?.objects.append(worker)
    bench.hear(plan)
    let ended = try bench.web.ended(.promoted)
    bench.hear(ended)
    let conclusion = try #require(ended.conclusion)
    try bench.log.patch(try #require(conclusion.flippedAt), to: "\(color)", rollout: conclusion.rollout)
    try bench.log.patch(conclusion.decidedAt, rollout: conclusion.rollout, pending: [conclusion])
    return bench
  }

  static let handOver: JSON = [
    "metadata": ["resourceVersion": "7", "annotations": ["tagflip.dev/handed": "r-1/blue/4", "tagflip.dev/size": "2"]],
    "spec": ["replicas": 2],
  ]

  @Test func `a hand-over that comes hours late is told by what it writes`() throws {
    var bench = try bench()
    bench.log.add("patch", "deployments", "worker-blue", at: bench.web.now + 7200, group: "apps", body: Self.handOver)
    let report = bench.verify()
    #expect(report.isClean && report.findings.isEmpty, "\(report.words)")
  }

  static let others: [JSON?] = [
    nil,
    [
      "metadata": ["annotations": ["tagflip.dev/handed": "r-1/blue/4"]],
      "spec": ["replicas": 2, "template": ["spec": ["containers": [["name": "worker", "image": "evil"]]]]],
    ],
    ["spec": ["replicas": 2]],
    ["metadata": ["labels": ["a": "b"], "annotations": ["tagflip.dev/handed": "r-1/blue/4"]], "spec": ["replicas": 1]],
  ]

  @Test(arguments: others) func `what a hand-over does not write, or a log does not tell, is on no record hours later`(_ body: JSON?) throws
  {
    var bench = try bench()
    bench.log.add("patch", "deployments", "worker-blue", at: bench.web.now + 7200, group: "apps", body: body)
    let report = bench.verify()
    #expect(report.counts == [.writeUnrecorded: 1], "\(report.words)")
    #expect(report.findings.first?.severity == (body == nil ? .warning : .error), "what a log does not tell is no more: \(report.words)")
  }
}
