import Testing

/// Two at once: at every single call of one run, somebody else does something whole. Neither undoes the other's work, nothing is recorded
/// twice, and the world comes to rest.
@Suite struct InterleavingTests {
  static let scenarios: [CrashTests.Scenario] = [.promotion, .degradation, .failure, .first, .replacement, .coldRollback]

  @Test(arguments: scenarios, Intrusion.allCases)
  func `whoever comes in between at whichever call, no promise is broken`(_ scenario: CrashTests.Scenario, _ intrusion: Intrusion) async {
    let start = await Trial.start(of: scenario)
    let clean = await Trial(scenario, from: start).go(faults: [:])
    for call in clean.world.tap.log {
      let trial = await Trial(scenario, from: start).go(before: call, intrusion)
      for complaint in trial.complaints { Issue.record("\(scenario), \(intrusion) before \(call): \(complaint)") }
    }
  }
}
