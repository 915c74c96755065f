import ReleaseEngine
import ReleaseModel

/// What is under way when something goes wrong.
enum Scenario: String, Sendable, CaseIterable {
  /// 1.1.0 follows 1.0.0, beside the objects of a release before.
  case promotion
  /// 1.1.0 has one pod until its smoke test has passed.
  case staged
  /// 1.1.0 degrades in its bake.
  case degradation
  /// 1.1.0 loses all its pods in its bake.
  case collapse
  /// 1.1.0 fails its smoke test.
  case failure
  /// 1.1.0 never gets ready.
  case stillbirth
  /// The first release of all.
  case first
  /// The first release degrades and is withdrawn.
  case withdrawal
  /// Three tags at once, of which one is refused and one superseded.
  case decision
  /// Two tags at once; the higher one fails its smoke test, and the lower one stays superseded.
  case supersession
  /// 1.1.0 is on its way when 1.2.0 is tagged.
  case overtaking
  /// 1.1.0 waits for a standby that is still warm.
  case waiting
  /// 1.1.0 takes the place of a standby that is still warm.
  case replacement
  /// A person goes back from 1.1.0 to the warm 1.0.0.
  case rollback
  /// A person goes back from 1.1.0 to the cold 1.0.0.
  case coldRollback
  /// A person ends the warm window of 1.0.0.
  case retirement
  /// A person asks for 1.0.0 again.
  case retry
  /// 1.1.0 follows 1.0.0; both have a consumer that follows users, and a Job that runs first.
  case handOver
  /// The same, and 1.1.0 degrades in its bake.
  case handBack
  /// The same, and 1.1.0's consumer never gets ready.
  case brokenConsumer
  /// A person goes back from 1.1.0, and the consumer with the users.
  case handBackByHand
  /// 1.1.0 follows 1.0.0, whose pods are replaced one at a time so that established connections move.
  case shift
  /// 1.1.0 follows 1.0.0; users reach both for a while.
  case overlap
  /// The same, and 1.1.0 degrades while users reach both.
  case overlapBack

  /// The versions that users may be on in the end, where nothing is left to chance.
  var versions: [String?] {
    switch self {
    case .promotion, .staged, .first, .decision, .replacement, .waiting, .retirement, .handOver, .shift, .overlap: ["1.1.0"]
    case .overtaking: ["1.2.0"]
    case .degradation, .collapse, .failure, .stillbirth, .supersession, .handBack, .brokenConsumer, .overlapBack: ["1.0.0"]
    case .withdrawal: [nil]
    // A person whose command was killed asks again.
    case .rollback, .coldRollback, .handBackByHand: ["1.0.0", "1.1.0"]
    case .retry: ["1.0.0", "1.1.0"]
    }
  }

  /// The world as it is before anything can go wrong.
  func start() async -> SimulatedWorld {
    let world = SimulatedWorld()
    await world.begin()
    switch self {
    case .first: world.repository.push("web/v1.1.0")
    case .withdrawal:
      world.planFor("1.1.0") { $0.first = .withdraw }
      world.script("1.1.0") { $0.degradesAfter = .seconds(1) }
      world.repository.push("web/v1.1.0")
    case .promotion:
      await world.release("0.9.0")
      await world.release("1.0.0")
      world.repository.push("web/v1.1.0")
    case .staged:
      await world.release("1.0.0")
      world.planFor("1.1.0") { $0.previewReplicas = 1 }
      world.repository.push("web/v1.1.0")
    case .degradation, .collapse, .failure, .stillbirth:
      await world.release("1.0.0")
      world.script("1.1.0") { script in
        switch self {
        case .degradation: script.degradesAfter = .seconds(1)
        case .collapse: script.losesPodsAfter = .seconds(2)
        case .failure: script.smoke = .failed
        default: script.startup = .seconds(100_000)
        }
      }
      world.repository.push("web/v1.1.0")
    case .decision:
      await world.release("1.0.0")
      for version in ["1.0.1", "1.1.0", "1.2.0"] { world.repository.push("web/v\(version)") }
      let fault = PortError(.configuration, attempted: "read the plan", reason: "bake: is no map")
      world.repository.edit { $0.faults[SimulatedWorld.version("1.2.0")] = fault }
    case .supersession:
      await world.release("1.0.0")
      world.script("1.1.0") { $0.smoke = .failed }
      for version in ["1.0.1", "1.1.0"] { world.repository.push("web/v\(version)") }
    case .overtaking:
      await world.release("1.0.0")
      world.repository.push("web/v1.1.0")
      // A run was killed while the new color was being built; then the higher tag came.
      world.tap.arm([.init(name: "colors.observe", occurrence: 6): .killedAfter])
      await world.run()
      world.tap.revive()
      world.clock.advance(.seconds(61))
      world.planFor("1.2.0") { $0.standby.whenWarm = .replace }
      world.repository.push("web/v1.2.0")
    case .waiting:
      await world.release("0.9.0")
      world.repository.push("web/v1.0.0")
      await world.run()
      world.repository.push("web/v1.1.0")
    case .replacement:
      await world.release("0.9.0")
      world.repository.push("web/v1.0.0")
      await world.run()
      world.planFor("1.1.0") { $0.standby.whenWarm = .replace }
      world.repository.push("web/v1.1.0")
    case .shift:
      await world.release("1.0.0")
      world.planFor("1.1.0") { $0.connections = .long }
      world.repository.push("web/v1.1.0")
    case .overlap, .overlapBack:
      await world.release("1.0.0")
      world.planFor("1.1.0") { $0.overlapMs = 3000 }
      if self == .overlapBack { world.script("1.1.0") { $0.degradesAfter = .seconds(1) } }
      world.repository.push("web/v1.1.0")
    case .rollback, .retirement, .retry:
      await world.release("1.0.0")
      world.repository.push("web/v1.1.0")
      await world.run()
    case .coldRollback:
      await world.release("1.0.0")
      await world.release("1.1.0")
    case .handOver, .handBack, .brokenConsumer, .handBackByHand:
      world.withRunners("1.0.0", "1.1.0")
      await world.release("1.0.0")
      world.script("1.1.0") { script in
        if self == .handBack { script.degradesAfter = .seconds(2) }
        script.consumerIsBroken = self == .brokenConsumer
      }
      world.repository.push("web/v1.1.0")
      if self == .handBackByHand { await world.run() }
    }
    return world
  }

  /// What a person does in it; nothing where it is the scheduled run alone.
  func act(in world: SimulatedWorld, as installation: Installation) async {
    let web = SimulatedWorld.web
    switch self {
    case .rollback, .coldRollback, .handBackByHand: _ = try? await Rollback(installation, service: web, reason: "worse", force: false).run()
    case .retirement: _ = try? await Retire(installation, service: web).run()
    case .retry: _ = try? await Wish(.retry, installation, service: web, version: SimulatedWorld.version("1.0.0"), reason: "better").run()
    case .promotion, .staged, .degradation, .collapse, .failure, .stillbirth, .first, .withdrawal, .decision, .supersession,
      .overtaking, .waiting, .replacement, .handOver, .handBack, .brokenConsumer, .shift, .overlap, .overlapBack:
      _ = await ReleaseRun(installation).run()
    }
  }
}
