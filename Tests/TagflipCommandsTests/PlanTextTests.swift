import KubernetesModel
import ReleaseModel
import Testing

@testable import ReleaseEngine
@testable import TagflipCommands

/// What `tagflip plan` prints.
@Suite struct PlanTextTests {
  private static func report(
    _ plan: CutoverPlan = Samples.plan(), environment: Environment = Samples.environment, sizes: [String: Int] = ["web": 3],
    difference: [String] = [], objections: [String] = [], unchecked: [String] = []
  ) -> PlanPreview.Report {
    PlanPreview.Report(
      plan: plan, environment: environment, sizes: sizes,
      headroom: HeadroomReport(shortages: [], detail: "3 pods, 300m CPU; no quota", pods: 3, milliCPU: 300, memoryBytes: 0),
      dryRun: DryRun(objections: [], difference: difference), objections: objections, unchecked: unchecked)
  }

  @Test func `what a release would do, and how it differs from what is live`() {
    let text = PlanText(report: Self.report(difference: ["Deployment web", "- image: web:1.0.0", "+ image: web:1.1.0"])).text
    #expect(
      text == """
        web 1.1.0: blue → green in namespace shop
          live      1.0.0
          tag       web/v1.1.0 at 0123456789ab
          pods      web-green: 3 pods of registry.example/web:1.1.0
          objects   Deployment web-green, Secret web-green
          smoke     GET /healthz × 3, GET /
          bake      5 min, at most 5 % failed; GET /
          standby   warm for 15 min
          headroom  3 pods, 300m CPU; no quota
          doubling  at most 0 core-hours, 0 GiB-hours (52 min)

        Deployment web
        - image: web:1.0.0
        + image: web:1.1.0
        """)
  }

  @Test func `a cutover that is not atomic says so`() {
    var settings = Samples.settings
    settings.overlapMs = 30_000
    let following = PlanText(report: Self.report(Samples.plan(settings: settings))).text
    #expect(following.contains("  cutover   not atomic: users reach both colors for 30 s, then green alone\n"), "\(following)")
    let first = PlanText(report: Self.report(Samples.plan(from: nil, settings: settings))).text
    #expect(
      first.contains("  cutover   one flip, where nothing is live yet; else not atomic: users reach both colors for 30 s"), "\(first)")
  }

  @Test func `a first release, without a cluster and without checks, and what is in its way`() {
    var bare = Samples.settings
    bare.smoke = SmokeGate()
    bare.bake = BakeGate(durationMs: 2000, failureRate: 0.025)
    var environment = Samples.environment
    environment.workloads = [Workload(name: "api", replicas: nil, autoscaled: true, images: ["a:1", "b:2"])]
    var report = Self.report(
      Samples.plan(from: nil, settings: bare), environment: environment, sizes: [:], objections: ["services \"web\" not found"],
      unchecked: ["headroom: no cluster was asked"])
    report.headroom = nil
    #expect(
      PlanText(report: report).text == """
        web 1.1.0: none → blue in namespace shop
          live      nothing yet
          tag       web/v1.1.0 at 0123456789ab
          pods      api-blue: as many pods as run now of a:1, b:2
          objects   Deployment web-green, Secret web-green
          smoke     no checks
          bake      2 s, at most 2.5 % failed; no checks
          standby   warm for 15 min
        not checked: headroom: no cluster was asked
        in the way: services "web" not found
        """)
  }

  @Test func `what is short although the release goes ahead, and what may be short one day, is noted`() {
    var settings = Samples.settings
    settings.headroom = .warn
    var report = Self.report(Samples.plan(settings: settings))
    report.headroom?.shortages = ["quota q: pods: 3 needed, 1 of 4 left"]
    report.headroom?.cautions = ["fits at the present size of 3; at the autoscaler's maximum of 9, quota q: pods: 9 needed, 4 of 4 left"]
    let text = PlanText(report: report)
    #expect(
      text.text.hasSuffix(
        """
          headroom  3 pods, 300m CPU; no quota
          doubling  at most 0 core-hours, 0 GiB-hours (52 min)
        note: no room: quota q: pods: 3 needed, 1 of 4 left; the release goes ahead (headroom: warn)
        note: headroom: fits at the present size of 3; at the autoscaler's maximum of 9, quota q: pods: 9 needed, 4 of 4 left
        """))
    #expect(text.json["cautions"]?.array?.count == 1)
  }

  @Test func `how many pods there are before users come is told where it is fewer`() {
    var settings = Samples.settings
    settings.previewReplicas = 1
    let text = PlanText(report: Self.report(Samples.plan(settings: settings))).text
    #expect(text.contains("\n  pods      web-green: 1 pod until smoke has passed, then 3 of registry.example/web:1.1.0\n"))
    settings.previewReplicas = 3
    #expect(PlanText(report: Self.report(Samples.plan(settings: settings))).text.contains("web-green: 3 pods of "))
  }

  @Test func `what two colors cost at most is told where it is known`() throws {
    var report = Self.report()
    report.headroom?.perPod = ["web": ResourceRequests(milliCPU: 100, memoryBytes: 256 << 20)]
    // 30 min for images that nobody looked up, 2 of smoke, 5 of bake, 15 warm.
    #expect(PlanText(report: report).text.contains("\n  doubling  at most 0.26 core-hours, 0.65 GiB-hours (52 min)"))
    #expect(PlanText(report: report).json["doubling", "coreHours"]?.double == 0.26)
    report.plan.from = nil
    #expect(!PlanText(report: report).text.contains("doubling"))
    #expect(PlanText(report: report).json["doubling"] == .null)
  }

  @Test func `one pod is one pod`() {
    #expect(PlanText(report: Self.report(sizes: ["web": 1])).text.contains("web-green: 1 pod of "))
  }

  @Test func `the JSON holds plan and objects, and of a Secret the keys alone`() throws {
    let text = PlanText(report: Self.report(objections: ["no room"])).json.text
    let document = try Document(text)
    #expect(document["plan", "tag", "name"] == .text("web/v1.1.0"))
    #expect(document["objects", "0", "kind"] == .text("Deployment"))
    #expect(document["objects", "1", "data"] == .object(["key": .text("…")]))
    #expect(document["sizes"] == .object(["web": .number(3)]))
    #expect(document["objections"] == .list([.text("no room")]))
    #expect(document["headroom"] == .text("3 pods, 300m CPU; no quota"))
    #expect(!text.contains("c2VjcmV0LTQ3MTE="))
  }
}
