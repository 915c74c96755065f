import Digests

@testable import ReleaseModel

/// Records with a story: `web` goes from 1.3.0 on blue to 1.4.0 on green.
enum RecordSamples {
  private static func known<Value>(_ value: Value?) -> Value {
    guard let value else { preconditionFailure("a name that the tests are written with is none") }
    return value
  }

  static let service = known(ServiceName("web"))
  static let rollout = RolloutID(random: 0x5EED)
  private static let object = String(repeating: "a", count: 40)
  private static let commit = String(repeating: "c", count: 40)

  /// An instant, some seconds after the flip.
  static func time(_ seconds: Int = 0) -> Timestamp { Timestamp(milliseconds: 1_795_528_346_031 + Int64(seconds) * 1000) }

  static func facts(_ version: String = "1.4.0", message: String = "Faster checkout\nSee the tickets.") -> TagFacts {
    let tag = ReleaseTag(service: service, version: known(Version(version)), name: "web/v\(version)", object: object)
    return TagFacts(
      tag: tag, commit: commit, isAnnotated: true, tagger: "Ada Lovelace <ada@example.org>", taggedAt: time(-300), message: message)
  }

  static let sources = SourceDigests(settings: Digest(of: [1]), template: Digest(of: [2]), plan: Digest(of: [3]))

  static func plan(from: Color? = .blue) -> CutoverPlan {
    let settings = ServicePlan(service: service, namespace: "shop", activeService: "web", previewService: "web-preview")
    let workload = Workload(name: "web", replicas: 3, autoscaled: false, images: ["registry.example/shop/web:1.4.0"])
    return CutoverPlan(
      installation: "shop", cluster: "default", tag: facts().tag, commit: commit, from: from,
      fromVersion: from.flatMap { _ in Version("1.3.0") },
      to: from?.other ?? .blue, attempt: CutoverPlan.firstAttempt,
      environment: Environment(color: from?.other ?? .blue, objects: [], workloads: [workload]), settings: settings, sources: sources)
  }

  static func step(
    _ step: Step, _ start: Int, ms: Int, _ detail: String, result: StepRecord.Result = .passed, checks: [CheckResult] = []
  ) -> StepRecord {
    StepRecord(step: step, startedAt: time(start), ms: ms, result: result, detail: detail, checks: checks)
  }

  static func check(_ verdict: CheckResult.Verdict, _ detail: String, route: ProbeRules.Route = .service) -> CheckResult {
    CheckResult(name: "GET /healthz", verdict: verdict, detail: detail, latencyMs: 12, requests: 1, route: route)
  }

  /// A record as it stands in the trail, after one that had the same sources.
  static func record(
    _ event: AuditRecord.Event, facts: TagFacts? = facts(), plan: CutoverPlan? = nil, reason: String? = nil, conclusion: Conclusion? = nil,
    steps: [StepRecord] = [], cutover: CutoverRecord? = nil, sequence: Int = 42
  ) -> AuditRecord {
    var record = AuditRecord(
      event: event, service: service, installation: "shop", at: time(), actor: "system:serviceaccount:tagflip:tagflip", botVersion: "1.0.0",
      version: facts?.tag.version, tag: facts, rollout: plan != nil || conclusion != nil ? rollout : nil, plan: plan,
      planDigest: plan != nil || conclusion?.event == .outcome ? Digest(of: [4]) : nil, reason: reason, conclusion: conclusion,
      steps: steps,
      cutover: cutover)
    record.sequence = sequence
    record.previous = sequence == 1 ? nil : Digest(of: [0])
    return record
  }

  static func conclusion(
    _ outcome: Outcome, exposed: Bool, reason: String, actor: String = "system:serviceaccount:tagflip:tagflip", from: Color? = .blue,
    quarantines: Bool? = nil
  ) -> Conclusion {
    Conclusion(
      rollout: rollout, outcome: outcome, version: Version("1.4.0"), fromVersion: from.flatMap { _ in Version("1.3.0") }, from: from,
      to: from?.other ?? .blue, actor: actor, reason: reason, decidedAt: time(12), exposed: exposed,
      quarantines: quarantines ?? outcome.quarantinesByDefault, flippedAt: exposed ? time() : nil)
  }

  /// What came before the flip.
  static let before = [
    step(.verify, -30, ms: 310, "annotated tag web/v1.4.0"), step(.plan, -29, ms: 95, "plan e5a00aa9991a committed as 0123456789"),
    step(.deploy, -28, ms: 24_100, "3 of 3 pods ready"),
    step(.smoke, -3, ms: 1240, "2 of 2 checks passed", checks: [check(.passed, "HTTP 200")]),
  ]

  static let cutover = CutoverRecord(at: time(), patchMs: 9, convergedMs: 42, endpoints: 3)
}
