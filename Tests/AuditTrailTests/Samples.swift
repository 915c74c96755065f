import Digests
import ReleaseModel

/// Records of a service as the engine makes them.
struct Samples: Sendable {
  let service: ServiceName

  init(_ service: String = "web") { self.service = Self.known(ServiceName(service)) }

  /// An instant, some seconds after the first.
  static func time(_ seconds: Int = 0) -> Timestamp { Timestamp(milliseconds: 1_767_323_045_250 + Int64(seconds) * 1000) }

  static func rollout(_ number: UInt64) -> RolloutID { RolloutID(random: number) }

  static func version(_ text: String) -> Version { known(Version(text)) }

  private static func known<Value>(_ value: Value?) -> Value {
    guard let value else { preconditionFailure("a name that the tests are written with is none") }
    return value
  }

  func tag(_ version: String, object: String? = nil, name: String? = nil) -> ReleaseTag {
    ReleaseTag(
      service: service, version: Self.version(version), name: name ?? "\(service)/v\(version)",
      object: object ?? String(Digest(of: "\(service) \(version)".utf8).hex.prefix(40)))
  }

  func facts(_ tag: ReleaseTag, tagger: String? = "Ada <ada@example.org>", message: String = "Web as of today") -> TagFacts {
    TagFacts(
      tag: tag, commit: String(repeating: "c", count: 40), isAnnotated: true, tagger: tagger, taggedAt: Self.time(-60), message: message,
      signature: TagSignature(kind: .ssh, signer: "ada@example.org", key: "SHA256:x"))
  }

  private func record(
    _ event: AuditRecord.Event, _ facts: TagFacts?, rollout: RolloutID? = nil, plan: CutoverPlan? = nil, digest: Digest? = nil,
    reason: String? = nil, conclusion: Conclusion? = nil, steps: [StepRecord] = [], cutover: CutoverRecord? = nil,
    interruptions: [Interruption] = [], sources: SourceDigests? = nil, tags: [ReleaseTag] = [], remarks: [String] = [],
    at: Timestamp = time()
  ) -> AuditRecord {
    AuditRecord(
      event: event, service: service, installation: "shop", at: at, actor: "system:serviceaccount:tagflip:tagflip", botVersion: "1.0.0",
      version: facts?.tag.version, tag: facts, rollout: rollout, plan: plan, planDigest: digest, reason: reason, conclusion: conclusion,
      steps: steps, cutover: cutover, interruptions: interruptions, sources: sources, tags: tags, remarks: remarks)
  }

  func noted(_ tags: [ReleaseTag] = []) -> AuditRecord {
    record(.noted, nil, tags: tags, remarks: ["nothing that existed before is released"])
  }

  func plan(
    _ version: String, rollout: UInt64 = 1, attempt: String = CutoverPlan.firstAttempt, from: Color? = .blue, facts: TagFacts? = nil
  ) throws -> AuditRecord {
    let facts = facts ?? self.facts(tag(version))
    let plan = cutoverPlan(facts.tag, attempt: attempt, from: from)
    var record = record(
      .plan, facts, rollout: Self.rollout(rollout), plan: plan, digest: try plan.digest, steps: [step(.verify, ms: 310)],
      sources: plan.sources)
    record.doubling = Doubling(forecast: DoublingCost(ms: 1_320_000, coreHours: 0.9, gibHours: 2))
    return record
  }

  func cutoverPlan(_ tag: ReleaseTag, attempt: String = CutoverPlan.firstAttempt, from: Color? = .blue) -> CutoverPlan {
    let check = HTTPCheck(
      path: "/healthz", headers: ["A": "b"], header: ["Server": "."], body: "ok", json: ["/status": "up"], latencyMs: 200)
    let settings = ServicePlan(
      service: service, namespace: "shop", activeService: "\(service)", previewService: "\(service)-preview", port: "http",
      images: [ImageRule(name: "registry.example/web", tag: "{version}"), ImageRule(name: "registry.example/side", digest: "sha256:0")],
      smoke: SmokeGate(checks: [check]), bake: BakeGate(checks: [HTTPCheck(path: "/")]), previewReplicas: 1,
      probes: ProbeRules(route: .url, activeURL: "https://shop.example", previewURL: "https://preview.shop.example"),
      runs: [RunRule(kind: .job, name: "migrate", runs: .beforeCutover)], identity: .perColor, connections: .long, overlapMs: 30_000)
    let object = Manifest(kind: "apps/v1/Deployment", name: "\(service)-green", bytes: Array("{}".utf8))
    let workload = Workload(name: "\(service)", replicas: 3, autoscaled: false, images: ["registry.example/web:\(tag.version)"])
    return CutoverPlan(
      installation: "shop", cluster: "default", tag: tag, commit: String(repeating: "c", count: 40), from: from,
      fromVersion: from == nil ? nil : Self.version("1.0.0"), to: from?.other ?? .blue, attempt: attempt,
      environment: Environment(color: from?.other ?? .blue, objects: [object], workloads: [workload]),
      imageParts: [Digest(of: [8]).description: [Digest(of: [9])]], settings: settings, sources: sources())
  }

  func sources(settings: UInt8 = 1, template: UInt8? = 2, plan: UInt8 = 3) -> SourceDigests {
    SourceDigests(settings: Digest(of: [settings]), template: template.map { Digest(of: [$0]) }, plan: Digest(of: [plan]))
  }

  func step(_ step: Step, ms: Int, result: StepRecord.Result = .passed, detail: String = "as it should", checks: [CheckResult] = [])
    -> StepRecord
  {
    StepRecord(step: step, startedAt: Self.time(-41), ms: ms, result: result, detail: detail, checks: checks)
  }

  func conclusion(
    _ outcome: Outcome, version: String, rollout: UInt64 = 1, reason: String = "as it went", quarantines: Bool? = nil
  ) -> Conclusion {
    let exposed = ![.failed, .rejected, .aborted].contains(outcome)
    return Conclusion(
      rollout: Self.rollout(rollout), outcome: outcome, version: Self.version(version), fromVersion: Self.version("1.0.0"), from: .blue,
      to: .green, actor: "system:serviceaccount:tagflip:tagflip", reason: reason, decidedAt: Self.time(), exposed: exposed,
      quarantines: quarantines ?? outcome.quarantinesByDefault, flippedAt: exposed ? Self.time(-12) : nil)
  }

  func outcome(
    _ outcome: Outcome, _ version: String, rollout: UInt64 = 1, reason: String = "as it went", facts: TagFacts? = nil
  ) throws -> AuditRecord {
    let conclusion = conclusion(outcome, version: version, rollout: rollout, reason: reason)
    let facts = facts ?? self.facts(tag(version))
    let bad = CheckResult(
      name: "GET /healthz", verdict: .failed, detail: "HTTP 500, expected 200", latencyMs: 12, requests: 1, route: .api)
    var record = record(
      .outcome, facts, rollout: conclusion.rollout, digest: try cutoverPlan(facts.tag).digest, conclusion: conclusion,
      steps: [step(.deploy, ms: 24_100), step(.bake, ms: 12_000, result: outcome == .promoted ? .passed : .failed, checks: [bad])],
      cutover: conclusion.exposed
        ? CutoverRecord(
          at: Self.time(-12), patchMs: 9, convergedMs: 40, endpoints: 3,
          connections: ConnectionsMoved(replaced: 1, pods: 3, stopped: "blue was not whole again within 10 min"),
          overlap: OverlapRecord(
            watchedMs: 5000, convergedMs: 12, endpoints: 6, narrowedAt: Self.time(-6), patchMs: 4, hand: "kubectl-edit", servedMs: 6000))
        : nil,
      interruptions: [Interruption(step: .bake, ms: 2500)], sources: sources())
    record.observed = [
      ObservedObject(
        kind: "v1/Service", name: "shop/\(service)", uid: "u1", resourceVersion: "41",
        selector: ["app": "\(service)", "tagflip.dev/color": "green"]),
      ObservedObject(kind: "apps/v1/Deployment", name: "shop/\(service)-green", uid: "u2", resourceVersion: "40", revision: "2"),
    ]
    record.claimed = [step(.smoke, ms: 1)]
    record.doubling = Doubling(
      forecast: DoublingCost(ms: 1_320_000, coreHours: 0.9, gibHours: 2),
      actual: DoublingCost(ms: 41_000, coreHours: 0.034167, gibHours: 0.07))
    return record
  }

  func refused(_ version: String, reason: String = "it is a prerelease", attempt: String? = nil, object: String? = nil) -> AuditRecord {
    var record = record(.refused, facts(tag(version, object: object)), reason: reason)
    record.attempt = attempt
    return record
  }

  func superseded(_ version: String, by higher: String) -> AuditRecord {
    record(.superseded, facts(tag(version)), reason: "\(higher) is higher and was chosen")
  }

  /// A person lets a version begin although a freeze holds.
  func override(_ version: String, seconds: Int = 0) -> AuditRecord {
    var record = record(.override, facts(tag(version)), reason: "a fix that cannot wait", at: Self.time(seconds))
    record.operators = [TagSignature(kind: .ssh, signer: "ada@example.org", key: "SHA256:key")]
    record.exhibits = [Exhibit(.request, name: "override", bytes: Array("what Ada signed for \(version)".utf8))]
    return record
  }

  func deleted(_ versions: String..., seconds: Int = 0) -> AuditRecord {
    record(.deleted, nil, tags: versions.map { tag($0) }, at: Self.time(seconds))
  }

  /// A plan that somebody let begin in a freeze, of a tag that was judged.
  func overridden(_ version: String) throws -> AuditRecord {
    var record = try plan(version, rollout: 12)
    record.override = Digest(of: [9]).description
    record.tag?.judgement = TagJudgement(at: Self.time(), signers: Digest(of: [4]), revoked: Digest(of: [5]), keyring: Digest(of: [6]))
    return record
  }

  func retry(_ version: String, seconds: Int = 0) -> AuditRecord {
    record(.retry, facts(tag(version)), reason: "fixed downstream", at: Self.time(seconds))
  }

  func resealed(found: AuditAnchor?) -> AuditRecord {
    var resealed = record(.resealed, nil, reason: "the disk was lost")
    let lost = AuditAnchor(commit: String(repeating: "d", count: 40), records: 41)
    resealed.reseal = AcceptedRewrite(lost: lost, found: found)
    return resealed
  }

  func drifted(found: Bool = true) -> AuditRecord {
    let all = [
      DriftFinding(
        .moved, color: .green, object: "Service web", left: "green (1.1.0)", found: "the Service selects blue", hand: "kubectl-edit"),
      DriftFinding(.image, color: .green, object: "Deployment web-green", container: "web", left: "x:1", found: "x:2"),
      DriftFinding(.gone, color: .blue, isStandby: true, object: "ConfigMap web-blue"),
    ]
    var record = record(.drift, nil, rollout: Self.rollout(1))
    record.drift = DriftReport(since: Self.time(found ? 0 : 1), all: found ? all : [])
    return record
  }

  func retired(_ version: String, rollout: UInt64 = 1) -> AuditRecord {
    let conclusion = Conclusion(
      event: .retired, rollout: Self.rollout(rollout), outcome: nil, version: Self.version(version), from: .blue,
      actor: "system:serviceaccount:tagflip:tagflip", reason: "its window ended", decidedAt: Self.time(), exposed: false,
      quarantines: false,
      doubled: DoublingCost(ms: 900_000, coreHours: 0.5, gibHours: 1.25))
    var record = record(.retired, nil, rollout: conclusion.rollout, conclusion: conclusion)
    record.version = conclusion.version
    return record
  }

  /// Where users are by a person's word.
  func moved(_ event: Conclusion.Event, to color: Color?, rollout: UInt64) -> AuditRecord {
    let conclusion = Conclusion(
      event: event, rollout: Self.rollout(rollout), outcome: nil, version: Self.version("1.0.0"), from: color == nil ? .blue : nil,
      to: color,
      actor: "ada", reason: "by hand", decidedAt: Self.time(), exposed: false, quarantines: false, flippedAt: Self.time())
    var record = record(AuditRecord.Event(event), nil, rollout: conclusion.rollout, conclusion: conclusion)
    (record.version, record.actor) = (conclusion.version, conclusion.actor)
    return record
  }

  /// A record of every event, and of every outcome.
  func all() throws -> [AuditRecord] {
    let outcomes = try Outcome.allCases.enumerated().map { try outcome($1, "1.1.0", rollout: UInt64($0) + 1) }
    return try [noted([tag("0.9.0"), tag("1.0.0")]), plan("1.1.0"), plan("1.0.0", rollout: 9, from: nil)] + outcomes + [
      refused("1.2.0-rc.1"), superseded("1.0.5", by: "1.1.0"), retired("1.0.0"), retry("1.1.0"), override("1.4.0"),
      try overridden("1.4.0"), deleted("1.4.0"), moved(.adopted, to: .blue, rollout: 20), moved(.left, to: nil, rollout: 21),
      moved(.settled, to: .green, rollout: 22),
      resealed(found: AuditAnchor(commit: String(repeating: "e", count: 40), records: 37)), drifted(), drifted(found: false),
    ]
  }
}
