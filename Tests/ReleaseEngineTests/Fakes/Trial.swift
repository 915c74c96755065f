import ReleaseEngine
import ReleaseModel
import Testing

/// One world in which one scenario is played.
struct Trial {
  let scenario: CrashTests.Scenario
  let world: SimulatedWorld
  var complaints: [String] = []
  /// Whether the fault may have turned a check into one that could not be judged.
  private var blursChecks = false
  /// What somebody did in its midst.
  private var intrusion: Intrusion?

  init(_ scenario: CrashTests.Scenario, from start: SimulatedWorld) {
    self.scenario = scenario
    world = SimulatedWorld(copyOf: start)
  }

  /// Plays the scenario while one thing goes wrong at some calls.
  func go(faults: [PortTap.Call: PortTap.Fault]) async -> Trial {
    var trial = self
    trial.blursChecks = faults.keys.contains { $0.name.hasPrefix("gates.") }
    world.tap.arm(faults)
    await trial.play()
    return trial
  }

  /// Plays the scenario while somebody does something right before a call.
  func go(before call: PortTap.Call, _ intrusion: Intrusion) async -> Trial {
    var trial = self
    trial.intrusion = intrusion
    world.tap.arm()
    world.tap.before(call.name, call.occurrence) { [world] in await intrusion.act(in: world) }
    await trial.play()
    return trial
  }

  private mutating func play() async {
    await act()
    world.tap.revive()
    if intrusion != nil { _ = await world.runUntilQuiet() }
    if !(await world.runUntilQuiet()) { complaints.append("it did not come to rest") }
    judge()
  }

  /// The world as it is before anything can go wrong.
  static func start(of scenario: CrashTests.Scenario) async -> SimulatedWorld {
    let world = SimulatedWorld()
    await world.begin()
    switch scenario {
    case .first: world.repository.push("web/v1.1.0")
    case .withdrawal:
      world.planFor("1.1.0") { $0.first = .withdraw }
      world.script("1.1.0") { $0.degradesAfter = .seconds(1) }
      world.repository.push("web/v1.1.0")
    case .promotion:
      await world.release("0.9.0")
      await world.release("1.0.0")
      world.repository.push("web/v1.1.0")
    case .degradation:
      await world.release("1.0.0")
      world.script("1.1.0") { $0.degradesAfter = .seconds(1) }
      world.repository.push("web/v1.1.0")
    case .failure:
      await world.release("1.0.0")
      world.script("1.1.0") { $0.smoke = .failed }
      world.repository.push("web/v1.1.0")
    case .decision:
      await world.release("1.0.0")
      world.repository.push("web/v1.0.1")
      world.repository.push("web/v1.1.0")
      world.repository.push("web/v1.2.0")
      let fault = PortError(.configuration, attempted: "read the plan", reason: "bake: is no map")
      world.repository.edit { $0.faults[SimulatedWorld.version("1.2.0")] = fault }
    case .replacement:
      await world.release("0.9.0")
      world.repository.push("web/v1.0.0")
      await world.run()
      world.planFor("1.1.0") { $0.standby.whenWarm = .replace }
      world.repository.push("web/v1.1.0")
    case .rollback, .retirement, .retry:
      await world.release("1.0.0")
      world.repository.push("web/v1.1.0")
      await world.run()
    case .coldRollback:
      await world.release("1.0.0")
      await world.release("1.1.0")
    }
    return world
  }

  private func act() async {
    let web = SimulatedWorld.web
    switch scenario {
    case .rollback, .coldRollback:
      _ = try? await Rollback(world.installation(), service: web, reason: "worse", force: false).run()
    case .retirement: _ = try? await Retire(world.installation(), service: web).run()
    case .retry:
      _ = try? await Retry(world.installation(), service: web, version: SimulatedWorld.version("1.0.0"), reason: "better").run()
    case .promotion, .degradation, .failure, .first, .withdrawal, .decision, .replacement: break
    }
  }

  // MARK: What must hold in the end

  private mutating func judge() {
    complaints += world.rules.broken
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
    demand(Set(outcomes).count == outcomes.count, "a rollout has two outcomes: \(world.history)")
    demand(world.audit.openPlans(of: SimulatedWorld.web).isEmpty, "a plan has no outcome: \(world.history)")
    demand(records.map(\.sequence) == Array(1...max(1, records.count)), "the sequence has gaps")
    let decided = ["web/v1.0.1": "superseded 1.0.1", "web/v1.2.0": "refused 1.2.0"]
    if scenario == .decision {
      for (tag, entry) in decided { demand(world.history.count { $0 == entry } == 1, "\(tag): \(world.history)") }
    }
  }

  private mutating func judgeState() {
    let marker = world.web.marker
    demand(marker.pending.isEmpty, "the marker still holds \(marker.pending.map(\.reason))")
    demand(world.journal?.open == nil, "the journal still has an open rollout")
    demand(world.journal?.live?.rollout == marker.rollout, "the journal's live release is not the marker's: \(world.history)")
    let entry = world.index?.services[SimulatedWorld.web]
    demand(entry != nil && entry?.open == nil, "the index says that something is open")
    demand(world.index?.reservations.isEmpty == true, "room is still reserved")
    demand(marker.standby?.temperature != .warming, "a standby is still being warmed")
  }

  private mutating func judgeCluster() {
    let version = world.web.marker.version?.text
    if !blursChecks && intrusion == nil {
      demand(scenario.versions.contains(version), "users are on \(version ?? "nothing"): \(world.history)")
    }
    switch world.web.selection {
    case .color(let active):
      let held = world.cluster.color(active, of: SimulatedWorld.web)
      demand(
        held?.version?.text == version, "the marker says \(version ?? "nothing"), and \(active) is \(held?.version?.text ?? "nothing")")
      demand(held?.rollout == world.web.marker.rollout, "\(active) is not the marker's rollout")
      demand(world.size(active) == 3, "\(active) has \(world.size(active)) pods")
      demand(world.size(active.other) == 0, "\(active.other), which nobody needs, has pods")
      demand(held?.pinned == nil, "\(active)'s autoscalers are still pinned")
    case .nothing: demand(version == nil && world.size(.blue) == 0, "nothing is selected, and something is there")
    case .uncolored, .foreign: complaints.append("the Service selects \(world.web.selection)")
    }
  }
}
