import ReleaseEngine
import ReleaseModel
import Testing

/// One thing goes wrong, at every single call to a port in turn: whatever it is and wherever it hits, later runs bring the world to rest in
/// a state that is right, and no promise is broken on the way.
@Suite struct CrashTests {
  /// What is under way when it happens.
  enum Scenario: String, Sendable, CaseIterable {
    /// 1.1.0 follows 1.0.0, beside the objects of a release before.
    case promotion
    /// 1.1.0 degrades in its bake.
    case degradation
    /// 1.1.0 fails its smoke test.
    case failure
    /// The first release of all.
    case first
    /// The first release degrades and is withdrawn.
    case withdrawal
    /// Three tags at once, of which one is refused and one superseded.
    case decision
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

    /// The versions that users may be on in the end, where nothing is left to chance.
    var versions: [String?] {
      switch self {
      case .promotion, .first, .decision, .replacement, .retirement: ["1.1.0"]
      case .degradation, .failure: ["1.0.0"]
      case .withdrawal: [nil]
      // A person whose command was killed asks again.
      case .rollback, .coldRollback: ["1.0.0", "1.1.0"]
      case .retry: ["1.0.0", "1.1.0"]
      }
    }
  }

  // Killed before a call is killed after the one before it.
  @Test(arguments: Scenario.allCases, [PortTap.Fault.killedAfter, .unreachable, .lostAnswer])
  func `whatever happens at whichever call, later runs set it right`(_ scenario: Scenario, _ fault: PortTap.Fault) async {
    let start = await Trial.start(of: scenario)
    let clean = await Trial(scenario, from: start).go(faults: [:])
    #expect(clean.complaints == [], "without a fault")
    let calls = clean.world.tap.log.filter { $0.isWrite || fault != .lostAnswer }
    #expect(calls.count > 10)
    for call in calls {
      let trial = await Trial(scenario, from: start).go(faults: [call: fault])
      for complaint in trial.complaints { Issue.record("\(scenario), \(fault) at \(call): \(complaint)") }
    }
  }
}
