import TrailSamples
import KubernetesModel
import ReleaseModel
import Testing

@testable import AuditVerification

/// What an API server logged against what is on record.
@Suite struct APILogTests {
  @Test func `every write of releases that went by the book is matched to its rollout`() throws {
    var bench = try LogBench()
    try bench.release("1.2.0", .rolledBack)
    let report = bench.verify()
    #expect(report.findings.isEmpty, "\(report.words)")
    let log = try #require(report.apiLog)
    #expect((log.matched, log.rollouts, log.foreign, log.unrecorded) == (19, 3, 0, 0))
    #expect((log.flips, log.flipsFound) == (4, 4))
    #expect(log.events == bench.log.events.count && log.spans.count == 1)
  }

  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var code: FindingCode
    var words: String
    var severity: Finding.Severity
    var act: @Sendable (inout LogBench) throws -> Void

    init(
      _ name: String, _ code: FindingCode, _ words: String, _ severity: Finding.Severity = .error,
      act: @escaping @Sendable (inout LogBench) throws -> Void
    ) {
      (testDescription, self.code, self.words, self.severity, self.act) = (name, code, words, severity, act)
    }
  }

  // Whoever is not tagflip changes nothing that users reach.
  static let byOthers: [Case] = [
    Case("a person flips", .writeForeign, "jane: patch services shop/web (the selector to blue) at ") {
      $0.hand(body: ["spec": ["selector": ["tagflip.dev/color": "blue"]]])
    },
    Case("a person edits the marker", .writeForeign, "no record names this user as who acted") {
      $0.hand(body: ["metadata": ["annotations": ["tagflip.dev/version": "9.9.9"]]])
    },
    Case("a person takes the marker away", .writeForeign, "jane") { $0.hand(body: ["metadata": ["annotations": nil]]) },
    Case("a person replaces the Service", .writeForeign, "update services shop/web") {
      $0.hand("update", body: ["spec": ["selector": ["app": "web"]]])
    },
    Case("a person deletes the Service", .writeForeign, "delete services shop/web") { $0.hand("delete") },
    Case("a person deletes all Services", .writeForeign, "deletecollection services shop/*") {
      $0.hand("deletecollection", "services", "") { $0["objectRef", "name"] = nil }
    },
    Case("a person deletes the namespace", .writeForeign, "delete namespaces shop/shop") { $0.hand("delete", "namespaces", "shop") },
    Case("a person sets an image of what users are on", .writeForeign, "and users were on it") {
      $0.hand("patch", "deployments", "web-green", group: "apps")
    },
    Case("a person scales what users are on", .writeForeign, "patch deployments/scale shop/web-green") {
      $0.hand("patch", "deployments", "web-green", group: "apps", subresource: "scale")
    },
    Case("a person scales what users are not on", .writeForeign, "deployments/scale shop/web-blue", .warning) {
      $0.hand("patch", "deployments", "web-blue", group: "apps", subresource: "scale")
    },
    Case("a person writes to the preview", .writeForeign, "patch services shop/web-preview", .warning) {
      $0.hand("patch", "services", "web-preview")
    },
    Case("the log does not say what a person changed", .writeForeign, "patch services shop/web (the log does not say what) at") {
      $0.hand()
    },
    Case("the bot's own account, by kubectl", .writeForeign, "it was not tagflip but kubectl/v1.36.0") { $0.hand(by: LoggedEvents.bot) },
    Case("the bot's own account, by another field manager", .writeForeign, "it was not tagflip but what calls itself kubectl-patch") {
      $0.hand(by: LoggedEvents.bot, agent: "tagflip/0.1.0")
    },
    Case("somebody who impersonates the bot, by kubectl", .writeForeign, "\(LoggedEvents.bot) (impersonated by jane): patch services") {
      $0.hand() { $0["impersonatedUser"] = ["username": .string(LoggedEvents.bot)] }
    },
    Case("a controller flips", .writeForeign, "no controller has business there") {
      $0.hand(body: ["spec": ["selector": ["tagflip.dev/color": "blue"]]], by: "system:serviceaccount:kube-system:x")
    },
    Case("somebody who impersonates a controller", .writeForeign, "system:serviceaccount:kube-system:x (impersonated by jane)") {
      $0.hand(body: ["spec": ["selector": ["tagflip.dev/color": "blue"]]]) {
        $0["impersonatedUser"] = ["username": "system:serviceaccount:kube-system:x"]
      }
    },
    Case("an apply of the Service", .writeForeign, "jane") {
      $0.hand(
        body: ["kind": "Service", "spec": ["selector": ["app": "web", "tagflip.dev/color": "none"]]],
        query: "fieldManager=kubectl&force=true")
    },
    Case("a JSON patch that replaces everything", .writeForeign, "jane") {
      $0.hand(body: [["op": "replace", "path": "", "value": [:]]])
    },
  ]

  // What tagflip does is on record.
  static let unrecorded: [Case] = [
    Case("a flip that no record tells", .writeUnrecorded, "no record moves users to blue then") {
      try $0.log.patch($0.web.now + 60, to: "blue")
    },
    Case("a second flip at the time of one on record", .writeUnrecorded, "no record moves users to green then") {
      try $0.log.patch($0.web.now + -4, to: "green", rollout: $0.plans[1].rollout)
    },
    Case("a flip to the other color at the time of one on record", .writeUnrecorded, "no record moves users to blue then") {
      try $0.log.patch($0.web.now + -5, to: "blue")
    },
    Case("a marker that names a rollout of no record", .writeUnrecorded, "no record speaks of r-00000000000000ff") {
      try $0.log.patch($0.web.now + 3, rollout: RolloutID(random: 255))
    },
    Case("an outcome that is on no record", .writeUnrecorded, "no record says rolled-back of r-") {
      var conclusion = try #require($0.outcomes.last?.conclusion)
      conclusion.outcome = .rolledBack
      try $0.log.patch($0.web.now + 3, pending: [conclusion])
    },
    Case("an apply that no rollout calls for", .writeUnrecorded, "no rollout on record builds green then") {
      $0.log.add("patch", "deployments", "web-green", at: $0.web.now + 300, group: "apps")
    },
    Case("an apply to what users are on, while the other color is built", .writeUnrecorded, "no rollout on record builds blue then") {
      $0.log.add("patch", "deployments", "web-blue", at: $0.web.now + -8, group: "apps")
    },
    Case("what users are on is scaled", .writeUnrecorded, "users were on it") {
      $0.log.add("patch", "deployments", "web-green", at: $0.web.now + 300, group: "apps", subresource: "scale")
    },
    Case("what users are on is deleted", .writeUnrecorded, "users were on it") {
      $0.log.add("delete", "deployments", "web-green", at: $0.web.now + 300, group: "apps")
    },
    Case("the bot's account makes what no plan names", .writeUnrecorded, "create deployments shop/evil at") {
      $0.hand("create", "deployments", "evil", group: "apps", by: LoggedEvents.bot, agent: "curl/8.0", query: "")
    },
    Case("tagflip makes what no plan names", .writeUnrecorded, "no plan names it") {
      $0.log.add("create", "pods", "evil", at: $0.web.now + 60)
    },
    Case("the active Service is made anew", .writeUnrecorded, "tagflip never makes, replaces or deletes an active Service") {
      $0.log.add("create", "services", "web", at: $0.web.now + 300, body: [:])
    },
    Case("a write before the first plan", .writeUnrecorded, "before the first plan of the service") {
      $0.log.add("patch", "services", "web", at: Timestamp(milliseconds: 1_767_323_000_000), body: [:])
    },
    Case(
      "a write that the log does not describe, long after", .writeUnrecorded,
      "the log does not say what it wrote; it is later than the last record of web", .warning
    ) {
      $0.log.add("patch", "services", "web", at: $0.web.now + 3600)
    },
  ]

  @Test(arguments: byOthers + unrecorded)
  func `a write that is on no record is one finding with user, verb, object, time, audit id and line`(_ found: Case) throws {
    var bench = try LogBench()
    try found.act(&bench)
    let report = bench.verify()
    #expect(report.counts == [found.code: 1], "\(report.words)")
    let finding = try #require(report.findings.first)
    #expect(finding.severity == found.severity && finding.what.contains(found.words), "\(finding.what)")
    #expect(finding.what.contains("auditID id-\(bench.log.events.count), audit.log line \(bench.log.events.count)"), "\(finding.what)")
    #expect(finding.what.contains("at 2026-01-02T"))
  }

  // What is no finding.
  static let quiet: [(String, @Sendable (inout LogBench) throws -> Void)] = [
    ("a request that was refused", { $0.hand("delete") { $0["responseStatus", "code"] = 403 } }),
    ("a dry run", { $0.hand(query: "dryRun=All&fieldManager=kubectl-patch") }),
    ("a delete that its body makes a dry run", { $0.hand("delete", body: ["dryRun": ["All"]]) }),
    ("another stage of a request", { $0.hand() { $0["stage"] = "RequestReceived" } }),
    ("a read", { $0.hand("get") }),
    ("a status", { $0.hand("patch", "services", "web", subresource: "status") }),
    (
      "a label of the team's own on the Service",
      { $0.hand(body: ["metadata": ["labels": ["team": "a"], "annotations": ["note": "x"]]]) }
    ),
    ("a neighbour's object", { $0.hand("delete", "deployments", "web-green") { $0["objectRef", "namespace"] = "other" } }),
    ("a kind of the same name", { $0.hand("delete", "services", "web", group: "serving.knative.dev") }),
    ("a request about no resource", { $0.hand("create") { $0["objectRef"] = nil } }),
    (
      "an autoscaler",
      {
        $0.hand(
          "update", "deployments", "web-green", group: "apps", subresource: "scale",
          by: "system:serviceaccount:kube-system:horizontal-pod-autoscaler", agent: nil)
      }
    ),
    ("a probe through the API server", { $0.log.add("create", "services", "web", at: $0.web.now + 60, subresource: "proxy", body: [:]) }),
    ("a pod that somebody deletes", { $0.hand("delete", "pods", "web-green-x") }),
    ("a node", { $0.hand("patch", "deployments", "web-green", group: "apps", by: "system:node:n1", agent: nil) }),
    ("a label of the namespace", { $0.hand("patch", "namespaces", "shop") }),
    (
      "the making of the Service",
      { $0.log.add("create", "services", "web", at: Timestamp(milliseconds: 1_767_323_000_000), by: "jane", agent: "kubectl/v1") }
    ),
    (
      "the sweep of what nobody needs, an hour later",
      { $0.log.add("patch", "deployments", "web-blue", at: $0.web.now + 3600, group: "apps", subresource: "scale") }
    ),
    ("an outcome that could be pushed an hour later", { try $0.log.patch($0.web.now + 3600) }),
    (
      "the flip once more, from another log",
      {
        $0.log.add("x", "x", "x", at: $0.web.now) { [events = $0.log.events] in
          $0 = events.first { $0["requestObject"]?.text.contains("selector") == true } ?? .null
        }
      }
    ),
  ]

  @Test(arguments: quiet.map(\.0)) func `what changes nothing that users reach, or is anybody's office, is no finding`(_ name: String)
    throws
  {
    var bench = try LogBench()
    try #require(Self.quiet.first { $0.0 == name }).1(&bench)
    let report = bench.verify()
    #expect(report.findings.isEmpty, "\(report.words)")
  }

  @Test func `a flip on record that a log does not have, though it covers the time, is a finding`() throws {
    var bench = try LogBench()
    let flip = bench.log.events.lastIndex { $0["requestObject"]?.text.contains("selector") == true }
    var events = bench.log.events
    events.remove(at: try #require(flip))
    bench.log.add("get", "pods", "x", at: bench.web.now + 100)
    let text = (events + bench.log.events.suffix(1)).map { $0.text + "\n" }.joined()
    let report = bench.verify(text)
    #expect(report.counts == [.flipUnlogged: 1], "\(report.words)")
    #expect(report.findings.first?.record == "services/web/records/5")
    #expect(report.apiLog?.flips == 2 && report.apiLog?.flipsFound == 1)
    // Half of the log: nothing is claimed of what it does not cover.
    let half = bench.verify(events.prefix(7).map { $0.text + "\n" }.joined())
    #expect(half.findings.isEmpty && half.apiLog?.flips == 1, "\(half.words)")
    // A policy that leaves Services out shows nothing of them.
    let blind = bench.verify(bench.log.events.filter { $0["objectRef", "resource"] != "services" }.map { $0.text + "\n" }.joined())
    #expect(blind.findings.allSatisfy { $0.code == .flipUnlogged && $0.severity == .warning } && !blind.findings.isEmpty, "\(blind.words)")
  }

  @Test func `what was adopted is judged before any plan names it`() throws {
    var bench = try LogBench(adopting: "0.9.0")
    #expect(bench.verify().findings.isEmpty && bench.verify().apiLog?.flipsFound == 1, "\(bench.verify().words)")
    bench.hand(body: ["spec": ["selector": ["app": "other"]]])
    bench.hand("patch", "deployments", "web", group: "apps")
    let report = bench.verify()
    #expect(report.counts == [.writeForeign: 2], "\(report.words)")
    #expect(report.findings.contains { $0.what.contains("users were on it") }, "\(report.words)")
  }

  @Test func `a flip of what was adopted that nothing logged is a finding`() throws {
    var bench = try LogBench(adopting: "0.9.0")
    bench.log = LoggedEvents()
    bench.log.add("get", "pods", "x", at: bench.web.now + -60)
    bench.log.add("get", "pods", "x", at: bench.web.now + 60)
    #expect(bench.verify().counts == [.flipUnlogged: 1], "\(bench.verify().words)")
  }

  @Test func `an adopted Deployment is its owner's again once its color was rebuilt, and not before`() throws {
    var bench = try LogBench(adopting: "0.9.0")
    try bench.release("1.0.0")
    bench.hand("patch", "deployments", "web", group: "apps", after: 300)
    #expect(bench.verify().counts == [.writeForeign: 1], "it stands by: \(bench.verify().words)")
    try bench.release("1.1.0")
    let before = bench.verify().counts
    bench.hand("delete", "deployments", "web", group: "apps", after: 300)
    #expect(bench.verify().counts == before, "\(bench.verify().words)")
    bench.log.add("patch", "deployments", "web", at: bench.web.now + 300, group: "apps", subresource: "scale")
    #expect(bench.verify().counts[.writeUnrecorded] == 1, "tagflip has no business there: \(bench.verify().words)")
  }

  @Test func `after a Service was left it is its owner's, until it is adopted again`() throws {
    var bench = try LogBench(adopting: "0.9.0")
    bench.web.wait(600)
    try bench.move(bench.web.moved(.left, to: nil), selector: ["app": "web"])
    bench.hand(body: ["spec": ["selector": ["app": "other"]]])
    bench.hand("patch", "deployments", "web", group: "apps", after: 90)
    #expect(bench.verify().findings.isEmpty, "\(bench.verify().words)")
    try bench.log.patch(bench.web.now + 200, to: "green")
    #expect(bench.verify().counts == [.writeUnrecorded: 1], "tagflip's own writes are judged: \(bench.verify().words)")
    bench = try LogBench(adopting: "0.9.0")
    bench.web.wait(600)
    try bench.move(bench.web.moved(.left, to: nil), selector: ["app": "web"])
    bench.web.wait(600)
    try bench.move(
      bench.web.moved(.adopted, to: .blue, version: "0.9.1"), selector: ["app": "web", "pod-template-hash": "57d9"])
    #expect(bench.verify().findings.isEmpty, "\(bench.verify().words)")
    bench.hand(body: ["spec": ["selector": ["app": "other"]]])
    #expect(bench.verify().counts == [.writeForeign: 1], "\(bench.verify().words)")
  }

  @Test func `a log of metadata alone is matched by time and object`() throws {
    let bench = try LogBench()
    let bare = bench.log.events.map { event in
      var event = event
      event["level"] = "Metadata"
      event["requestObject"] = nil
      return event
    }
    let report = bench.verify(bare.map { $0.text + "\n" }.joined())
    #expect(report.findings.isEmpty, "\(report.words)")
    let log = try #require(report.apiLog)
    #expect((log.matched, log.rollouts, log.flips, log.flipsFound) == (12, 2, 2, 2))
  }

  @Test func `a person who goes back with tagflip is matched by his own name, and by nobody else's`() throws {
    var bench = try LogBench()
    let back = try bench.web.wentBack()
    bench.hear(back)
    let conclusion = try #require(back.conclusion)
    try bench.log.patch(conclusion.decidedAt, to: "blue", pending: [conclusion], by: "ada")
    bench.log.add("patch", "deployments", "web-green", at: conclusion.decidedAt + 10, by: "ada", group: "apps", subresource: "scale")
    #expect(bench.verify().findings.isEmpty)
    try bench.log.patch(conclusion.decidedAt + 1, pending: [conclusion], by: "eve")
    #expect(bench.verify().counts == [.writeForeign: 1])
  }

  @Test func `what is no event is told with its line, and the reading goes on`() throws {
    let bench = try LogBench()
    let good = bench.log.events.map { $0.text + "\n" }
    let bad = ["I1128 not json", #"{"kind":"Event","apiVersion":"audit.k8s.io/v1beta1"}"#, #"{"kind":"Pod"}"#, "[1", "\u{0}", ""]
    let text = bad.map { $0 + "\n" }.joined() + String(repeating: "x", count: LogLines.longest + 1) + "\n" + good.joined()
    let report = bench.verify(text)
    #expect(report.counts == [.logUnreadable: 6] && !report.isClean, "\(report.words)")
    #expect(report.findings.map(\.what)[0] == "audit.log, line 1: it is no JSON: a value cannot begin with this character")
    #expect(report.findings.map(\.what)[5] == "audit.log, line 7: it is longer than 1 MiB")
    #expect(report.apiLog?.matched == 12 && report.apiLog?.unread == 6)
  }

  @Test func `a list of events, as webhooks get them, is read like its events`() throws {
    let bench = try LogBench()
    let items = bench.log.events.map { event in
      var event = event
      event["kind"] = nil
      event["apiVersion"] = nil
      return event
    }
    let list: JSON = ["kind": "EventList", "apiVersion": "audit.k8s.io/v1", "items": .array(items)]
    let report = bench.verify(list.text)
    #expect(report.findings.isEmpty && report.apiLog?.matched == 12, "\(report.words)")
  }

  @Test func `names from a log cannot reach the terminal as escapes`() throws {
    var bench = try LogBench()
    bench.hand(by: "ja\u{1B}[2Jne\n\u{202E}", agent: "\u{1B}]0;x\u{7}")
    let what = try #require(bench.verify().findings.first?.what)
    #expect(!what.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x202E })
  }
}
