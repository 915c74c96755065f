import ReleaseEngine
import ReleaseModel
import Testing

/// Something goes wrong, at every single call to a port in turn: whatever it is and wherever it hits, later runs bring the world to rest in a
/// state that is right, and no promise is broken on the way.
@Suite struct CrashTests {
  @Test(arguments: Scenario.allCases, PortTap.Fault.allCases)
  func `whatever happens at whichever call, later runs set it right`(_ scenario: Scenario, _ fault: PortTap.Fault) async {
    let (calls, complaints) = TurnExecutor.finish {
      let start = await scenario.start()
      let clean = await Trial(scenario, from: start).go(faults: [:])
      var complaints = clean.complaints.map { "\(scenario) without a fault: \($0)" }
      let calls = clean.world.tap.log.filter { $0.isWrite || fault != .lostAnswer }
      for call in calls {
        let trial = await Trial(scenario, from: start).go(faults: [call: fault])
        complaints += trial.complaints.map { "\(scenario), \(fault) at \(call): \($0)" }
      }
      return (calls.count, complaints)
    }
    #expect(calls > 10)
    for complaint in complaints.prefix(5) { Issue.record("\(complaint)") }
    Tally.crashes.add(calls, scenario.rawValue)
  }

  /// The scenarios in which all pairs can be played within minutes.
  static let short: [Scenario] = [.retirement, .rollback, .coldRollback, .retry, .first, .failure]

  /// Each scenario's pairs in so many parts, which are played side by side.
  static let shares = 0..<4

  /// A call that changes nothing leaves the world as it was: a kill after it is the kill after the last write, which is played.
  @Test(arguments: short, shares)
  func `killed, and the next run killed again, at whichever two calls`(_ scenario: Scenario, _ share: Int) async {
    let (pairs, complaints) = TurnExecutor.finish {
      let start = await scenario.start()
      let clean = await Trial(scenario, from: start).go(faults: [:])
      var pairs = 0
      var complaints: [String] = []
      for (index, first) in clean.world.tap.log.filter(\.isWrite).enumerated() where index % Self.shares.count == share {
        let killed = await Trial(scenario, from: start).killed(after: first)
        let once = await Trial(scenario, from: killed).goOn(faults: [:])
        complaints += once.complaints.map { "\(scenario), killed after \(first): \($0)" }
        for second in once.world.tap.log where second.isWrite {
          let twice = await Trial(scenario, from: killed).goOn(faults: [second: .killedAfter])
          complaints += twice.complaints.map { "\(scenario), killed after \(first) and then after \(second): \($0)" }
          pairs += 1
        }
      }
      return (pairs, complaints)
    }
    #expect(pairs > 100)
    for complaint in complaints.prefix(5) { Issue.record("\(complaint)") }
    Tally.pairs.add(pairs, scenario.rawValue)
  }
}
