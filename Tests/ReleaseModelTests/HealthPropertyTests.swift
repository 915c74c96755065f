import TestSupport
import Testing

@testable import ReleaseModel

/// What holds for every series of rounds, tried on thousands that one seed decides.
@Suite struct HealthPropertyTests {
  static let letters: [Character] = [".", ".", ".", "x", "?"]

  static func series(_ random: inout Seeded) -> [HealthWatch.Round] {
    (0..<Int.random(in: 1...40, using: &random)).map { _ in
      let names = ["a", "b", "c"].prefix(Int.random(in: 1...3, using: &random))
      func results(_ random: inout Seeded) -> [CheckResult] {
        names.map { HealthWatchTests.result(letters.randomElement(using: &random) ?? ".", $0) }
      }
      let pods = HealthWatch.Pods(desired: 3, ready: Int.random(in: 0...9, using: &random) == 0 ? 2 : 3, restarts: 0)
      return HealthWatch.Round(
        active: results(&random), control: Bool.random(using: &random) ? results(&random) : [],
        pods: Int.random(in: 0...5, using: &random) == 0 ? nil : pods, ms: 1000)
    }
  }

  static func gate(_ random: inout Seeded) -> BakeGate {
    HealthWatchTests.gate(
      rounds: Int.random(in: 1...30, using: &random), rate: Double.random(in: 0...0.6, using: &random),
      samples: Int.random(in: 0...20, using: &random), row: Int.random(in: 1...5, using: &random))
  }

  /// How bad a verdict is.
  static func rank(_ verdict: HealthWatch.Verdict) -> Int {
    switch verdict {
    case .passed: 0
    case .healthy: 1
    case .unknown: 2
    case .commonCause: 3
    case .degraded: 4
    }
  }

  @Test("A pass turned into a failure never makes a verdict better, in its round or any later one")
  func monotone() {
    var random = Seeded(1)
    var worse = 0
    for _ in 0..<4000 {
      let gate = Self.gate(&random)
      let better = Self.series(&random)
      var failing = better
      let round = Int.random(in: 0..<failing.count, using: &random)
      guard let check = failing[round].active.firstIndex(where: { $0.verdict == .passed }) else { continue }
      failing[round].active[check] = HealthWatchTests.result("x", failing[round].active[check].name)
      let before = HealthWatchTests.verdicts(gate, better).map(Self.rank)
      let after = HealthWatchTests.verdicts(gate, failing).map(Self.rank)
      #expect(zip(before, after).allSatisfy { $0 <= $1 }, "\(before) \(after)")
      if before != after { worse += 1 }
    }
    // The property would hold for a judgement that never changes, too.
    #expect(worse > 400)
  }

  @Test("A round with an unknown result passes nothing, and its time is not watched")
  func unknownIsNoPass() {
    var random = Seeded(2)
    for _ in 0..<4000 {
      var series = Self.series(&random)
      let round = Int.random(in: 0..<series.count, using: &random)
      series[round].active[0] = HealthWatchTests.result("?", series[round].active[0].name)
      var watch = HealthWatch(gate: Self.gate(&random))
      for (index, found) in series.enumerated() {
        let before = watch.watchedMs
        let verdict = watch.judge(found)
        guard index == round else { continue }
        #expect(watch.watchedMs == before)
        #expect(verdict != .passed)
      }
    }
  }

  @Test("The order of checks within a round does not matter")
  func order() {
    var random = Seeded(3)
    for _ in 0..<2000 {
      let gate = Self.gate(&random)
      let series = Self.series(&random)
      let shuffled = series.map { round in
        HealthWatch.Round(
          active: round.active.shuffled(using: &random), control: round.control.shuffled(using: &random), pods: round.pods, ms: round.ms)
      }
      #expect(HealthWatchTests.verdicts(gate, series).map(Self.rank) == HealthWatchTests.verdicts(gate, shuffled).map(Self.rank))
    }
  }
}
