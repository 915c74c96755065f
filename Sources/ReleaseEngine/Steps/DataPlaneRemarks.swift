import ReleaseModel

// What a plan must say ahead of the data plane in front of the Service: it decides how far a flip of the selector reaches.
extension Ports {
  /// What people must know of a release before it begins. What cannot be read is left out: it is judged before the flip, where that counts.
  /// - Parameter pods: how many pods the new color is to have; nil where that is not known.
  func dataPlaneRemarks(_ service: ActiveService, _ plan: CutoverPlan, pods: Int?, target: ServiceTarget) async -> [String] {
    guard let from = plan.from else { return [] }
    let live = (try? await colors.observe(from, target: target)) ?? ColorObservation(color: from)
    return overlap(service, plan, live) + (await balancerRemarks(service, live, target))
      + (await localRemarks(service, from: from, to: plan.to, pods: pods, target: target))
      + longConnections(plan.settings, live)
  }

  private func balancerRemarks(_ service: ActiveService, _ live: ColorObservation, _ target: ServiceTarget) async -> [String] {
    var bindings: [String] = []
    var unknown: [String] = []
    do throws(PortError) {
      bindings = try await colors.bindings(of: target)
    } catch {
      unknown = ["whether TargetGroupBindings send to pods' own addresses is not known: \(PlainText.line(error.reason, longest: 200))"]
    }
    let known = PodBalancers(service, [live], bindings: bindings).map { [$0.remark(leaving: live.color)] } ?? []
    return known + unknown
  }

  private func overlap(_ service: ActiveService, _ plan: CutoverPlan, _ live: ColorObservation) -> [String] {
    guard plan.overlaps, let overlapMs = plan.settings.overlapMs else { return [] }
    // A color that could not be read is none that somebody made by hand: it is judged before the cutover.
    if !live.isEmpty, let obstacle = service.overlapObstacle(live) { return [obstacle] }
    let span = Duration.milliseconds(overlapMs).words
    return ["overlap: not atomic: for \(span) users reach \(live.color) and \(plan.to), so that both versions answer one and the same user"]
  }

  private func longConnections(_ settings: ServicePlan, _ live: ColorObservation) -> [String] {
    guard settings.connections == .long else { return [] }
    let long = "connections: long"
    switch live.desiredPods {
    case 0: return []
    case 1: return ["\(long): \(live.color) has one pod, which is not replaced: while it starts there would be nothing to go back to"]
    case let count:
      return ["\(long): after the flip \(live.color)'s \(count) pods are replaced one at a time, so that established ones move"]
    }
  }

  private func localRemarks(
    _ service: ActiveService, from: Color, to: Color, pods: Int?, target: ServiceTarget
  ) async -> [String] {
    guard !service.localPolicies.isEmpty else { return [] }
    let nodes = (try? await colors.placement(of: from, target: target).nodes) ?? []
    let which = nodes.isEmpty ? "every node that has a ready pod of \(from)" : "\(nodes.nodeWords), where \(from)'s are"
    var remark = "\(service.localPolicies.localWords): \(to) must have a ready pod on \(which), else the flip is refused"
    if let pods, pods < nodes.count { remark += "; \(pods) \(pods == 1 ? "pod" : "pods") cannot be on \(nodes.count) nodes" }
    return [remark]
  }
}
