import Testing

/// Two at once: at every single call of one run, somebody else does something whole. Neither undoes the other's work, nothing is recorded
/// twice, and the world comes to rest.
@Suite struct InterleavingTests {
  static let scenarios: [Scenario] = [.promotion, .degradation, .failure, .first, .replacement, .coldRollback, .overlap]

  @Test(arguments: scenarios, Intrusion.allCases)
  func `whoever comes in between at whichever call, no promise is broken`(_ scenario: Scenario, _ intrusion: Intrusion) async {
    let complaints = TurnExecutor.finish {
      let start = await scenario.start()
      let clean = await Trial(scenario, from: start).go(faults: [:])
      var complaints: [String] = []
      for call in clean.world.tap.log {
        let trial = await Trial(scenario, from: start).go(before: call, intrusion)
        complaints += trial.complaints.map { "\(scenario), \(intrusion) before \(call): \($0)" }
      }
      return complaints
    }
    for complaint in complaints.prefix(5) { Issue.record("\(complaint)") }
  }
}
