import KubernetesModel
import ReleaseModel
import Testing
import TrailSamples

@testable import AuditVerification

/// A cutover that was not one flip, against what an API server logged and against what is live.
@Suite struct OverlapTests {
  // MARK: The log

  /// 1.2.0 follows 1.1.0 by an overlap that is opened 5 s before its outcome.
  private func bench(_ outcome: Outcome = .promoted, _ change: (inout OverlapRecord, Timestamp) -> Void = { _, _ in }) throws -> LogBench {
    var bench = try LogBench()
    // It is announced 10 s, and decided 20 s, from now.
    let opened = bench.web.now + 15
    var overlap = OverlapRecord(watchedMs: 2000, convergedMs: 15, endpoints: 6)
    if outcome == .promoted { (overlap.narrowedAt, overlap.patchMs, overlap.servedMs) = (opened + 2, 4, 2000) }
    change(&overlap, opened)
    try bench.release("1.2.0", outcome, overlap: overlap)
    return bench
  }

  @Test(arguments: [(Outcome.promoted, 4), (.rolledBack, 4), (.rollbackFailed, 3)])
  func `both PATCHes of an overlap are matched to one rollout`(_ outcome: Outcome, _ flips: Int) throws {
    let report = try bench(outcome).verify()
    #expect(report.findings.isEmpty, "\(report.words)")
    let log = try #require(report.apiLog)
    #expect(log.rollouts == 3 && log.unrecorded == 0 && log.foreign == 0 && (log.flips, log.flipsFound) == (flips, flips))
  }

  @Test func `an overlap whose end nobody timed is matched all the same`() throws {
    let report = try bench(.promoted) { overlap, opened in (overlap.narrowedAt, overlap.patchMs) = (opened + 3, nil) }.verify()
    #expect(report.findings.isEmpty, "\(report.words)")
  }

  @Test func `a half that is missing in the log is told`() throws {
    for (words, isIt) in [
      ("brought users to both colors at", { (event: JSON) in event.text.contains(#""tagflip.dev/service":"web""#) }),
      ("brought users to blue at", { (event: JSON) in event.text.contains(#"/spec/selector","value":{"app":"web","tagflip.dev/color""#) }),
    ] {
      let bench = try bench()
      let left = bench.log.events.filter { !isIt($0) }
      #expect(left.count == bench.log.events.count - 1)
      let report = bench.verify(left.map { $0.text + "\n" }.joined())
      #expect(report.codes == [.flipUnlogged] && report.words.contains(words), "\(report.words)")
    }
  }

  @Test func `users who reach both colors although no record lets them are told`() throws {
    var atomic = try LogBench()
    try atomic.log.patch(atomic.web.now + 60, selector: LoggedEvents.both)
    let report = atomic.verify()
    #expect(report.codes == [.writeUnrecorded] && report.words.contains("no record lets users reach both colors then"), "\(report.words)")
    // A flip that was one is none that let them reach both.
    var twice = try bench()
    try twice.log.patch(twice.web.now + -4, selector: LoggedEvents.both)
    #expect(twice.verify().words.contains("no record lets users reach both colors then"))
  }

  @Test func `another hand that lets users reach both colors is told`() throws {
    var bench = try bench()
    bench.log.add(
      "patch", "services", "web", at: bench.web.now + 60, by: "jane", agent: "kubectl/v1.36.0",
      body: [["op": "replace", "path": "/spec/selector", "value": LoggedEvents.both]], query: "fieldManager=kubectl-patch")
    let report = bench.verify()
    #expect(report.codes == [.writeForeign] && report.words.contains("(the selector to both colors)"), "\(report.words)")
  }

  @Test(arguments: ["web-blue", "web-green"])
  func `whoever scales a color that users reach together with the other one has scaled what they are on`(_ name: String) throws {
    var bench = try bench()
    // A second after the opening, a second before the new color is left alone.
    bench.log.add(
      "patch", "deployments", name, at: bench.web.now + -4, by: "jane", agent: "kubectl/v1.36.0", group: "apps", subresource: "scale",
      query: "fieldManager=kubectl")
    let report = bench.verify()
    #expect(report.words.contains("and users were on it"), "\(report.words)")
  }

  @Test func `an overlap whose rollout is still open is matched to its plan`() throws {
    var bench = try LogBench()
    let plan = try bench.web.planned("1.2.0") { $0.overlapMs = 30_000 }
    bench.hear(plan)
    try bench.log.patch(bench.web.now + 5, selector: LoggedEvents.both, rollout: plan.rollout)
    try bench.log.patch(bench.web.now + 7, selector: ["app": "web", "tagflip.dev/color": "blue"], rollout: plan.rollout)
    #expect(bench.verify().apiLog?.unrecorded == 0, "\(bench.verify().words)")
  }

  // MARK: What is live

  /// 1.2.0 is announced, and users reach both colors.
  private func live(overlapMs: Int? = 30_000, isExposed: Bool = true) async throws -> LiveBench {
    var bench = try await LiveBench()
    let plan = try bench.web.planned("1.2.0") { $0.overlapMs = overlapMs }
    try await bench.trail.append([plan])
    let rollout = try #require(plan.rollout)
    var marker = Marker(fence: 12, run: "bot", rollout: rollout, version: Version("1.2.0"))
    marker.standby = .init(color: .green, version: Version("1.1.0"), rollout: bench.rollouts[1], temperature: .warm)
    if !isExposed { marker = Marker(fence: 12, run: "bot", rollout: bench.rollouts[1], version: Version("1.1.0")) }
    var service = try LiveBench.service(.blue, marker, at: bench.web.now)
    service["spec", "selector"] = LoggedEvents.both
    bench.cluster.put(.service, service)
    try bench.anchor(records: 6)
    return bench
  }

  @Test func `users who reach both colors in the overlap of an open rollout are where they should be`() async throws {
    let report = try await live().verify()
    #expect(report.codes == [.livePending, .rolloutOpen] && report.isClean, "\(report.words)")
    #expect(report.words.contains("users see blue (1.2.0), and what was there before, of"), "\(report.words)")
  }

  @Test(arguments: [(nil, true), (30_000, false)])
  func `users who reach both colors without an overlap are not`(_ overlapMs: Int?, _ isExposed: Bool) async throws {
    let report = try await live(overlapMs: overlapMs, isExposed: isExposed).verify()
    #expect(report.codes.contains(.liveDiffers), "\(report.words)")
    #expect(report.words.contains("the Service selects both colors, by tagflip.dev/service in Service shop/web"), "\(report.words)")
  }

  @Test func `a selector of both colors by another hand is told with its name`() async throws {
    let bench = try await LiveBench()
    bench.cluster.edit(.service, "web") {
      $0["spec", "selector"] = LoggedEvents.both
      $0["metadata", "managedFields"] = [
        LiveBench.hand("kubectl-edit", at: "2026-01-02T09:00:00Z", ["f:spec": ["f:selector": [:]]])
      ]
    }
    let report = try await bench.verify()
    #expect(report.codes.contains(.liveBypass) && report.words.contains("kubectl-edit wrote the selector"), "\(report.words)")
  }
}
