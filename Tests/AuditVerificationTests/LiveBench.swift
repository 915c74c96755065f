import TrailSamples
import AuditTrail
import GitStore
import KubernetesModel
import ReleaseEngine
import ReleaseModel
import Synchronization
import TestSupport
import Testing

@testable import AuditVerification

/// A cluster that answers with what a test put there.
final class FakeCluster: LiveCluster {
  private struct State {
    var objects: [String: JSON] = [:]
    var failures: [String: LiveFailure] = [:]
    var onFind: (@Sendable (inout JSON) -> Void)?
  }

  private let state = Mutex(State())

  private static func key(_ plural: String, _ namespace: String, _ name: String) -> String { "\(plural)/\(namespace)/\(name)" }

  func put(_ kind: ResourceKind, _ object: JSON) {
    state.withLock { $0.objects[Self.key(kind.plural, object.namespace ?? "", object.name)] = object }
  }

  func edit(_ kind: ResourceKind, _ name: String, namespace: String = "shop", _ change: (inout JSON) -> Void) {
    let key = Self.key(kind.plural, namespace, name)
    guard var object = state.withLock({ $0.objects[key] }) else { return }
    change(&object)
    let changed = object
    state.withLock { $0.objects[key] = changed }
  }

  func remove(_ kind: ResourceKind, _ name: String, namespace: String = "shop") {
    state.withLock { $0.objects[Self.key(kind.plural, namespace, name)] = nil }
  }

  /// Makes every request for a kind fail.
  func fail(_ kind: ResourceKind, _ failure: LiveFailure) { state.withLock { $0.failures[kind.plural] = failure } }

  /// Changes what is found each time that it is found.
  func onFind(_ change: @escaping @Sendable (inout JSON) -> Void) { state.withLock { $0.onFind = change } }

  func find(_ kind: ResourceKind, namespace: String, name: String) async throws(LiveFailure) -> JSON? {
    try demand(kind)
    if let change = state.withLock({ $0.onFind }) { edit(kind, name, namespace: namespace, change) }
    return state.withLock { $0.objects[Self.key(kind.plural, namespace, name)] }
  }

  func list(_ kind: ResourceKind, namespace: String, labels: [String: String]) async throws(LiveFailure) -> [JSON] {
    try demand(kind)
    let all = state.withLock { $0.objects }.filter { $0.key.hasPrefix("\(kind.plural)/\(namespace)/") }.map(\.value)
    return all.filter { object in labels.allSatisfy { object.labels[$0.key] == $0.value } }.sorted { $0.name < $1.name }
  }

  private func demand(_ kind: ResourceKind) throws(LiveFailure) {
    if let failure = state.withLock({ $0.failures[kind.plural] }) { throw failure }
  }
}

/// The shop's web after two releases, as a cluster has it that nobody has touched: users are on green, 1.1.0, and blue stands by.
struct LiveBench: Sendable {
  static let image = "registry.example/web@sha256:" + String(repeating: "a", count: 64)
  static let otherImage = "registry.example/web@sha256:" + String(repeating: "b", count: 64)
  let trail: Trail
  let cluster = FakeCluster()
  var web = Chronicle("web")
  var rollouts: [RolloutID] = []

  init() async throws {
    trail = try Trail()
    let log = try trail.log()
    _ = try await log.append([web.noted("0.9.0")], expecting: nil)
    for version in ["1.0.0", "1.1.0"] {
      let plan = try web.planned(version)
      if let rollout = plan.rollout { rollouts.append(rollout) }
      _ = try await log.append([plan], expecting: nil)
      _ = try await log.append([try seen(web.ended(.promoted))], expecting: nil)
    }
    try settle()
  }

  /// The record with what the bot saw of Service, Deployment and pods.
  func seen(_ record: AuditRecord) throws -> AuditRecord {
    var record = record
    let conclusion = try #require(record.conclusion)
    let color = try #require(conclusion.outcome == .rolledBack ? conclusion.from : conclusion.to)
    record.images = [RunningImage(workload: "web", id: Self.image)]
    record.observed = [
      ObservedObject(
        kind: "v1/Service", name: "shop/web", uid: "s1", resourceVersion: "7", selector: ["app": "web", "tagflip.dev/color": "\(color)"]),
      ObservedObject(kind: "apps/v1/Deployment", name: "shop/web-\(color)", uid: "d-\(color)", resourceVersion: "5", revision: "1"),
    ]
    return record
  }

  /// What the bot leaves.
  private func settle() throws {
    var marker = Marker(fence: 9, run: "bot", rollout: rollouts[1], version: Version("1.1.0"))
    marker.standby = .init(color: .blue, version: Version("1.0.0"), rollout: rollouts[0], temperature: .warm)
    cluster.put(.service, try Self.service(.green, marker, at: web.now))
    for (color, rollout) in zip([Color.blue, .green], rollouts) {
      cluster.put(.deployment, Self.deployment(color, rollout))
      cluster.put(.pod, Self.pod("web-\(color)-1", color, rollout))
    }
    try anchor()
  }

  /// The bot remembers where the branch stands.
  func anchor(commit: String? = nil, records: Int = 5, edit: (inout ServiceIndex) -> Void = { _ in }) throws {
    var index = ServiceIndex()
    index.audit = AuditAnchor(commit: try commit ?? trail.tip.hex, records: records)
    index.services[web.service] = .init(target: target)
    edit(&index)
    let text = try CanonicalJSON.text(of: index)
    cluster.put(.configMap, ["metadata": ["name": "tagflip-index", "namespace": "tagflip"], "data": ["document": .string(text)]])
  }

  var target: ServiceTarget {
    ServiceTarget(service: web.service, cluster: "default", namespace: "shop", activeService: "web", previewService: "web-preview")
  }

  static func hand(_ manager: String, at: String?, _ fields: JSON, subresource: String? = nil) -> JSON {
    var entry: JSON = ["manager": .string(manager), "operation": "Update", "fieldsV1": fields]
    if let at { entry["time"] = .string(at) }
    if let subresource { entry["subresource"] = .string(subresource) }
    return entry
  }

  static func service(_ color: Color, _ marker: Marker, at: Timestamp) throws -> JSON {
    let annotations = try marker.annotations.compactMapValues { $0.map { JSON.string($0) } }
    let names = annotations.keys.map { ("f:\($0)", JSON.object([:])) }
    return [
      "metadata": [
        "name": "web", "namespace": "shop", "uid": "s1", "resourceVersion": "8", "annotations": .object(annotations),
        "managedFields": [
          hand("kubectl-create", at: "2026-01-01T00:00:00Z", ["f:spec": ["f:ports": [:]]]),
          hand(
            "tagflip", at: at.description,
            [
              "f:metadata": ["f:annotations": .object(Dictionary(names) { first, _ in first })],
              "f:spec": ["f:selector": [:]],
            ]),
        ],
      ],
      "spec": ["selector": ["app": "web", "tagflip.dev/color": .string("\(color)")]],
    ]
  }

  static func deployment(_ color: Color, _ rollout: RolloutID, version: String? = nil) -> JSON {
    let version = version ?? (color == .blue ? "1.0.0" : "1.1.0")
    return [
      "metadata": [
        "name": .string("web-\(color)"), "namespace": "shop", "uid": .string("d-\(color)"), "resourceVersion": "5",
        "labels": ["tagflip.dev/color": .string("\(color)"), "tagflip.dev/service": "web", "tagflip.dev/rollout": .string(rollout.text)],
        "annotations": ["deployment.kubernetes.io/revision": "1"],
        "managedFields": [
          hand("tagflip", at: nil, ["f:spec": ["f:replicas": [:], "f:template": [:]]]),
          hand("kube-controller-manager", at: nil, ["f:status": [:]], subresource: "status"),
        ],
      ],
      "spec": [
        "replicas": 1,
        "template": [
          "metadata": ["labels": ["app": "web", "tagflip.dev/color": .string("\(color)")]],
          "spec": ["containers": [["name": "web", "image": .string("registry.example/web:\(version)")]]],
        ],
      ],
    ]
  }

  static func pod(_ name: String, _ color: Color, _ rollout: RolloutID?, image: String = image) -> JSON {
    var pod: JSON = [
      "metadata": ["name": .string(name), "namespace": "shop", "labels": ["app": "web", "tagflip.dev/color": .string("\(color)")]],
      "status": ["phase": "Running", "containerStatuses": [["name": "web", "imageID": .string(image)]]],
    ]
    if let rollout { pod["metadata", "labels", "tagflip.dev/rollout"] = .string(rollout.text) }
    return pod
  }

  /// The verifier's word on trail and cluster.
  func verify(checkpoint: Checkpoint? = nil, cluster name: String = "default") async throws -> VerificationReport {
    var question = Verifier.Question()
    question.checkpoint = checkpoint
    var verifier = Verifier(question, version: Trail.version)
    let records = LiveRecords()
    verifier.witnesses = [records]
    let clone = try GitClone(at: "\(trail.scratch.path)/remote.git")
    let report = try await verifier.run(on: clone)
    let look = await LiveVerifier(cluster, name: name, stateNamespace: "tagflip").look(at: records.services)
    return try await clone.read { (objects) throws(GitError) in
      var report = report
      try look.judge(&report, in: objects)
      return report
    }
  }
}
