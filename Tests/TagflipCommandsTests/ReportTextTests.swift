import KubernetesModel
import ReleaseEngine
import ReleaseModel
import Testing

@testable import TagflipCommands

/// What `tagflip run` prints. The texts stand here whole, to be read as a person reads them.
@Suite struct ReportTextTests {
  private static func report(_ results: [RunReport.Result], _ failures: [PortError] = []) -> RunReport {
    RunReport(results: [Samples.web: results], failures: failures)
  }

  static let texts: [(RunReport, String)] = [
    (RunReport(endedEarly: true), "nothing to do"), (RunReport(), "nothing to do"), (report([.nothing]), "nothing to do"),
    (report([.noted(tags: 0)]), "web: noted 0 tags, released none; push a tag"),
    (report([.noted(tags: 1)]), "web: noted 1 tag, released none; push a tag or run: tagflip retry web VERSION"),
    (report([.noted(tags: 214)]), "web: noted 214 tags, released none; push a tag or run: tagflip retry web VERSION"),
    (report([Samples.ended(.promoted)]), "web 1.1.0: promoted: healthy for the whole bake"),
    (
      report([.ended(Samples.conclusion(.rolledBack, "4 of 10 checks failed"), recorded: false)]),
      "web 1.1.0: rolled-back: 4 of 10 checks failed (the record is not in Git yet; the next run pushes it)"
    ),
    (report([.ended(Samples.conclusion(nil, "its window is over", version: nil), recorded: true)]), "web: retired: its window is over"),
    (
      report([.refused([Samples.refusal("1.0.5", "not above what is live (1.1.0)"), Samples.refusal("1.2.0", "the tag moved")])]),
      """
      web 1.0.5: refused: not above what is live (1.1.0)
      web 1.2.0: refused: the tag moved
      """
    ),
    (report([.waiting(reason: "freeze: holidays", until: Samples.ten)]), "web: waiting: freeze: holidays, until 2026-11-27T10:00:00.000Z"),
    (report([.waiting(reason: "no room", until: nil)]), "web: waiting: no room"),
    (report([.busy("run-1 works on it")]), "web: busy: run-1 works on it"),
    (report([.retired(Samples.version("1.0.0"))]), "web: the standby 1.0.0 went cold"),
    (report([.retired(nil)]), "web: the standby went cold"),
    (
      report([.failed(Samples.typo)]),
      """
      web: error: services/web/cutover.yaml:15:3: could not read the plan of web: unknown key "smok"
        next: did you mean "smoke"?
      """
    ),
    (
      report([.failed(Samples.error(.cancelled))], [Samples.error(.cancelled)]),
      """
      web: stopped before it could apply Deployment shop/web-green
        next: the next run goes on with what is open
      """
    ), (report([], [Samples.error(.conflict)]), "error: could not apply Deployment shop/web-green: no"),
  ]

  @Test(arguments: texts) func `a report in words`(_ report: RunReport, _ text: String) {
    #expect(RunText(report: report).text == text)
  }

  @Test func `services come in the order of their names, what concerns the whole run comes last`() {
    let report = RunReport(
      results: [Samples.web: [.retired(nil), Samples.ended(.promoted)], Samples.name("api"): [.noted(tags: 2)]],
      failures: [Samples.error(.unreachable)])
    #expect(
      RunText(report: report).text == """
        api: noted 2 tags, released none; push a tag or run: tagflip retry api VERSION
        web: the standby went cold
        web 1.1.0: promoted: healthy for the whole bake
        error: could not apply Deployment shop/web-green: no
        """)
  }

  static let documents: [(RunReport.Result, String)] = [
    (.nothing, #"{"result": "nothing"}"#), (.noted(tags: 1), #"{"result": "noted", "tags": 1}"#),
    (
      Samples.ended(.promoted),
      #"""
      {"result": "ended", "outcome": "promoted", "version": "1.1.0", "reason": "healthy for the whole bake",
       "rollout": "r-000000000000abcd", "exposed": true, "recorded": true}
      """#
    ),
    (
      .refused([Samples.refusal("1.0.5", "say \"no\"\n")]),
      #"{"result": "refused", "tags": [{"tag": "web/v1.0.5", "version": "1.0.5", "reason": "say \"no\"\n"}]}"#
    ),
    (
      .waiting(reason: "freeze", until: Samples.ten), #"{"result": "waiting", "reason": "freeze", "until": "2026-11-27T10:00:00.000Z"}"#
    ),
    (.waiting(reason: "no room", until: nil), #"{"result": "waiting", "reason": "no room", "until": null}"#),
    (.busy("run-1"), #"{"result": "busy", "reason": "run-1"}"#), (.retired(nil), #"{"result": "retired", "version": null}"#),
    (
      .failed(Samples.typo),
      #"""
      {"result": "failed", "error": {"kind": "configuration", "attempted": "read the plan of web", "reason": "unknown key \"smok\"",
       "hint": "did you mean \"smoke\"?", "location": "services/web/cutover.yaml:15:3"}}
      """#
    ),
  ]

  @Test(arguments: documents) func `a result as JSON`(_ result: RunReport.Result, _ expected: String) throws {
    let document = try Document(RunText(report: Self.report([result])).json.text)
    #expect(document["services", "web", "0"] == (try Document(expected)))
    #expect(document["endedEarly"] == .bool(false))
    #expect(document["failures"] == .list([]))
  }

  @Test func `a run's own failures are in its JSON`() throws {
    let document = try Document(RunText(report: Self.report([], [Samples.error(.unreachable)])).json.text)
    #expect(document["failures", "0", "kind"] == .text("unreachable"))
    #expect(document["failures", "0", "hint"] == .null)
  }
}
