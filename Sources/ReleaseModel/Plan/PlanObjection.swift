/// Why a plan is not one that the settings let through.
package struct PlanObjection: Sendable, Hashable {
  /// The plan's key that is to blame.
  package var key: String
  package var reason: String

  package init(_ key: String, _ reason: String) { (self.key, self.reason) = (key, reason) }
}

extension Floors {
  /// Where a plan asks less than every plan must: plans only tighten.
  package func objections(to plan: ServicePlan) -> [PlanObjection] {
    func words(_ ms: Int) -> String { Duration.milliseconds(ms).words }
    var found: [PlanObjection] = []
    if plan.bake.durationMs < bakeMs {
      found.append(
        PlanObjection("bake", "bake.duration (\(words(plan.bake.durationMs))) is below the installation's floor of \(words(bakeMs))"))
    }
    if plan.bake.failureRate > failureRate {
      found.append(
        PlanObjection("bake", "bake.failureRate (\(plan.bake.failureRate)) is above the installation's limit of \(failureRate)"))
    }
    if plan.standby.warmMs < standbyMs {
      found.append(
        PlanObjection("standby", "standby.warm (\(words(plan.standby.warmMs))) is below the installation's floor of \(words(standbyMs))"))
    }
    return found + gates.compactMap { $0.objection(to: plan) }
  }
}

extension Floors.Gate {
  fileprivate func objection(to plan: ServicePlan) -> PlanObjection? {
    switch self {
    case .smoke:
      plan.smoke.checks.isEmpty ? PlanObjection("smoke", "the installation demands smoke checks, and the plan has none") : nil
    case .bake:
      plan.bake.checks.isEmpty || plan.bake.durationMs == 0
        ? PlanObjection("bake", "the installation demands a bake with checks, and the plan has none") : nil
    case .headroom: plan.headroom == .require ? nil : PlanObjection("headroom", "the installation demands headroom: require")
    }
  }
}

extension Settings {
  /// Why nothing may be released to a namespace; nil where it may.
  package func objection(toNamespace namespace: String) -> PlanObjection? {
    if namespace == stateNamespace { return PlanObjection("namespace", "\(namespace) is the bot's own namespace and never a target") }
    if policy.namespaces.isEmpty || policy.namespaces.contains(namespace) { return nil }
    return PlanObjection("namespace", "the installation does not release to the namespace \(namespace)")
  }
}
