import ReleaseEngine
import ReleaseModel

/// What must hold of a world that came to rest, whatever happened on the way. Complaints name the promise that was broken.
struct Judgement {
  let world: SimulatedWorld
  private(set) var complaints: [String]

  init(_ world: SimulatedWorld) {
    self.world = world
    complaints = world.rules.broken
    judgeRecords()
    judgeState()
    judgeCluster()
  }

  private mutating func demand(_ holds: Bool, _ complaint: String) {
    if !holds { complaints.append(complaint) }
  }

  private mutating func judgeRecords() {
    let records = world.records
    let outcomes = records.filter { $0.event == .outcome }.compactMap(\.rollout)
    demand(Set(outcomes).count == outcomes.count, "promise 6: a rollout has two outcomes: \(world.history)")
    demand(world.audit.openPlans(of: SimulatedWorld.web).isEmpty, "promise 6: a plan has no outcome: \(world.history)")
    // Nobody but tagflip changes anything in these worlds that it would notice.
    demand(!records.contains { $0.event == .drift }, "drift was reported where no other hand was: \(world.history)")
    demand(records.map(\.sequence) == Array(1...max(1, records.count)), "promise 6: the sequence has gaps")
    let released = records.filter { $0.event == .plan && $0.plan?.attempt == CutoverPlan.firstAttempt }.compactMap { $0.version?.text }
    demand(!released.contains("1.0.1"), "promise 7: 1.0.1 was released although a higher tag superseded it: \(world.history)")
    for rollout in world.rules.decided.keys where !outcomes.contains(rollout) {
      complaints.append("promise 6: what the marker decided on \(rollout) is not on record: \(world.history)")
    }
  }

  private mutating func judgeState() {
    let marker = world.web.marker
    demand(marker.pending.isEmpty, "promise 6: the marker still holds \(marker.pending.map(\.reason))")
    demand(world.journal?.open == nil, "promise 8: the journal still has an open rollout")
    demand(world.journal?.live?.rollout == marker.rollout, "promise 8: the journal's live release is not the marker's: \(world.history)")
    let entry = world.index?.services[SimulatedWorld.web]
    demand(entry != nil && entry?.open == nil, "promise 8: the index says that something is open")
    demand(world.index?.reservations.isEmpty == true, "promise 8: room is still reserved")
    demand(marker.standby?.temperature != .warming, "promise 8: a standby is still being warmed")
  }

  private mutating func judgeCluster() {
    let version = world.web.marker.version?.text
    switch world.web.selection {
    case .color(let active):
      let held = world.cluster.color(active, of: SimulatedWorld.web)
      let holds = held?.version?.text ?? "nothing"
      demand(holds == version, "promise 2: the marker says \(version ?? "nothing"), and \(active) is \(holds): \(world.history)")
      demand(held?.rollout == world.web.marker.rollout, "promise 2: \(active) is not the marker's rollout: \(world.history)")
      demand(world.size(active) == 3, "promise 4: \(active) has \(world.size(active)) pods: \(world.history)")
      demand(world.size(active.other) == 0, "promise 12: \(active.other), which nobody needs, has pods: \(world.history)")
      demand(held?.pinned == nil, "promise 12: \(active)'s autoscalers are still pinned: \(world.history)")
      demand(held?.strays.isEmpty != false, "promise 1: \(active) holds what another rollout's late apply left: \(world.history)")
      judgeHealth(version)
      demand(
        world.isConsuming(active) != false, "promise 1: what runs only when active is held in \(active), where users are: \(world.history)")
      demand(world.isConsuming(active.other) != true, "promise 1: what runs only when active runs in \(active.other): \(world.history)")
    case .nothing:
      demand(
        Color.allCases.allSatisfy { world.isConsuming($0) != true }, "promise 1: what runs only when active runs, and users reach nothing")
      demand(version == nil && world.size(.blue) + world.size(.green) == 0, "promise 12: nothing is selected, and something is there")
    case .both, .uncolored, .foreign: complaints.append("promise 1: the Service selects \(world.web.selection)")
    }
  }

  /// Users are not left on a version that goes bad, unless there was no way back and the record says so.
  private mutating func judgeHealth(_ version: String?) {
    guard let version, world.goesBad(SimulatedWorld.version(version)) else { return }
    let last = world.records.last { $0.event == .outcome && $0.version?.text == version }
    let isKnown = last?.outcome == .failedExposed || last?.outcome == .rollbackFailed
    demand(isKnown, "promise 3: users are left on \(version), which goes bad: \(world.history)")
  }
}
