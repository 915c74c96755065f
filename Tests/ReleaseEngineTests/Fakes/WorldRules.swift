import ReleaseEngine
import ReleaseModel
import Synchronization

/// The promises that hold after every single call, whatever the scenario. What breaks one is kept here; a test asks that nothing did.
final class WorldRules: Sendable {
  private struct State {
    var broken: [String] = []
    var served: Set<RolloutID> = []
    var smoked: Set<RolloutID> = []
  }

  private let state = Mutex(State())
  private let audit: SimulatedAudit

  init(audit: SimulatedAudit) { self.audit = audit }

  /// What was broken, in words; empty where every promise was kept.
  var broken: [String] { state.withLock { $0.broken } }

  /// Goes on where another is.
  func take(_ other: WorldRules) {
    let now = other.state.withLock { $0 }
    state.withLock { $0 = now }
  }

  func broke(_ rule: String) { state.withLock { $0.broken.append(rule) } }

  /// A color passed its checks on the preview Service.
  func passedSmoke(_ rollout: RolloutID) { _ = state.withLock { $0.smoked.insert(rollout) } }

  /// Users reach only a color that was fully ready and passed its smoke test, or the one that served them before.
  func exposes(_ color: Color, rollout: RolloutID?, isReady: Bool) {
    guard let rollout else { return broke("users were sent to \(color), which holds nothing") }
    state.withLock { state in
      if !state.served.contains(rollout) {
        if !isReady { state.broken.append("users were sent to \(color) before it was ready") }
        if !state.smoked.contains(rollout) { state.broken.append("users were sent to \(color) before its smoke test passed") }
      }
      state.served.insert(rollout)
    }
  }

  /// No change without a record: the plan is in Git before anything is applied.
  func applies(_ rollout: RolloutID, service: ServiceName) {
    if !audit.hasPlan(of: rollout, service: service) { broke("\(rollout) was applied before its plan was recorded") }
  }

  func discards(_ color: Color, service: ServiceName) {
    let last = audit.records(of: service).last { $0.event == .plan }
    if last?.plan?.to != color { broke("\(color) was deleted, and no recorded plan says so") }
  }

  /// A rollout never writes to what users are on.
  func touches(_ color: Color, active: SimulatedCluster.ServiceObject?) {
    if active?.selection == .color(color) { broke("\(color) was changed while users were on it") }
  }

  /// A color is scaled down only if the Service says that it is neither active nor a warm standby.
  func scalesDown(_ color: Color, active: SimulatedCluster.ServiceObject?) {
    touches(color, active: active)
    if active?.selection == .uncolored { broke("\(color) was scaled down while the Service selects both colors") }
    guard let standby = active?.marker.standby, standby.color == color, standby.temperature != .cold else { return }
    broke("\(color) was scaled down while it was a warm standby")
  }
}
