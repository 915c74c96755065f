import ReleaseEngine
import ReleaseModel

/// What somebody else does in the midst of a run.
enum Intrusion: String, Sendable, CaseIterable {
  /// Another scheduled run, as the CronJob allows.
  case run
  /// Another run that gets the Lease although this one still works.
  case runWithLease
  case rollback
  /// A rollback that gets the Lease as well.
  case rollbackWithLease
  case retire
  case retry
  /// A higher tag is pushed, and another run sees it.
  case tag
  /// Somebody touches the Service where it is nobody's business.
  case touch

  func act(in world: SimulatedWorld) async {
    let web = SimulatedWorld.web
    switch self {
    case .run: await world.run()
    case .runWithLease:
      world.cluster.edit { $0.leases = [:] }
      await world.run()
    case .rollback: _ = try? await Rollback(world.installation(), service: web, reason: "worse", force: false).run()
    case .rollbackWithLease:
      world.cluster.edit { $0.leases = [:] }
      _ = try? await Rollback(world.installation(), service: web, reason: "worse", force: false).run()
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
