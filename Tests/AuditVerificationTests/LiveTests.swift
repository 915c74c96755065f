import TrailSamples
import AuditTrail
import GitStore
import KubernetesModel
import ReleaseEngine
import ReleaseModel
import Testing

@testable import AuditVerification

/// What is live against what the records leave.
@Suite struct LiveTests {
  @Test func `a cluster that nobody touched has no finding, and the report says what was compared`() async throws {
    let report = try await LiveBench().verify()
    #expect(report.findings.isEmpty, "\(report.words)")
    let live = try #require(report.live)
    #expect((live.services, live.deployments, live.pods, live.unread) == (1, 1, 1, 0))
    #expect(live.anchor?.records == 5)
  }

  /// One thing that a cluster may hold, and what is said of it.
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var code: FindingCode
    var words: String
    var severity = Finding.Severity.error
    var act: @Sendable (inout LiveBench) async throws -> Void

    init(
      _ name: String, _ code: FindingCode, _ words: String, severity: Finding.Severity = .error,
      act: @escaping @Sendable (inout LiveBench) async throws -> Void
    ) {
      (testDescription, self.code, self.words, self.severity, self.act) = (name, code, words, severity, act)
    }
  }

  private static let later = "2026-01-02T09:00:00Z"

  // A hand shows in managedFields; where none does, the fact alone is told.
  static let ofTheService: [Case] = [
    Case(
      "the selector is elsewhere, and tagflip's own", .liveDiffers,
      "the Service selects blue in Service shop/web, and the records leave users on green (1.1.0)"
    ) {
      $0.cluster.edit(.service, "web") { $0["spec", "selector", "tagflip.dev/color"] = "blue" }
    },
    Case("the selector lacks the color", .liveDiffers, "the Service's selector lacks tagflip.dev/color in Service shop/web") {
      $0.cluster.edit(.service, "web") { $0["spec", "selector"] = ["app": "web"] }
    },
    Case("another hand wrote the selector", .liveBypass, "; kubectl-edit wrote the selector at 2026-01-02T09:00:00.000Z") {
      $0.cluster.edit(.service, "web") {
        $0["spec", "selector", "tagflip.dev/color"] = "blue"
        $0["metadata", "managedFields"] = [LiveBench.hand("kubectl-edit", at: later, ["f:spec": ["f:selector": [:]]])]
      }
    },
    Case("another hand wrote the selector that it has", .liveEdited, "kubectl-edit wrote the selector of Service shop/web at") {
      $0.cluster.edit(.service, "web") {
        $0["metadata", "managedFields"] = [LiveBench.hand("kubectl-edit", at: later, ["f:spec": ["f:selector": [:]]])]
      }
    },
    Case("managedFields were emptied", .liveEdited, "does not tell who wrote its selector: its managedFields were emptied") {
      $0.cluster.edit(.service, "web") { $0["metadata", "managedFields"] = [[:]] }
    },
    Case("a label more selects", .liveBypass, "the selector of Service shop/web has tier against the last record") {
      $0.cluster.edit(.service, "web") { $0["spec", "selector", "tier"] = "x" }
    },
    Case("a label selects otherwise", .liveBypass, "the selector of Service shop/web has another value for app") {
      $0.cluster.edit(.service, "web") { $0["spec", "selector", "app"] = "other" }
    },
    Case("it is another object", .liveBypass, "its uid is s2, and the record saw s1") {
      $0.cluster.edit(.service, "web") { $0["metadata", "uid"] = "s2" }
    },
    Case("it is gone", .liveDiffers, "Service shop/web is gone, and the records speak of it") { $0.cluster.remove(.service, "web") },
    Case("the marker says another version", .liveDiffers, "says 1.0.9 of r-") {
      $0.cluster.edit(.service, "web") { $0["metadata", "annotations", "tagflip.dev/version"] = "1.0.9" }
    },
    Case("the marker names another rollout", .liveDiffers, "the marker of Service shop/web says 1.1.0 of r-0000000000000001") {
      $0.cluster.edit(.service, "web") { $0["metadata", "annotations", "tagflip.dev/rollout"] = "r-0000000000000001" }
    },
    Case("the marker holds what tagflip never writes", .liveEdited, "annotation tagflip.dev/fence holds \"x\", which tagflip did not write")
    {
      $0.cluster.edit(.service, "web") { $0["metadata", "annotations", "tagflip.dev/fence"] = "x" }
    },
    Case("another hand wrote into the marker", .liveEdited, "kubectl-annotate wrote tagflip.dev/run of Service shop/web") {
      $0.cluster.edit(.service, "web") {
        let entries = $0["metadata", "managedFields"]?.array ?? []
        let fields: JSON = ["f:metadata": ["f:annotations": ["f:tagflip.dev/run": [:]]]]
        $0["metadata", "managedFields"] = .array(entries + [LiveBench.hand("kubectl-annotate", at: later, fields)])
      }
    },
    Case("tagflip's name wrote long after the last record", .liveEdited, "long after the last record", severity: .notice) {
      $0.cluster.edit(.service, "web") {
        var entries = $0["metadata", "managedFields"]?.array ?? []
        entries[1]["time"] = .string(later)
        $0["metadata", "managedFields"] = .array(entries)
      }
    },
    Case("the standby is gone from the marker", .liveDiffers, "names no standby, and the records leave blue (1.0.0), warm, as the standby")
    {
      $0.cluster.edit(.service, "web") { $0["metadata", "annotations", "tagflip.dev/standby"] = nil }
    },
    Case(
      "the standby went cold, and no record says so", .liveDiffers,
      "names blue (1.0.0), cold, as the standby, and the records leave blue (1.0.0), warm"
    ) { bench in
      let standby = Marker.Standby(color: .blue, version: Version("1.0.0"), rollout: bench.rollouts[0], temperature: .cold)
      let text = try CanonicalJSON.text(of: standby)
      bench.cluster.edit(.service, "web") { $0["metadata", "annotations", "tagflip.dev/standby"] = .string(text) }
    },
  ]

  static let ofTheObjects: [Case] = [
    Case("a Deployment is gone", .liveBypass, "Deployment shop/web-green, on which users were, is gone") {
      $0.cluster.remove(.deployment, "web-green")
    },
    Case("a Deployment is another object", .liveBypass, "its uid is d2, and the record saw d-green") {
      $0.cluster.edit(.deployment, "web-green") { $0["metadata", "uid"] = "d2" }
    },
    Case(
      "a Deployment names another image", .liveBypass,
      "names the image registry.example/web:6.6.6, and its plan does not; kubectl-set wrote it at"
    ) {
      $0.cluster.edit(.deployment, "web-green") {
        $0["spec", "template", "spec", "containers"] = [["name": "web", "image": "registry.example/web:6.6.6"]]
        $0["metadata", "annotations", "deployment.kubernetes.io/revision"] = "2"
        $0["metadata", "managedFields"] = [LiveBench.hand("kubectl-set", at: later, ["f:spec": ["f:template": ["f:spec": [:]]]])]
      }
    },
    Case("its template was changed and put back", .liveEdited, "its revision is 3, and the record saw 1; it names the planned images again")
    {
      $0.cluster.edit(.deployment, "web-green") { $0["metadata", "annotations", "deployment.kubernetes.io/revision"] = "3" }
    },
    Case("a Deployment was scaled", .liveBypass, "kubectl (scale) wrote spec.replicas of Deployment shop/web-green") {
      $0.cluster.edit(.deployment, "web-green") {
        $0["metadata", "managedFields"] = [LiveBench.hand("kubectl", at: later, ["f:spec": ["f:replicas": [:]]], subresource: "scale")]
      }
    },
    Case("a Deployment is paused", .liveBypass, "Deployment shop/web-green is paused") {
      $0.cluster.edit(.deployment, "web-green") { $0["spec", "paused"] = true }
    },
    Case("a Deployment bears no rollout", .liveUnrecorded, "Deployment shop/web-green bears no rollout's id") {
      $0.cluster.edit(.deployment, "web-green") { $0["metadata", "labels", "tagflip.dev/rollout"] = nil }
    },
    Case("a Deployment made by hand is selected too", .liveUnrecorded, "Deployment shop/web-extra bears the rollout r-x") {
      var extra = LiveBench.deployment(.green, $0.rollouts[1])
      extra["metadata", "name"] = "web-extra"
      extra["metadata", "labels"] = ["tagflip.dev/rollout": "r-x"]
      $0.cluster.put(.deployment, extra)
    },
    Case("pods run another image", .liveBypass, "web-green-1 run registry.example/web@sha256:bbbb") {
      $0.cluster.put(.pod, LiveBench.pod("web-green-1", .green, $0.rollouts[1], image: LiveBench.otherImage))
    },
    Case("a pod bears no rollout", .liveUnrecorded, "sends users to stray, which bear no rollout's id") {
      $0.cluster.put(.pod, LiveBench.pod("stray", .green, nil))
    },
    Case("a pod bears another rollout", .liveUnrecorded, "sends users to old, which bear the rollout") {
      $0.cluster.put(.pod, LiveBench.pod("old", .green, $0.rollouts[0]))
    },
  ]

  static let ofTheTrail: [Case] = [
    Case(
      "the clone is behind", .anchorNotReached,
      "with 9 records, and this clone does not lead back to it; it has 5, so that it may merely be behind"
    ) {
      try $0.anchor(commit: String(repeating: "c", count: 40), records: 9)
    },
    Case("the branch was rewritten", .anchorNotReached, "with 5 records, and this clone does not lead back to it; it has 5") {
      try $0.anchor(commit: String(repeating: "c", count: 40))
    },
    Case("the index has it elsewhere", .liveDiffers, "the bot's index has web at shop/other, and its last plan at shop/web") { bench in
      var target = bench.target
      target.activeService = "other"
      let elsewhere = target
      try bench.anchor { $0.services[elsewhere.service] = .init(target: elsewhere) }
    },
    Case(
      "the cluster has announced what is on no record", .livePending, "r-00000000000000ff of web is announced in the cluster",
      severity: .notice
    ) { bench in
      let target = bench.target
      try bench.anchor { $0.services[target.service] = .init(target: target, open: RolloutID(random: 255)) }
    },
    Case("the index is gone", .liveUnreadable, "the cluster does not say where it saw the branch last", severity: .warning) {
      $0.cluster.remove(.configMap, "tagflip-index", namespace: "tagflip")
    },
  ]

  @Test(arguments: ofTheService + ofTheObjects + ofTheTrail)
  func `what differs is one finding, with its record and its meaning`(_ found: Case) async throws {
    var bench = try await LiveBench()
    try await found.act(&bench)
    let report = try await bench.verify()
    let finding = try #require(report.findings.first { $0.code == found.code && $0.what.contains(found.words) }, "\(report.words)")
    #expect(finding.severity == found.severity)
    #expect(finding.record?.hasPrefix("services/web/records/") == true || found.code == .anchorNotReached || found.code == .liveUnreadable)
    #expect(finding.commit != nil || found.code == .liveUnreadable)
  }

  // What is no finding.
  static let quiet: [Case] = [
    Case("status was written since, so that the resourceVersion is another", .liveDiffers, "") {
      $0.cluster.edit(.service, "web") { $0["metadata", "resourceVersion"] = "99" }
    },
    Case("an autoscaler sized what users are on", .liveDiffers, "") {
      $0.cluster.edit(.deployment, "web-green") {
        let entries = $0["metadata", "managedFields"]?.array ?? []
        let scale = LiveBench.hand("kube-controller-manager", at: later, ["f:spec": ["f:replicas": [:]]], subresource: "scale")
        $0["metadata", "managedFields"] = .array(entries + [scale])
      }
    },
    Case("somebody put a note of his own on the Service", .liveDiffers, "") {
      $0.cluster.edit(.service, "web") {
        let entries = $0["metadata", "managedFields"]?.array ?? []
        let fields: JSON = ["f:metadata": ["f:annotations": ["f:team.example/note": [:]]]]
        $0["metadata", "managedFields"] = .array(entries + [LiveBench.hand("kubectl-annotate", at: later, fields)])
      }
    },
    Case("a pod of the release is ending", .liveDiffers, "") {
      var pod = LiveBench.pod("old", .green, nil)
      pod["metadata", "deletionTimestamp"] = .string(later)
      $0.cluster.put(.pod, pod)
    },
    Case("the standby was retired, on record", .liveDiffers, "") { bench in
      try await bench.trail.append([try bench.web.retired()])
      let standby = Marker.Standby(color: .blue, version: Version("1.0.0"), rollout: bench.rollouts[0], temperature: .cold)
      let text = try CanonicalJSON.text(of: standby)
      bench.cluster.edit(.service, "web") { $0["metadata", "annotations", "tagflip.dev/standby"] = .string(text) }
      try bench.anchor(records: 6)
    },
    Case("a person went back, on record", .liveDiffers, "") { bench in
      try await bench.trail.append([try bench.web.wentBack()])
      let marker = Marker(fence: 10, run: "ada", rollout: bench.rollouts[0], version: Version("1.0.0"))
      bench.cluster.put(.service, try LiveBench.service(.blue, marker, at: bench.web.now))
      try bench.anchor(records: 6)
    },
    Case("a foreign hand went back, and the record names it", .liveDiffers, "") { bench in
      try await bench.trail.append([try bench.web.planned("1.2.0")])
      try await bench.trail.append([try bench.seen(try bench.web.ended(.rolledBack, actor: "foreign:kubectl-patch"))])
      let marker = Marker(fence: 10, run: "bot", rollout: bench.rollouts[1], version: Version("1.1.0"))
      bench.cluster.put(.service, try LiveBench.service(.green, marker, at: bench.web.now))
      let at = bench.web.now.description
      bench.cluster.edit(.service, "web") {
        $0["metadata", "managedFields"] = [LiveBench.hand("kubectl-patch", at: at, ["f:spec": ["f:selector": [:]]])]
      }
      try bench.anchor(records: 7)
    },
    Case("a failed rollout took the standby's color", .liveDiffers, "") { bench in
      try await bench.trail.append([try bench.web.planned("1.2.0")])
      try await bench.trail.append([try bench.web.ended(.failed)])
      bench.cluster.edit(.service, "web") { $0["metadata", "annotations", "tagflip.dev/standby"] = nil }
      try bench.anchor(records: 7)
    },
  ]

  @Test(arguments: quiet) func `what happens in the course of things is no finding`(_ found: Case) async throws {
    var bench = try await LiveBench()
    try await found.act(&bench)
    let report = try await bench.verify()
    #expect(report.findings.isEmpty, "\(report.words)")
    #expect(report.live?.services == 1)
  }

  @Test func `what was decided and is not on record yet is a notice, and what users are on is judged by it`() async throws {
    var bench = try await LiveBench()
    var marker = Marker(fence: 10, run: "ada", rollout: bench.rollouts[0], version: Version("1.0.0"))
    marker.pending = [try #require(bench.web.wentBack().conclusion)]
    bench.cluster.put(.service, try LiveBench.service(.blue, marker, at: bench.web.now))
    let report = try await bench.verify()
    #expect(report.codes == [.livePending] && report.isClean, "\(report.words)")
    #expect(report.findings.first?.what.contains("holds rolled-back of r-") == true)
  }

  @Test func `users who see a rollout whose bake is on are told of, and are no difference`() async throws {
    var bench = try await LiveBench()
    let plan = try bench.web.planned("1.2.0")
    let rollout = try #require(plan.rollout)
    try await bench.trail.append([plan])
    var marker = Marker(fence: 10, run: "bot", rollout: rollout, version: Version("1.2.0"))
    marker.standby = .init(color: .green, version: Version("1.1.0"), rollout: bench.rollouts[1], temperature: .warm)
    bench.cluster.put(.service, try LiveBench.service(.blue, marker, at: bench.web.now))
    try bench.anchor(records: 6)
    let report = try await bench.verify()
    #expect(report.codes == [.livePending, .rolloutOpen] && report.isClean, "\(report.words)")
  }

  // What cannot be read is told, and the rest is compared all the same.
  static let failures: [(ResourceKind, Int, String)] = [
    (.service, 1, "web: could not get Service"), (.deployment, 1, "web: could not get Deployment"), (.pod, 1, "web: could not get Pod"),
    (.configMap, 1, "where the cluster saw the branch last could not be read"),
  ]

  @Test(arguments: failures) func `what cannot be read is a warning and counts as nothing`(
    _ kind: ResourceKind, _ unread: Int, _ words: String
  )
    async throws
  {
    let bench = try await LiveBench()
    bench.cluster.fail(kind, LiveFailure("could not get \(kind.kind): forbidden", isOutage: false))
    let report = try await bench.verify()
    #expect(report.codes == [.liveUnreadable] && !report.isClean, "\(report.words)")
    #expect(report.findings.first?.what.contains(words) == true, "\(report.words)")
    #expect(report.live?.unread == unread)
  }

  @Test func `a cluster that does not answer is asked once`() async throws {
    let bench = try await LiveBench()
    bench.cluster.fail(.configMap, LiveFailure("no answer", isOutage: true))
    let report = try await bench.verify()
    #expect(report.live?.unread == 2 && report.live?.services == 0, "\(report.words)")
  }

  @Test func `a Service that changes each time it is read is not judged`() async throws {
    let bench = try await LiveBench()
    bench.cluster.onFind { object in
      guard object.name == "web" else { return }
      object["metadata", "resourceVersion"] = .string(String((Int(object.resourceVersion ?? "") ?? 0) + 1))
    }
    let report = try await bench.verify()
    #expect(report.codes == [.liveUnreadable], "\(report.words)")
    #expect(report.findings.first?.what.contains("changed each time it was read") == true)
  }

  @Test func `a service that is released to another cluster is not looked at`() async throws {
    let report = try await LiveBench().verify(cluster: "west")
    #expect(report.codes == [.liveUnreadable] && report.isClean, "\(report.words)")
    #expect(report.findings.first?.what == "web is released to the cluster default, and this is west")
  }

  @Test func `from a checkpoint the same is found as from the beginning`() async throws {
    var bench = try await LiveBench()
    let checkpoint = try #require(try await bench.verify().checkpoint)
    #expect(try await bench.verify(checkpoint: checkpoint).findings.isEmpty)
    try await bench.trail.append([try bench.web.retired()])
    bench.cluster.edit(.service, "web") { $0["spec", "selector", "tagflip.dev/color"] = "blue" }
    bench.cluster.edit(.deployment, "web-blue") { $0["metadata", "uid"] = "d9" }
    let whole = try await bench.verify()
    let continued = try await bench.verify(checkpoint: checkpoint)
    #expect(continued.findings.map(\.what) == whole.findings.map(\.what), "\(continued.words)")
    #expect(continued.findings.map(\.record) == whole.findings.map(\.record))
  }
}
