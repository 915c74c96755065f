import ReleaseEngine
import ReleaseModel

/// Changes the active Service as a careless engine would.
struct SaboteurServices: ActiveServices {
  let mistake: Sabotage
  let services: any ActiveServices
  let environments: any Environments
  let colors: any ColorObserver

  func read(_ target: ServiceTarget) async throws(PortError) -> ActiveService { try await services.read(target) }

  func traffic(_ target: ServiceTarget, to colors: [Color], within limit: Duration) async throws(PortError) -> TrafficReport {
    try await services.traffic(target, to: colors, within: limit)
  }

  func preview(_ target: ServiceTarget, color: Color, rollout: RolloutID) async throws(PortError) -> ServiceAddress {
    try await services.preview(target, color: color, rollout: rollout)
  }

  func change(
    _ target: ServiceTarget, seen: ActiveService, selector: SelectorChange?, marker: Marker
  ) async throws(PortError) -> ChangeResult {
    let added = marker.pending.first { !seen.marker.pending.contains($0) }
    switch mistake {
    case .flipWithoutPrecondition where selector != nil: return try await force(target, selector, marker)
    case .fenceIgnored:
      let result = try await services.change(target, seen: seen, selector: selector, marker: marker)
      guard case .refused = result else { return result }
      return try await force(target, selector, marker)
    case .fenceNotRaised:
      var marker = marker
      marker.fence = seen.marker.fence
      return try await services.change(target, seen: seen, selector: selector, marker: marker)
    case .outcomeBeforeAct where added?.outcome == .rolledBack && selector != nil:
      guard case .applied(let now, _) = try await services.change(target, seen: seen, selector: nil, marker: marker) else {
        return try await services.change(target, seen: seen, selector: selector, marker: marker)
      }
      return try await services.change(target, seen: now, selector: selector, marker: raised(marker))
    case .markerAfterSelector where selector != nil:
      guard case .applied(let now, _) = try await services.change(target, seen: seen, selector: selector, marker: raised(seen.marker))
      else {
        return try await services.change(target, seen: seen, selector: selector, marker: marker)
      }
      return try await services.change(target, seen: now, selector: nil, marker: raised(marker))
    case .standDownBeforeFence:
      if let color = added?.to, added?.outcome == .failed || added?.outcome == .aborted { try await stop(color, target) }
    case .retiredBeforeGivenUp:
      if let standby = seen.marker.standby, standby.temperature == .warm, marker.standby?.temperature == .cold {
        try await stop(standby.color, target)
      }
    case .stoppedWithOverlap where seen.selection == .both && selector != nil && added == nil:
      let result = try await services.change(target, seen: seen, selector: selector, marker: marker)
      if case .applied = result, let old = marker.standby?.color { try await stop(old, target) }
      return result
    case .overlapUnplanned where selector != nil && added == nil && marker.standby != nil:
      return try await services.change(target, seen: seen, selector: .both(target.service), marker: marker)
    case .rollbackGatedOnGreen:
      if added?.outcome == .rolledBack, let bad = added?.to, try await !colors.observe(bad, target: target).isFullyReady {
        throw PortError(.unreachable, attempted: "go back", reason: "\(bad) is not ready yet")
      }
    case .lostAnswerAsFailure where selector != nil && added == nil:
      do throws(PortError) {
        return try await services.change(target, seen: seen, selector: selector, marker: marker)
      } catch  where error.kind == .unknown {
        return try await callFailed(target, marker)
      }
    default: break
    }
    return try await services.change(target, seen: seen, selector: selector, marker: marker)
  }

  private func raised(_ marker: Marker) -> Marker {
    var marker = marker
    marker.fence += 1
    return marker
  }

  private func force(_ target: ServiceTarget, _ selector: SelectorChange?, _ marker: Marker) async throws(PortError) -> ChangeResult {
    let now = try await services.read(target)
    var marker = marker
    marker.fence = max(marker.fence, now.marker.fence + 1)
    return try await services.change(target, seen: now, selector: selector, marker: marker)
  }

  private func stop(_ color: Color, _ target: ServiceTarget) async throws(PortError) {
    let sizes = try await colors.observe(color, target: target).sizes.mapValues { _ in 0 }
    try await environments.resize(color, target: target, sizes: sizes, asOf: nil)
  }

  private func callFailed(_ target: ServiceTarget, _ marker: Marker) async throws(PortError) -> ChangeResult {
    let now = try await services.read(target)
    guard let rollout = marker.rollout else { return .refused(now) }
    var failed = raised(now.marker)
    failed.pending.append(
      Conclusion(
        rollout: rollout, outcome: .failed, version: marker.version, from: marker.standby?.color, to: marker.standby?.color.other,
        actor: "saboteur", reason: "no answer", decidedAt: ManualClock.epoch, exposed: false, quarantines: true))
    return try await services.change(target, seen: now, selector: nil, marker: failed)
  }
}
