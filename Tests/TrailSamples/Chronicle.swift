import AuditTrail
import Digests
import ReleaseEngine
package import ReleaseModel
import Signatures

/// Records of one service as the engine makes them, each from where the one before left users.
package struct Chronicle: Sendable {
  /// The version of tagflip that made them.
  package static let botVersion = "0.1.0"

  package let service: ServiceName
  package var installation = "shop"
  package var cluster = "default"
  /// The settings that are in force, with the keys that they name.
  package var house = House.strict
  /// What tags are, by the object's id, where they are not made up.
  package var objects: [String: TagBytes] = [:]
  package var live: (color: Color?, version: Version?) = (nil, nil)
  package var standby: (color: Color?, version: Version?) = (nil, nil)
  package private(set) var seconds = 0
  private var rollouts: UInt64
  package private(set) var plan: AuditRecord?

  package init(_ service: String, rollouts: UInt64 = 0) {
    self.service = Self.known(ServiceName(service))
    self.rollouts = rollouts
  }

  package static func known<Value>(_ value: Value?) -> Value {
    guard let value else { preconditionFailure("a name that the tests are written with is none") }
    return value
  }

  package var now: Timestamp { Timestamp(milliseconds: 1_767_323_045_250 + Int64(seconds) * 1000) }

  package mutating func wait(_ seconds: Int) { self.seconds += seconds }

  package func tag(_ version: String, object: String? = nil) -> ReleaseTag {
    ReleaseTag(service: service, version: Self.known(Version(version)), name: "\(service)/v\(version)", object: object ?? made(version).id)
  }

  private var rule: TagRule? { house.settings.tagRule(for: service) }

  /// A tag that Ada made, signed where the settings ask for it; `again` makes another one of it.
  package func made(_ version: String, again: Bool = false, by signer: House.Person? = House.ada) -> TagBytes {
    let name = "\(service)/v\(version)"
    let message =
      "Web \(version)\(again ? ", once more" : "")\n\nReason: the basket forgot its contents\nChange: CHG-4711\nImpact: none expected"
    return .made(
      name, of: String(Digest(of: "commit \(name)".utf8).hex.prefix(40)), message, by: rule?.requirement == .signed ? signer : nil)
  }

  private func bytes(of tag: ReleaseTag) -> TagBytes? {
    objects[tag.object] ?? [made(tag.version.text), made(tag.version.text, again: true)].first { $0.id == tag.object }
  }

  /// What the bot makes of a tag, be it only its name.
  package func facts(_ tag: ReleaseTag) -> TagFacts {
    bytes(of: tag)?.facts(tag)
      ?? TagFacts(tag: tag, commit: tag.object, isAnnotated: false, tagger: nil, taggedAt: nil, message: "")
  }

  /// What a record of the event rests on, as the bot gathers it.
  private func exhibits(_ event: AuditRecord.Event, _ facts: TagFacts?) -> [Exhibit] {
    let policy = [house.exhibit(.settings)]
    let object = facts.flatMap { bytes(of: $0.tag) }.map { [$0.exhibit] } ?? []
    return switch event {
    case .plan, .refused, .retry, .override: policy + object
    case .superseded: object
    case .resealed: policy
    case .noted, .outcome, .retired, .adopted, .left, .settled, .deleted, .drift: []
    }
  }

  package mutating func record(_ event: AuditRecord.Event, _ facts: TagFacts?, reason: String? = nil) -> AuditRecord {
    seconds += 10
    return AuditRecord(
      event: event, service: service, installation: installation, at: now, actor: "system:serviceaccount:tagflip:tagflip",
      botVersion: Self.botVersion, version: facts?.tag.version, tag: facts, reason: reason, exhibits: exhibits(event, facts))
  }

  /// Judges the record's tag as the bot does before it decides: by whom it is signed, or why it is refused.
  package func judge(_ record: inout AuditRecord) throws -> String? {
    guard let rule, let tag = record.tag else { return nil }
    record.tag?.judgement = TagJudgement(at: now)
    guard rule.requirement == .signed, let bytes = bytes(of: tag.tag)?.bytes else { return nil }
    let judge = try house.judge(at: now)
    record.tag?.judgement = judge.judgement
    record.exhibits += [house.exhibit(.signers), house.exhibit(.revoked)]
    switch try judge.verdict(on: SignedObject(tag: bytes), called: "tag \(tag.tag.name)") {
    case .success(let signature):
      record.tag?.signature = signature
      return nil
    case .failure(let refusal): return refusal.reason
    }
  }

  package mutating func noted(_ versions: String...) -> AuditRecord {
    var record = record(.noted, nil)
    record.tags = versions.map { tag($0) }
    record.remarks = ["nothing that existed before is released"]
    return record
  }

  package mutating func planned(
    _ version: String, attempt: String = CutoverPlan.firstAttempt, override: String? = nil, template: UInt8 = 2, object: String? = nil,
    _ change: (inout ServicePlan) -> Void = { _ in }
  ) throws -> AuditRecord {
    rollouts += 1
    let tag = tag(version, object: object)
    let to = live.color?.other ?? .blue
    var settings = ServicePlan(
      service: service, namespace: "shop", activeService: "\(service)", previewService: "\(service)-preview",
      images: [ImageRule(name: "registry.example/\(service)", tag: "{version}")], smoke: SmokeGate(checks: [HTTPCheck(path: "/healthz")]))
    settings.bake.durationMs = 60_000
    change(&settings)
    let environment = environment(version, to)
    let plan = CutoverPlan(
      installation: installation, cluster: cluster, tag: tag, commit: facts(tag).commit, from: live.color, fromVersion: live.version,
      to: to,
      attempt: attempt,
      environment: environment, settings: settings,
      sources: SourceDigests(settings: Digest(of: house.text.utf8), template: Digest(of: [template]), plan: Digest(of: [3])))
    var record = record(.plan, facts(tag))
    _ = try judge(&record)
    if attempt != CutoverPlan.firstAttempt || override != nil { record.exhibits += operatorFiles }
    record.exhibits.append(environment.exhibit)
    record.override = override
    record.rollout = RolloutID(random: rollouts << 32 | UInt64(service.text.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) } & 0xFFFF))
    record.plan = plan
    record.planDigest = try plan.digest
    record.sources = plan.sources
    record.steps = [step(.verify, ms: 310)]
    self.plan = record
    return record
  }

  private func environment(_ version: String, _ color: Color) -> Environment {
    func manifest(_ version: String, _ kind: String, _ name: String, _ spec: String) -> Manifest {
      let text = "{\"apiVersion\":\"\(version)\",\"kind\":\"\(kind)\",\"metadata\":{\"name\":\"\(name)\"},\"spec\":{\(spec)}}"
      return Manifest(kind: "\(version)/\(kind)", name: name, bytes: Array(text.utf8))
    }
    return Environment(
      color: color,
      objects: [
        manifest("apps/v1", "Deployment", "\(service)-\(color)", "\"replicas\":3,\"version\":\"\(version)\""),
        manifest("policy/v1", "PodDisruptionBudget", "\(service)-\(color)", "\"minAvailable\":2"),
      ], workloads: [Workload(name: "\(service)", replicas: 3, autoscaled: false, images: ["registry.example/\(service):\(version)"])])
  }

  private var operatorFiles: [Exhibit] {
    house.settings.operators == nil ? [] : [house.exhibit(.operators), house.exhibit(.revokedOperators)]
  }

  package func step(_ step: Step, ms: Int, result: StepRecord.Result = .passed, checks: [CheckResult] = []) -> StepRecord {
    StepRecord(step: step, startedAt: now, ms: ms, result: result, detail: "as it went", checks: checks)
  }

  /// How the plan that was made last ended.
  package mutating func ended(_ outcome: Outcome, reason: String = "as it went", actor: String? = nil, exposed: Bool? = nil) throws
    -> AuditRecord
  {
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
  package mutating func wentBack() throws -> AuditRecord {
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

  /// A person says where users are: `adopted` and `settled` to a color, `left` to none of them.
  package mutating func moved(_ event: Conclusion.Event, to color: Color?, version: String? = nil, flips: Bool = true) -> AuditRecord {
    rollouts += 1
    var record = record(AuditRecord.Event(event), nil, reason: "we move to tags")
    let conclusion = Conclusion(
      event: event, rollout: RolloutID(random: rollouts << 40), outcome: nil, version: version.map { Self.known(Version($0)) },
      from: live.color, to: color, actor: "ada", reason: "we move to tags", decidedAt: now, exposed: false, quarantines: false,
      flippedAt: flips ? now : nil)
    (record.conclusion, record.rollout, record.version, record.actor) = (conclusion, conclusion.rollout, conclusion.version, "ada")
    let selector = color == nil ? ["app": "web"] : ["app": "web", "pod-template-hash": "57d9"]
    record.observed = [
      ObservedObject(kind: "v1/Service", name: "shop/\(service)", uid: "s1", resourceVersion: "9", selector: selector),
      ObservedObject(kind: "apps/v1/Deployment", name: "shop/\(service)", uid: "d0", resourceVersion: "8", revision: "1"),
    ]
    (live, standby) = ((color, conclusion.version), (nil, nil))
    return record
  }

  package mutating func retired() throws -> AuditRecord {
    guard let rollout = plan?.rollout, let from = standby.color else { throw Missing() }
    var record = record(.retired, nil)
    let conclusion = Conclusion(
      event: .retired, rollout: rollout, outcome: nil, version: standby.version, from: from, actor: record.actor,
      reason: "its warm window has ended", decidedAt: now, exposed: false, quarantines: false)
    (record.conclusion, record.rollout, record.version, record.reason) = (conclusion, rollout, standby.version, conclusion.reason)
    return record
  }

  package mutating func refused(_ version: String, object: String? = nil, attempt: String? = nil, reason: String = "it is a prerelease")
    -> AuditRecord
  {
    var record = record(.refused, facts(tag(version, object: object)), reason: reason)
    record.attempt = attempt
    return record
  }

  /// Refused for its signature, or the lack of one.
  package mutating func refusedAsSigned(_ version: String, by signer: House.Person?) throws -> AuditRecord {
    let bytes = made(version, by: signer)
    objects[bytes.id] = bytes
    var record = record(.refused, facts(tag(version, object: bytes.id)))
    record.reason = try judge(&record)
    return record
  }

  package mutating func superseded(_ version: String, object: String? = nil, by higher: String) -> AuditRecord {
    record(.superseded, facts(tag(version, object: object)), reason: "\(higher) is higher and was chosen")
  }

  /// What one look found that another hand had changed; with nothing found, that it is gone.
  package mutating func drifted(_ findings: [DriftFinding] = [Self.larger], since ago: Int = 0) -> AuditRecord {
    var record = record(.drift, nil)
    record.version = live.version
    record.drift = DriftReport(since: now + .seconds(-ago), all: findings)
    return record
  }

  package static let larger = DriftFinding(
    .size, color: .green, object: "Deployment web-green", left: "3", found: "5", hand: "kubectl")

  // MARK: What operators ask for

  package mutating func retry(_ version: String, by people: [House.Person] = [House.ada]) throws -> AuditRecord {
    try asked(.retry, record(.retry, facts(tag(version)), reason: "fixed downstream"), by: people)
  }

  package mutating func override(_ version: String, by people: [House.Person] = [House.ada, House.bob]) throws -> AuditRecord {
    try asked(.override, record(.override, facts(tag(version)), reason: "the till is down"), by: people)
  }

  package mutating func resealed(by people: [House.Person] = [House.ada]) throws -> AuditRecord {
    var record = record(.resealed, nil, reason: "the disk was lost")
    record.reseal = AcceptedRewrite(lost: AuditAnchor(commit: String(repeating: "d", count: 40), records: 41), found: nil)
    return try asked(.reseal, record, by: people)
  }

  /// The record of a request that people signed, where the settings ask for that.
  package func asked(_ action: OperatorRequest.Action, _ record: AuditRecord, by people: [House.Person]) throws -> AuditRecord {
    guard house.settings.operators != nil else { return record }
    let request = OperatorRequest(
      action, installation: record.installation, tag: record.tag?.tag, reseal: record.reseal, reason: record.reason ?? "", at: now)
    return try asked(request, record, by: people)
  }

  package func asked(_ request: OperatorRequest, _ record: AuditRecord, by people: [House.Person]) throws -> AuditRecord {
    let bytes = try request.bytes
    let signed = SignedRequest(request, signatures: people.map { $0.sign(bytes, OperatorRequest.namespace) })
    var record = record
    record.operators = people.map(\.signature)
    record.exhibits.removeAll { $0.kind == .request }
    record.exhibits += [try signed.exhibit] + operatorFiles.filter { file in !record.exhibits.contains { $0.kind == file.kind } }
    return record
  }

  package struct Missing: Error {}
}
