import FoundationEssentials
import ReleaseEngine
import ReleaseModel
import Testing

/// Two runs and more, interleaved call by call as a seed decides, with people and faults in between: no promise is broken, and the world
/// comes to rest.
///
/// A seed that fails prints its whole history; `TAGFLIP_SEED=N swift test --filter SeedTests` plays that one again. The same ten thousand are
/// played each time, so that a change is judged by what it changes; `TAGFLIP_SEED_FROM=10000 swift test --filter SeedTests` plays others.
@Suite struct SeedTests {
  /// How many seeds each share plays.
  static let share: UInt64 = 625
  static let shares = Array(UInt64(0)..<16)
  static let first = environment("TAGFLIP_SEED_FROM") ?? 0

  @Test(.enabled(if: SeedTests.chosen == nil, "one seed is played alone"), arguments: shares)
  func `whatever the order and whatever goes wrong, no promise is broken`(_ share: UInt64) async {
    let stages = SeededPlay.starts
    let start = SeedTests.first + share * SeedTests.share
    for seed in start..<start + SeedTests.share {
      let play = SeededPlay(seed: seed, starts: stages, sabotage: nil)
      guard !play.complaints.isEmpty else { continue }
      Issue.record("\(play.report)")
      return
    }
    Tally.seeds.add(Int(SeedTests.share), "\(share)")
  }

  @Test func `the same seed tells the same story`() {
    for seed in UInt64(77)..<87 {
      let first = SeededPlay(seed: seed, starts: SeededPlay.starts, sabotage: nil)
      let second = SeededPlay(seed: seed, starts: SeededPlay.starts, sabotage: nil)
      #expect(first.history.count > 40)
      #expect(first.history == second.history)
      #expect(first.records == second.records)
    }
  }

  static let chosen = environment("TAGFLIP_SEED")

  private static func environment(_ name: String) -> UInt64? { ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) } }

  @Test(.enabled(if: SeedTests.chosen != nil, "TAGFLIP_SEED names no seed"))
  func `the seed that was asked for`() throws {
    let play = SeededPlay(seed: try #require(SeedTests.chosen), starts: SeededPlay.starts, sabotage: nil)
    print(play.report)
    #expect(play.complaints.isEmpty)
  }
}
