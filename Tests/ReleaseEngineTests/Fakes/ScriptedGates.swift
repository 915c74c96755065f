import ReleaseEngine
import ReleaseModel
import Synchronization

/// Checks that find what the cluster's Services lead to and what its versions' scripts say.
final class ScriptedGates: Gates {
  private let cluster: SimulatedCluster

  init(cluster: SimulatedCluster) { self.cluster = cluster }

  func check(_ checks: [HTTPCheck], at place: ProbePlace, within limit: Duration) async -> [CheckResult] {
    do throws(PortError) {
      return try await cluster.tap.pass("gates.check.\(place.role.rawValue)") { [self] in
        let (verdict, detail) = cluster.state.withLock { judge(place, $0) }
        return checks.map { result($0, verdict, detail) }
      }
    } catch {
      return checks.map { result($0, .unknown, error.reason) }
    }
  }

  private func result(_ check: HTTPCheck, _ verdict: CheckResult.Verdict, _ detail: String) -> CheckResult {
    CheckResult(name: check.name, verdict: verdict, detail: detail, latencyMs: 3, requests: 1, route: .service)
  }

  /// Which color answers: of both it may be either, here it is the new one.
  private func color(_ object: SimulatedCluster.ServiceObject) -> Color? {
    switch object.selection {
    case .color(let color): color
    case .both: object.marker.standby?.color.other
    case .nothing, .uncolored, .foreign: nil
    }
  }

  private func judge(_ place: ProbePlace, _ state: SimulatedCluster.State) -> (CheckResult.Verdict, String) {
    let name = place.role != .active ? String(place.service.name.dropLast("-preview".count)) : place.service.name
    let owner = ServiceName(name).flatMap { state.colors[$0] } ?? [:]
    guard let object = state.services[place.service.name], let color = color(object), let held = owner[color],
      cluster.pods(held, state).isReady, held.desired.values.contains(where: { $0 > 0 })
    else { return (.failed, "connection refused") }
    let script = held.version.flatMap { state.scripts[$0] } ?? ReleaseScript()
    switch place.role {
    case .control: return (script.smoke, "HTTP \(script.smoke == .passed ? 200 : 500)")
    case .alone:
      let active = state.services[name]
      let isBad = script.degradesAfter.map { limit in active.map { cluster.clock.elapsed - $0.exposedAt >= limit } ?? false } ?? false
      return isBad ? (.failed, "HTTP 503") : (.passed, "HTTP 200")
    case .preview:
      if script.smoke == .passed, let rollout = held.rollout { cluster.rules.passedSmoke(rollout) }
      return (script.smoke, "HTTP \(script.smoke == .passed ? 200 : 500)")
    case .active:
      if let limit = script.degradesAfter, cluster.clock.elapsed - object.exposedAt >= limit { return (.failed, "HTTP 503") }
      let neighbour = owner[color.other]
      let isHarmed = neighbour.map { other in
        other.desired.values.contains { $0 > 0 } && other.version.flatMap { state.scripts[$0]?.harmsLive } == true
          && cluster.clock.elapsed - other.startedAt > .seconds(1)
      }
      if isHarmed == true { return (.failed, "HTTP 504") }
      if let rollout = held.rollout { cluster.rules.passedBake(rollout) }
      return (.passed, "HTTP 200")
    }
  }
}
