import AuditTrail
import Digests
import ReleaseEngine
import ReleaseModel

/// Records of one service as the engine makes them, each from where the one before left users.
struct Chronicle: Sendable {
  let service: ServiceName
  var installation = "shop"
  var cluster = "default"
  /// Commits that tags name, where they are not made up.
  var commits: [String: String] = [:]
  var live: (color: Color?, version: Version?) = (nil, nil)
  var standby: (color: Color?, version: Version?) = (nil, nil)
  private(set) var seconds = 0
  private var rollouts: UInt64
  private(set) var plan: AuditRecord?

  init(_ service: String, rollouts: UInt64 = 0) {
    self.service = Self.known(ServiceName(service))
    self.rollouts = rollouts
  }

  static func known<Value>(_ value: Value?) -> Value {
    guard let value else { preconditionFailure("a name that the tests are written with is none") }
    return value
  }

  var now: Timestamp { Timestamp(milliseconds: 1_767_323_045_250 + Int64(seconds) * 1000) }

  mutating func wait(_ seconds: Int) { self.seconds += seconds }

  func tag(_ version: String, object: String? = nil) -> ReleaseTag {
    ReleaseTag(
      service: service, version: Self.known(Version(version)), name: "\(service)/v\(version)",
      object: object ?? String(Digest(of: "\(service) \(version)".utf8).hex.prefix(40)))
  }

  func facts(_ tag: ReleaseTag) -> TagFacts {
    TagFacts(
      tag: tag, commit: commits[tag.name] ?? String(Digest(of: "commit \(tag.name)".utf8).hex.prefix(40)), isAnnotated: true,
      tagger: "Ada <ada@example.org>",
      taggedAt: Timestamp(milliseconds: 1_767_323_000_000),
      message: "Web \(tag.version)\n\nReason: the basket forgot its contents\nChange: CHG-4711\nImpact: none expected")
  }

  mutating func record(_ event: AuditRecord.Event, _ facts: TagFacts?, reason: String? = nil) -> AuditRecord {
    seconds += 10
    return AuditRecord(
      event: event, service: service, installation: installation, at: now, actor: "system:serviceaccount:tagflip:tagflip",
      botVersion: Trail.version, version: facts?.tag.version, tag: facts, reason: reason)
  }

  mutating func noted(_ versions: String...) -> AuditRecord {
    var record = record(.noted, nil)
    record.tags = versions.map { tag($0) }
    record.remarks = ["nothing that existed before is released"]
    return record
  }

  mutating func planned(_ version: String, attempt: String = CutoverPlan.firstAttempt, template: UInt8 = 2, object: String? = nil) throws
    -> AuditRecord
  {
    rollouts += 1
    let tag = tag(version, object: object)
    let to = live.color?.other ?? .blue
    var settings = ServicePlan(
      service: service, namespace: "shop", activeService: "\(service)", previewService: "\(service)-preview",
      images: [ImageRule(name: "registry.example/\(service)", tag: "{version}")], smoke: SmokeGate(checks: [HTTPCheck(path: "/healthz")]))
    settings.bake.durationMs = 60_000
    let objects = [Manifest(kind: "apps/v1/Deployment", name: "\(service)-\(to)", bytes: Array("{\"\(version)\":1}".utf8))]
    let plan = CutoverPlan(
      installation: installation, cluster: cluster, tag: tag, commit: facts(tag).commit, from: live.color, fromVersion: live.version,
      to: to,
      attempt: attempt,
      environment: Environment(
        color: to, objects: objects,
        workloads: [Workload(name: "\(service)", replicas: 3, autoscaled: false, images: ["registry.example/\(service):\(version)"])]),
      settings: settings,
      sources: SourceDigests(settings: Digest(of: [1]), template: Digest(of: [template]), plan: Digest(of: [3])))
    var record = record(.plan, facts(tag))
    record.rollout = RolloutID(random: rollouts << 32 | UInt64(service.text.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) } & 0xFFFF))
    record.plan = plan
    record.planDigest = try plan.digest
    record.sources = plan.sources
    record.steps = [step(.verify, ms: 310)]
    self.plan = record
    return record
  }

  func step(_ step: Step, ms: Int, result: StepRecord.Result = .passed, checks: [CheckResult] = []) -> StepRecord {
    StepRecord(step: step, startedAt: now, ms: ms, result: result, detail: "as it went", checks: checks)
  }

  /// How the plan that was made last ended.
  mutating func ended(_ outcome: Outcome, reason: String = "as it went", actor: String? = nil, exposed: Bool? = nil) throws -> AuditRecord {
    guard let planRecord = plan, let plan = planRecord.plan, let rollout = planRecord.rollout else { throw Missing() }
    var record = record(.outcome, planRecord.tag)
    let exposed = exposed ?? ![.failed, .rejected, .aborted].contains(outcome)
    let conclusion = Conclusion(
      rollout: rollout, outcome: outcome, version: plan.tag.version, fromVersion: plan.fromVersion, from: plan.from, to: plan.to,
      actor: actor ?? record.actor, reason: reason, decidedAt: now, exposed: exposed, quarantines: outcome.quarantinesByDefault,
      flippedAt: exposed ? Timestamp(milliseconds: now.milliseconds - 5000) : nil)
    record.rollout = rollout
    (record.conclusion, record.outcome, record.reason, record.actor) = (conclusion, outcome, reason, conclusion.actor)
    record.planDigest = planRecord.planDigest
    record.sources = planRecord.sources
    let check = CheckResult(
      name: "GET /healthz", verdict: outcome == .promoted ? .passed : .failed, detail: "HTTP 200", latencyMs: 3, requests: 1,
      route: .service)
    record.steps =
      planRecord.steps + [
        step(.deploy, ms: 24_100), step(.smoke, ms: 80, checks: [check]),
        step(.bake, ms: 60_000, result: outcome == .promoted ? .passed : .failed, checks: [check]),
      ]
    if exposed {
      record.cutover = CutoverRecord(at: Timestamp(milliseconds: now.milliseconds - 5000), patchMs: 9, convergedMs: 40, endpoints: 3)
    }
    move(outcome, plan)
    return record
  }

  private mutating func move(_ outcome: Outcome, _ plan: CutoverPlan) {
    switch outcome {
    case .promoted, .rollbackFailed: (live, standby) = ((plan.to, plan.tag.version), (plan.from, plan.fromVersion))
    case .failedExposed: (live, standby) = ((plan.to, plan.tag.version), (nil, nil))
    case .rolledBack: (live, standby) = ((plan.from, plan.fromVersion), (nil, nil))
    case .failed, .rejected, .aborted: break
    }
  }

  /// A person goes back from what was promoted: a rollout of its own.
  mutating func wentBack() throws -> AuditRecord {
    guard let from = standby.color, let to = live.color else { throw Missing() }
    rollouts += 1
    var record = record(.outcome, nil)
    let conclusion = Conclusion(
      rollout: RolloutID(random: rollouts << 40), outcome: .rolledBack, version: live.version, fromVersion: standby.version, from: from,
      to: to, actor: "ada", reason: "rolled back by hand", decidedAt: now, exposed: true, quarantines: true)
    record.rollout = conclusion.rollout
    (record.conclusion, record.outcome, record.version, record.reason) = (conclusion, .rolledBack, live.version, conclusion.reason)
    record.actor = "ada"
    (live, standby) = (standby, (nil, nil))
    return record
  }

  mutating func retired() throws -> AuditRecord {
    guard let rollout = plan?.rollout, let from = standby.color else { throw Missing() }
    var record = record(.retired, nil)
    let conclusion = Conclusion(
      event: .retired, rollout: rollout, outcome: nil, version: standby.version, from: from, actor: record.actor,
      reason: "its warm window has ended", decidedAt: now, exposed: false, quarantines: false)
    (record.conclusion, record.rollout, record.version, record.reason) = (conclusion, rollout, standby.version, conclusion.reason)
    return record
  }

  mutating func refused(_ version: String, object: String? = nil, attempt: String? = nil, reason: String = "it is a prerelease")
    -> AuditRecord
  {
    var record = record(.refused, facts(tag(version, object: object)), reason: reason)
    record.attempt = attempt
    return record
  }

  mutating func superseded(_ version: String, by higher: String) -> AuditRecord {
    record(.superseded, facts(tag(version)), reason: "\(higher) is higher and was chosen")
  }

  mutating func retry(_ version: String) -> AuditRecord { record(.retry, facts(tag(version)), reason: "fixed downstream") }

  struct Missing: Error {}
}
