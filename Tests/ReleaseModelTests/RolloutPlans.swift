import Digests
import Testing

@testable import ReleaseModel

/// Small values for the tests of the rollout.
enum RolloutPlans {
  static func id(_ number: UInt64) -> RolloutID { RolloutID(random: number) }

  /// A plan that goes from one color to the other, or begins.
  static func plan(from: Color? = .blue, first: FirstRelease = .stay, previewReplicas: Int? = nil, overlapMs: Int? = nil) throws
    -> CutoverPlan
  {
    let service = try #require(ServiceName("web"))
    let version = try #require(Version("1.1.0"))
    let settings = ServicePlan(
      service: service, namespace: "shop", activeService: "web", previewService: "web-preview", first: first,
      previewReplicas: previewReplicas, overlapMs: overlapMs)
    return CutoverPlan(
      installation: "test", cluster: "default", tag: ReleaseTag(service: service, version: version, name: "web/v1.1.0", object: "a1"),
      commit: "c1", from: from, fromVersion: Version("1.0.0"), to: from?.other ?? .blue, attempt: CutoverPlan.firstAttempt,
      environment: Environment(color: .green, objects: [], workloads: []), settings: settings,
      sources: SourceDigests(settings: Digest(of: [1]), template: nil, plan: Digest(of: [2])))
  }

  static func open(_ plan: CutoverPlan) throws -> OpenRollout {
    let facts = TagFacts(tag: plan.tag, commit: "c1", isAnnotated: true, tagger: nil, taggedAt: nil, message: "")
    return OpenRollout(
      id: id(1), plan: plan, planDigest: try plan.digest, announcedAt: Timestamp(milliseconds: 0), facts: facts, sequence: 1, superseded: []
    )
  }

  static func conclusion(_ outcome: Outcome, rollout: RolloutID = id(1), event: Conclusion.Event = .outcome) -> Conclusion {
    Conclusion(
      event: event, rollout: rollout, outcome: outcome, version: nil, actor: "bot", reason: "why", decidedAt: Timestamp(milliseconds: 0),
      exposed: true, quarantines: false)
  }
}
