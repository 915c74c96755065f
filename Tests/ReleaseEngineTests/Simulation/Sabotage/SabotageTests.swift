import Testing

/// The simulation is able to fail: an engine with a mistake in it breaks a promise within a few thousand seeds.
@Suite struct SabotageTests {
  @Test(arguments: Sabotage.allCases)
  func `a mistake is noticed`(_ mistake: Sabotage) {
    let starts = SeededPlay.starts
    for seed in 1...Sabotage.limit {
      let play = SeededPlay(seed: seed, starts: starts, sabotage: mistake)
      guard let complaint = play.complaints.first else { continue }
      print("sabotage: \(mistake.rawValue): noticed by seed \(seed): \(complaint.prefix(100))")
      Tally.sabotage.add(1, mistake.rawValue)
      return
    }
    Issue.record("\(mistake.rawValue): \(Sabotage.limit) seeds noticed nothing")
  }
}
