import ReleaseEngine
import ReleaseModel
import Synchronization

/// The promises that hold after every single call, whatever the scenario. What breaks one is kept here, by the promise's number; a test asks
/// that nothing did.
final class WorldRules: Sendable {
  private struct State {
    var broken: [String] = []
    var served: Set<RolloutID> = []
    var smoked: Set<RolloutID> = []
    var flips: [RolloutID: Int] = [:]
    var decided: [RolloutID: Conclusion] = [:]
    var healthy: [RolloutID: Int] = [:]
    var narrowed: [RolloutID: Int] = [:]
  }

  private let state = Mutex(State())
  /// Which tells these rules of each record: the world holds both.
  private unowned let audit: SimulatedAudit

  init(audit: SimulatedAudit) { self.audit = audit }

  /// What was broken, in words; empty where every promise was kept.
  var broken: [String] { state.withLock { $0.broken } }

  /// The outcomes that markers decided.
  var decided: [RolloutID: Conclusion] { state.withLock { $0.decided } }

  /// Goes on where another is.
  func take(_ other: WorldRules) {
    let now = other.state.withLock { $0 }
    state.withLock { $0 = now }
  }

  func broke(_ rule: String) { state.withLock { $0.broken.append(rule) } }

  // MARK: What users reach

  /// A color passed its checks on the preview Service.
  func passedSmoke(_ rollout: RolloutID) { _ = state.withLock { $0.smoked.insert(rollout) } }

  /// A color passed its checks while users were on it.
  func passedBake(_ rollout: RolloutID) { state.withLock { $0.healthy[rollout, default: 0] += 1 } }

  /// Users reach only a color that was fully ready and passed its smoke test, or the one that served them before.
  func exposes(_ color: Color, rollout: RolloutID?, isReady: Bool) {
    guard let rollout else { return broke("promise 1: users were sent to \(color), which holds nothing") }
    state.withLock { state in
      if !state.served.contains(rollout) {
        if !isReady { state.broken.append("promise 1: users were sent to \(color) before it was ready") }
        if !state.smoked.contains(rollout) { state.broken.append("promise 5: users were sent to \(color) before its smoke test passed") }
      } else if !isReady {
        state.broken.append("promise 1: users were sent back to \(color), which cannot serve")
      }
      state.served.insert(rollout)
    }
  }

  /// Users reach both colors only where the plan on record says so.
  func overlaps(_ rollout: RolloutID, service: ServiceName) {
    let plan = audit.records(of: service).last { $0.event == .plan && $0.rollout == rollout }?.plan
    if plan?.overlaps != true { broke("promise 1: users reach both colors, and no recorded plan says so") }
  }

  /// With a traffic policy `Local` users are first sent only to a color that is on every node that they come in on.
  func leavesNodes(_ nodes: [String], _ color: Color, rollout: RolloutID?) {
    let isBack = rollout.map { rollout in state.withLock { $0.served.contains(rollout) } } ?? false
    if !nodes.isEmpty && !isBack { broke("promise 1: users on \(nodes.joined(separator: ", ")) were sent to \(color), which is not there") }
  }

  /// A color that users were on is stopped while load balancers may still send to its pods.
  func stopsTargets(_ color: Color, rollout: RolloutID?) {
    let wasServing = rollout.map { rollout in state.withLock { $0.served.contains(rollout) } } ?? false
    if wasServing { broke("promise 4: \(color) was stopped while load balancers may still send to its pods") }
  }

  // MARK: The marker

  /// The active Service was changed by tagflip.
  func changed(_ before: SimulatedCluster.ServiceObject, _ after: SimulatedCluster.ServiceObject, standbyIsReady: Bool) {
    if after.marker.fence <= before.marker.fence {
      broke("promise 9: the fence did not rise: \(before.marker.fence) → \(after.marker.fence)")
    }
    if after.selection != before.selection, let rollout = after.marker.rollout, rollout != before.marker.rollout,
      !after.marker.pending.contains(where: { $0.outcome == .rolledBack && !before.marker.pending.contains($0) })
    {
      let flips = state.withLock { state in
        state.flips[rollout, default: 0] += 1
        return state.flips[rollout] ?? 0
      }
      if flips > 1 { broke("promise 9: \(rollout) was flipped to twice") }
    }
    narrows(before, after)
    for conclusion in after.marker.pending where conclusion.event == .outcome && !before.marker.pending.contains(conclusion) {
      decides(conclusion, after, standbyIsReady: standbyIsReady)
    }
  }

  /// Users are left the new color alone, once, while the old one stands by.
  private func narrows(_ before: SimulatedCluster.ServiceObject, _ after: SimulatedCluster.ServiceObject) {
    guard before.selection == .both, case .color(let color) = after.selection, let rollout = after.marker.rollout,
      rollout == before.marker.rollout
    else { return }
    if after.marker.standby?.color != color.other { broke("promise 3: \(color) was left alone, and nothing stands by") }
    let times = state.withLock { state in
      state.narrowed[rollout, default: 0] += 1
      return state.narrowed[rollout] ?? 0
    }
    if times > 1 { broke("promise 9: \(rollout) was left alone twice") }
  }

  private func decides(_ conclusion: Conclusion, _ after: SimulatedCluster.ServiceObject, standbyIsReady: Bool) {
    let healthy = state.withLock { state in
      if state.decided[conclusion.rollout] != nil { state.broken.append("promise 6: \(conclusion.rollout) was decided twice") }
      state.decided[conclusion.rollout] = conclusion
      return state.healthy[conclusion.rollout] ?? 0
    }
    let isAlone = conclusion.to.map { after.selection == .color($0) } ?? false
    let isOn = isAlone || after.selection == .both
    switch conclusion.outcome {
    case .promoted:
      // The shortest bake of these worlds is three intervals.
      if healthy < 2 { broke("promise 5: \(conclusion.version?.text ?? "") was promoted after \(healthy) rounds of checks that passed") }
      if !isAlone { broke("promise 2: \(conclusion.version?.text ?? "") was promoted, and users are not on it") }
    case .rolledBack:
      if isOn { broke("promise 2: \(conclusion.version?.text ?? "") was called rolled back while users were on it") }
    case .failed, .rejected:
      if isOn { broke("promise 2: \(conclusion.version?.text ?? "") was called never exposed while users were on it") }
    case .rollbackFailed:
      if standbyIsReady { broke("promise 3: the standby of \(conclusion.version?.text ?? "") was given up although it can serve") }
    case .failedExposed, .aborted, nil: break
    }
  }

  // MARK: The record

  /// No change without a record: the plan is in Git before anything is applied.
  func applies(_ rollout: RolloutID, service: ServiceName) {
    if !audit.hasPlan(of: rollout, service: service) { broke("promise 6: \(rollout) was applied before its plan was recorded") }
  }

  func discards(_ color: Color, service: ServiceName) {
    let last = audit.records(of: service).last { $0.event == .plan }
    if last?.plan?.to != color { broke("promise 4: \(color) was deleted, and no recorded plan says so") }
  }

  /// A record has entered the books.
  func recorded(_ record: AuditRecord, _ isAllowed: Bool) {
    // One that lost the race for its tag is on record with its end, which was decided before.
    let isEnded = record.rollout.map { decided[$0] != nil } ?? false
    if !isAllowed && !isEnded {
      broke("promise 7: \(record.version?.text ?? "") was planned, which had been decided on or is in quarantine")
    }
    guard record.event == .outcome, let rollout = record.rollout else { return }
    let decision = decided[rollout]
    if decision?.outcome != record.outcome {
      broke("promise 6: the record says \(record.outcome?.rawValue ?? ""), the marker \(decision?.outcome?.rawValue ?? "nothing")")
    }
  }

  /// The bot's documents were written: what is open is in the index, or the next run is told to look.
  func saved(_ document: StateDocument, _ documents: [StateDocument: StoredDocument]) {
    guard let index = documents[.index].flatMap({ try? CanonicalJSON.value(ServiceIndex.self, from: $0.text.utf8) }) else { return }
    for case .journal(let service) in documents.keys {
      if case .journal = document, document != .journal(service) { continue }
      guard let text = documents[.journal(service)]?.text, let open = WorldRules.openRollout(in: text) else { continue }
      let entry = index.services[service]
      // Whichever rollout it names, the next run looks.
      if entry?.open == nil && entry?.attention != true { broke("promise 8: \(open) is open, and the index does not say so") }
    }
  }

  /// The id of the open rollout, without reading the whole journal.
  private static func openRollout(in text: String) -> String? {
    guard text.contains(#""open":{"#), let journal = try? CanonicalJSON.value(OpenID.self, from: text.utf8) else { return nil }
    return journal.open?.id
  }

  private struct OpenID: Decodable {
    struct Open: Decodable { var id: String }
    var open: Open?
  }

  // MARK: The colors

  /// A rollout never writes to what users are on.
  func touches(_ color: Color, active: SimulatedCluster.ServiceObject?) {
    if active?.selection == .color(color) || active?.selection == .both {
      broke("promise 4: \(color) was changed while users were on it")
    }
  }

  /// A color is scaled down only if the Service says that it is neither active nor a warm standby.
  func scalesDown(_ color: Color, active: SimulatedCluster.ServiceObject?) {
    touches(color, active: active)
    if active?.selection == .uncolored { broke("promise 4: \(color) was scaled down while the Service selects both colors") }
    guard let standby = active?.marker.standby, standby.color == color, standby.temperature != .cold else { return }
    broke("promise 4: \(color) was scaled down while it was a warm standby")
  }
}
