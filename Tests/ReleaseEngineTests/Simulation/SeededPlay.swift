import ReleaseEngine
import ReleaseModel

/// What one seed makes of the world: a scenario, who acts in it and when, and what goes wrong.
struct SeededPlay {
  /// The scenarios' beginnings, made once: every play goes on from a copy.
  static let starts: [Scenario: SimulatedWorld] = Dictionary(
    uniqueKeysWithValues: Scenario.allCases.map { scenario in (scenario, TurnExecutor.finish { await scenario.start() }) })

  let seed: UInt64
  let scenario: Scenario
  let complaints: [String]
  let history: [String]
  let records: [String]
  private let cast: [String]

  init(seed: UInt64, starts: [Scenario: SimulatedWorld], sabotage: Sabotage?) {
    self.seed = seed
    let scenarios = Scenario.allCases
    let chance = SeededBits(seed: seed &* 0x9E37_79B9 &+ 17)
    scenario = scenarios[Int(chance.next() % UInt64(scenarios.count))]
    let world = SimulatedWorld(copyOf: starts[scenario] ?? SimulatedWorld())
    world.sabotage = sabotage
    world.tap.arm()
    // Every third seed is a rough day.
    let isRough = seed % 3 == 2
    let stage = Stage(world: world, seed: seed, faults: Int(chance.next() % (isRough ? 9 : 4)))
    let cues = SeededPlay.cues(scenario, chance)
    cast = cues.map { "\($0.name) at \($0.at.words)" }
    stage.play(cues)
    // A CronJob goes on; nothing goes wrong any more.
    let rests = TurnExecutor.finish {
      guard await world.runUntilQuiet(atMost: 16) else { return false }
      // Windows end, and the last look is due.
      world.clock.advance(.seconds(200))
      return await world.runUntilQuiet(atMost: 16)
    }
    var complaints = Judgement(world).complaints
    if stage.tookTooLong { complaints.append("promise 10: it took more than \(Stage.limit) calls") }
    if !rests { complaints.append("promise 10: it did not come to rest: \(world.history)") }
    self.complaints = complaints
    history = stage.history
    records = world.history
  }

  /// Who acts: the scenario itself, rivals, and the runs that a CronJob begins whatever became of the ones before.
  private static func cues(_ scenario: Scenario, _ chance: SeededBits) -> [Cue] {
    var cues = [Cue(name: scenario.rawValue, at: .zero) { world in await scenario.act(in: world, as: world.installation()) }]
    for _ in 0...Int(chance.next() % 2) {
      let rival = Rival.allCases[Int(chance.next() % UInt64(Rival.allCases.count))]
      cues.append(Cue(name: rival.rawValue, at: .milliseconds(Int(chance.next() % 15_000))) { world in await rival.act(in: world) })
    }
    for minute in 1...2 {
      cues.append(Cue(name: "run", at: .seconds(25 * minute)) { world in await world.run() })
    }
    return cues
  }

  /// The whole story, for whoever has to find out what went wrong.
  var report: String {
    (["seed \(seed): \(scenario), \(cast.joined(separator: ", "))"] + complaints.map { "  BROKEN \($0)" } + history.map { "  \($0)" }
      + ["  records: \(records)"]).joined(separator: "\n")
  }
}

/// Who else acts while a run is at work.
enum Rival: String, Sendable, CaseIterable {
  case run
  case rollback
  case retire
  case retry
  case tag
  case touch

  func act(in world: SimulatedWorld) async {
    let web = SimulatedWorld.web
    switch self {
    case .run: await world.run()
    case .rollback: _ = try? await Rollback(world.installation(), service: web, reason: "worse", force: false).run()
    case .retire: _ = try? await Retire(world.installation(), service: web).run()
    case .retry:
      _ = try? await Wish(.retry, world.installation(), service: web, version: SimulatedWorld.version("1.1.0"), reason: "again").run()
    case .tag:
      world.repository.push("web/v1.9.0")
      await world.run()
    case .touch: world.cluster.touch(SimulatedWorld.target())
    }
  }
}
