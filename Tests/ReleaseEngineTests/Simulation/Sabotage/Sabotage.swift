import ReleaseEngine
import ReleaseModel

/// A mistake that an engine could make, built in by wrapping its ports. The simulation must notice each.
enum Sabotage: String, Sendable, CaseIterable {
  case flipWithoutPrecondition = "the flip goes ahead whatever the Service says by then"
  case fenceIgnored = "a marker that somebody changed meanwhile is overwritten"
  case fenceNotRaised = "a change of the marker leaves the fence as it is"
  case outcomeBeforeAct = "the rollback is decided before the selector goes back"
  case markerAfterSelector = "the selector is flipped first and the marker follows"
  case standDownBeforeFence = "a failed color is scaled down before the fence is raised"
  case indexWithoutOpenWork = "the index is written without the open work"
  case outcomeDecidedByPush = "the outcome enters the marker once Git has it"
  case rollbackGatedOnGreen = "going back waits until the bad color is ready"
  case retiredBeforeGivenUp = "the standby is stopped before the marker gives it up"
  case quarantineReplayed = "a tag that was decided on is decided on again"
  case supersededForgotten = "tags that a plan supersedes are not written down"
  case timeoutAsPass = "a check that could not be judged counts as passed"
  case planNotAwaited = "the cluster is changed although the plan could not be pushed"
  case recordSkipped = "an outcome that could not be pushed counts as recorded"
  case lostAnswerAsFailure = "a flip whose answer was lost is called failed"
  case unwatchedAsBaked = "time in which nobody watched counts as bake"
  case stoppedWithOverlap = "the old color is stopped as soon as users are left the new one alone"
  case overlapUnplanned = "users reach both colors although no plan says so"
  case smokeSkipped = "a smoke test that fails is passed over"

  /// Within how many seeds it must be caught.
  static let limit: UInt64 = 10_000

  func wrap(_ ports: Ports) -> Ports {
    var ports = ports
    switch self {
    case .flipWithoutPrecondition, .fenceIgnored, .fenceNotRaised, .outcomeBeforeAct, .markerAfterSelector, .standDownBeforeFence,
      .rollbackGatedOnGreen, .retiredBeforeGivenUp, .lostAnswerAsFailure, .stoppedWithOverlap, .overlapUnplanned:
      ports.services = SaboteurServices(mistake: self, services: ports.services, environments: ports.environments, colors: ports.colors)
    case .indexWithoutOpenWork, .unwatchedAsBaked:
      ports.state = SaboteurState(mistake: self, state: ports.state)
      // An engine that writes what is not so would seal it too.
      ports.seal = .none
    case .outcomeDecidedByPush:
      let late = LateOutcome(services: ports.services, audit: ports.audit)
      ports.services = late
      ports.audit = late
    case .quarantineReplayed, .supersededForgotten, .planNotAwaited, .recordSkipped:
      ports.audit = SaboteurAudit(mistake: self, audit: ports.audit)
    case .timeoutAsPass, .smokeSkipped: ports.gates = SaboteurGates(mistake: self, gates: ports.gates)
    }
    return ports
  }
}
