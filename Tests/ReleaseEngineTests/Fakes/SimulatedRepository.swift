import Digests
import ReleaseEngine
import ReleaseModel
import Synchronization

/// A release repo in memory: tags, and a tiny plan for each version. It renders one Deployment, and the same one twice alike.
final class SimulatedRepository: Sendable {
  struct State: Sendable {
    /// Objects by tag name.
    var tags: [String: String] = [:]
    var services: [ServiceName]
    /// What each version's plan says; the others say ``standard``.
    var plans: [Version: ServicePlan] = [:]
    var standard: ServicePlan
    /// What is wrong with the files at a version's tag.
    var faults: [Version: PortError] = [:]
    var broken: [ServiceName: PortError] = [:]
    var replicas: Int? = 3
    /// Whether a HorizontalPodAutoscaler sizes the Deployment.
    var autoscaled = false
    /// Who signed which version's tag.
    var signers: [Version: String] = [:]
    var target: [ServiceName: ServiceTarget]
  }

  private let tap: PortTap
  private let state: Mutex<State>
  private let audit: SimulatedAudit

  init(tap: PortTap, audit: SimulatedAudit, state: State) {
    self.tap = tap
    self.audit = audit
    self.state = Mutex(state)
  }

  func edit(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }

  /// Goes on where another is.
  func take(_ other: SimulatedRepository) {
    let now = other.state.withLock { $0 }
    edit { $0 = now }
  }

  /// `git tag` and `git push`.
  func push(_ tag: String, object: String? = nil) { edit { $0.tags[tag] = object ?? "object-of-\(tag)" } }

  static let sources = SourceDigests(settings: Digest(of: [1]), template: nil, plan: Digest(of: [2]))
}

extension SimulatedRepository: TagSource {
  func listing() async throws(PortError) -> RefListing {
    try await tap.pass("tags.listing") { [self] in
      state.withLock { state in
        let tags = state.tags.sorted { $0.key < $1.key }.map { RefListing.Tag(name: $0.key, object: $0.value) }
        let text = tags.map { "\($0.name) \($0.object)" }.joined(separator: "\n")
        return RefListing(tags: tags, branchTip: "tip", auditTip: audit.tip, digest: Digest(of: text.utf8))
      }
    }
  }

  func facts(of tag: ReleaseTag) async throws(PortError) -> TagFacts {
    try await tap.pass("tags.facts") { [self] () throws(PortError) in
      guard state.withLock({ $0.tags[tag.name] }) == tag.object else {
        throw PortError(.notFound, attempted: "read \(tag.name)", reason: "it does not name \(tag.object) any more")
      }
      return TagFacts(
        tag: tag, commit: "commit-of-\(tag.object)", isAnnotated: true, tagger: "A <a@example>", taggedAt: nil, message: "release")
    }
  }

  func judge(_ facts: TagFacts, by rule: TagRule, at now: Timestamp) async throws(PortError) -> TagVerdict {
    try await tap.pass("tags.judge") { [self] in
      let judgement = TagJudgement(at: now)
      guard rule.requirement == .signed else { return .accepted(nil, judgement) }
      let signer = state.withLock { $0.signers[facts.tag.version] }
      return signer.map { .accepted(TagSignature(kind: .ssh, signer: $0, key: "SHA256:x"), judgement) }
        ?? .refused("it is not signed", judgement)
    }
  }
}

extension SimulatedRepository: Plans {
  func catalog(at commit: String) async throws(PortError) -> Catalog {
    try await tap.pass("plans.catalog") { [self] in
      state.withLock { state in
        Catalog(commit: commit, pattern: .standard, groups: [state.services], targets: state.target, broken: state.broken)
      }
    }
  }

  func blueprint(of service: ServiceName, version: Version, commit: String, catalog: Catalog) async throws(PortError) -> Blueprint {
    try await tap.pass("plans.blueprint") { [self] () throws(PortError) in
      let state = state.withLock { $0 }
      if let fault = state.faults[version] { throw fault }
      var plan = state.plans[version] ?? state.standard
      plan.service = service
      let manifest = Manifest(kind: "apps/v1/Deployment", name: service.text, bytes: Array("\(version) × \(state.replicas ?? 0)".utf8))
      return Blueprint(plan: plan, version: version, manifests: [manifest], sources: SimulatedRepository.sources)
    }
  }
}

extension SimulatedRepository: Renderer {
  func render(_ blueprint: Blueprint, color: Color) throws(PortError) -> Environment {
    let (replicas, autoscaled) = state.withLock { ($0.replicas, $0.autoscaled) }
    let named = ImageReference(name: "registry.example/web", tag: blueprint.version.text).description
    let image = blueprint.pins[named] ?? named
    // Without pins the bytes are as they always were.
    let pinned = blueprint.pins.isEmpty ? "" : " \(image)"
    let objects = blueprint.manifests.map {
      Manifest(kind: $0.kind, name: "\($0.name)-\(color)", bytes: $0.bytes + Array("\(color)\(pinned)".utf8))
    }
    let workloads = blueprint.manifests.map {
      Workload(name: $0.name, replicas: replicas, autoscaled: autoscaled, images: [image], containers: [$0.name: image])
    }
    let apart = (blueprint.plan.runs ?? []).map { rule in
      Workload(name: rule.name, replicas: nil, autoscaled: false, images: [image], runs: rule.runs)
    }
    let acting = (blueprint.plan.runs ?? []).map { rule in
      Manifest(
        kind: rule.kind == .deployment ? "apps/v1/Deployment" : "batch/v1/\(rule.kind.rawValue)", name: "\(rule.name)-\(color)",
        bytes: Array("\(rule.name) \(color)".utf8))
    }
    return Environment(color: color, objects: objects + acting, workloads: workloads + apart)
  }
}
