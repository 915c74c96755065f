import TrailSamples
import GitStore
import KubernetesModel
import ReleaseModel
import Testing

@testable import AuditVerification

/// Events as an API server writes them.
struct LoggedEvents: Sendable {
  static let bot = "system:serviceaccount:tagflip:tagflip"
  private(set) var events: [JSON] = []

  /// Adds what one request left in the log.
  @discardableResult
  mutating func add(
    _ verb: String, _ resource: String, _ name: String, at: Timestamp, by user: String = bot, agent: String? = "tagflip/0.1.0",
    group: String = "", subresource: String? = nil, body: JSON? = nil, code: Int = 200, query: String = "fieldManager=tagflip",
    _ change: (inout JSON) -> Void = { _ in }
  ) -> Self {
    var event: JSON = [
      "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Request", "auditID": .string("id-\(events.count + 1)"),
      "stage": "ResponseComplete", "verb": .string(verb), "requestURI": .string("/x?\(query)"), "user": ["username": .string(user)],
      "objectRef": [
        "resource": .string(resource), "namespace": "shop", "name": .string(name), "apiGroup": .string(group),
      ],
      "responseStatus": ["code": .int(Int64(code))], "requestReceivedTimestamp": .string(at.description),
      "stageTimestamp": .string(at.description),
    ]
    if let agent { event["userAgent"] = .string(agent) }
    if let subresource { event["objectRef", "subresource"] = .string(subresource) }
    if let body { event["requestObject"] = body }
    change(&event)
    events.append(event)
    return self
  }

  /// The one PATCH of the active Service.
  mutating func patch(
    _ at: Timestamp, to color: String? = nil, selector: JSON? = nil, rollout: RolloutID? = nil, pending: [Conclusion] = [],
    by user: String = bot,
    agent: String? = "tagflip/0.1.0"
  ) throws {
    var operations: [JSON] = [["op": "test", "path": "/metadata/resourceVersion", "value": "7"]]
    if let color { operations.append(["op": "replace", "path": "/spec/selector/tagflip.dev~1color", "value": .string(color)]) }
    if let selector { operations.append(["op": "replace", "path": "/spec/selector", "value": selector]) }
    func annotate(_ name: String, _ value: String) {
      operations.append(["op": "add", "path": .string("/metadata/annotations/tagflip.dev~1\(name)"), "value": .string(value)])
    }
    annotate("fence", "4")
    if let rollout { annotate("rollout", rollout.text) }
    if !pending.isEmpty { annotate("pending", try CanonicalJSON.text(of: pending)) }
    add("patch", "services", "web", at: at, by: user, agent: agent, body: .array(operations))
  }

  /// The selector while users reach both colors.
  static let both: JSON = ["app": "web", "tagflip.dev/service": "web"]

  var text: String { events.map { $0.text + "\n" }.joined() }
}

extension Timestamp {
  static func + (instant: Timestamp, seconds: Int) -> Timestamp { instant + .seconds(seconds) }
}

/// The web's two releases and what the API server logged of them.
struct LogBench: Sendable {
  var web = Chronicle("web")
  let records = LogRecords()
  var log = LoggedEvents()
  private(set) var plans: [AuditRecord] = []
  private(set) var outcomes: [AuditRecord] = []
  private var sequence = 0

  init() throws {
    hear(web.noted("0.9.0"))
    for version in ["1.0.0", "1.1.0"] { try release(version) }
  }

  /// A service that was adopted, with the PATCH that narrowed it.
  init(adopting version: String) throws {
    hear(web.noted("0.9.0"))
    try move(web.moved(.adopted, to: .blue, version: version), selector: ["app": "web", "pod-template-hash": "57d9"])
  }

  /// A person's word on where users are, and the whole selector that is written for it, when it was decided or at another time.
  mutating func move(_ record: AuditRecord, selector: JSON, at written: Timestamp? = nil) throws {
    hear(record)
    let conclusion = try #require(record.conclusion)
    let adoption = Adoption(
      color: .blue, deployment: "web", uid: "d0", selector: ["app": "web"], narrowing: ["pod-template-hash": "57d9"])
    var operations: [JSON] = [
      ["op": "replace", "path": "/spec/selector", "value": selector],
      ["op": "add", "path": "/metadata/annotations/tagflip.dev~1fence", "value": "4"],
      ["op": "add", "path": "/metadata/annotations/tagflip.dev~1pending", "value": .string(try CanonicalJSON.text(of: [conclusion]))],
    ]
    if conclusion.event == .adopted {
      operations.append(
        ["op": "add", "path": "/metadata/annotations/tagflip.dev~1adopted", "value": .string(try CanonicalJSON.text(of: adoption))])
    }
    log.add("patch", "services", "web", at: written ?? conclusion.decidedAt, by: record.actor, body: .array(operations))
  }

  mutating func hear(_ record: AuditRecord) {
    sequence += 1
    records.hear(record, at: Self.place(sequence))
  }

  static func place(_ sequence: Int) -> RecordAddress {
    RecordAddress(
      commit: Chronicle.known(.init(hex: String(repeating: String(sequence % 10), count: 40))), path: "services/web/records/\(sequence)")
  }

  /// A rollout that is promoted, with all that it writes. It is announced, flips 5 s later and ends 5 s after that.
  /// - Parameter overlap: what its record says of both colors serving; then it opens instead of flipping, and is left alone when that says.
  mutating func release(_ version: String, _ outcome: Outcome = .promoted, overlap: OverlapRecord? = nil) throws {
    let from = web.live.color
    let plan = try web.planned(version) { $0.overlapMs = overlap.map { _ in 30_000 } }
    var ended = try web.ended(outcome)
    ended.cutover?.overlap = overlap
    guard let cutover = plan.plan, let rollout = plan.rollout, let at = plan.at, let conclusion = ended.conclusion else { return }
    hear(plan)
    hear(ended)
    plans.append(plan)
    outcomes.append(ended)
    try log.patch(at + 1, rollout: nil)
    log.add("patch", "deployments", "web-\(cutover.to)", at: at + 2, group: "apps")
    log.add("create", "pods", "web-\(cutover.to)-x", at: at + 2, by: "system:serviceaccount:kube-system:replicaset-controller", agent: nil)
    log.add(
      "update", "deployments", "web-\(cutover.to)", at: at + 2, by: "system:serviceaccount:kube-system:deployment-controller", agent: nil,
      group: "apps", subresource: "status")
    log.add("patch", "services", "web-preview", at: at + 3)
    if overlap != nil, let opened = conclusion.flippedAt {
      try log.patch(opened, selector: LoggedEvents.both, rollout: rollout)
      let alone: JSON = ["app": "web", "tagflip.dev/color": .string("\(cutover.to)")]
      if let narrowed = overlap?.narrowedAt, overlap?.hand == nil { try log.patch(narrowed, selector: alone, rollout: rollout) }
    } else if let flipped = conclusion.flippedAt {
      try log.patch(flipped, to: "\(cutover.to)", rollout: rollout)
    }
    if outcome == .rolledBack, let from {
      try log.patch(conclusion.decidedAt, to: "\(from)", pending: [conclusion])
      log.add("patch", "deployments", "web-\(cutover.to)", at: conclusion.decidedAt + 4, group: "apps", subresource: "scale")
    } else {
      try log.patch(conclusion.decidedAt, rollout: rollout, pending: [conclusion])
    }
    try log.patch(conclusion.decidedAt + 2)
  }

  /// What somebody does with kubectl, who is not tagflip.
  mutating func hand(
    _ verb: String = "patch", _ resource: String = "services", _ name: String = "web", group: String = "", subresource: String? = nil,
    body: JSON? = nil, by user: String = "jane", agent: String? = "kubectl/v1.36.0 (linux/amd64)",
    query: String = "fieldManager=kubectl-patch", at instant: Timestamp? = nil, after seconds: Int = 60,
    _ change: (inout JSON) -> Void = { _ in }
  ) {
    log.add(
      verb, resource, name, at: instant ?? web.now + seconds, by: user, agent: agent, group: group, subresource: subresource, body: body,
      query: query, change)
  }

  /// What is said of the log, and of more after it.
  func verify(_ text: String? = nil) -> VerificationReport {
    var report = VerificationReport()
    var verifier = APILogVerifier(records)
    verifier.begin("audit.log")
    verifier.feed(Array((text ?? log.text).utf8)[...])
    verifier.end()
    verifier.finish(&report)
    return report
  }
}
