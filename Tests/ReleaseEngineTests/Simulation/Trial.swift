import ReleaseEngine
import ReleaseModel
import Testing

/// One world in which one scenario is played.
struct Trial {
  let scenario: Scenario
  let world: SimulatedWorld
  var complaints: [String] = []
  /// Whether the fault may have turned a check into one that could not be judged.
  private var blursChecks = false
  /// What somebody did in its midst.
  private var intrusion: Intrusion?

  init(_ scenario: Scenario, from start: SimulatedWorld) {
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

  /// Plays the scenario until the process is killed right after a call.
  ///
  /// From there on every play of what follows is a copy's: worlds are copied more cheaply than played anew.
  func killed(after call: PortTap.Call) async -> SimulatedWorld {
    world.tap.arm([call: .killedAfter])
    await scenario.act(in: world, as: world.installation())
    for _ in 0..<2 where !world.tap.isDead {
      _ = await world.runUntilQuiet(orKilled: true)
      if !world.tap.isDead { world.clock.advance(.seconds(200)) }
    }
    return world
  }

  /// Plays what follows the kill while one thing goes wrong at some calls.
  func goOn(faults: [PortTap.Call: PortTap.Fault]) async -> Trial {
    var trial = self
    world.tap.arm(faults)
    await trial.rest()
    return trial
  }

  private mutating func play() async {
    await scenario.act(in: world, as: world.installation())
    world.tap.revive()
    await rest()
  }

  private mutating func rest() async {
    _ = await world.runUntilQuiet()
    // Windows end, and the last look is due; once more where somebody came in between, be it in the last of these runs.
    world.clock.advance(.seconds(200))
    if intrusion != nil {
      _ = await world.runUntilQuiet()
      world.clock.advance(.seconds(200))
    }
    if !(await world.runUntilQuiet()) { complaints.append("it did not come to rest") }
    judge()
  }

  // MARK: What must hold in the end

  private mutating func judge() {
    complaints += Judgement(world).complaints
    let version = world.web.marker.version?.text
    if !blursChecks && intrusion == nil && !scenario.versions.contains(version) {
      complaints.append("users are on \(version ?? "nothing"): \(world.history)")
    }
    guard scenario == .decision else { return }
    for entry in ["superseded 1.0.1", "refused 1.2.0"] where world.history.count(where: { $0 == entry }) != 1 {
      complaints.append("\(entry) is not once in \(world.history)")
    }
  }
}
