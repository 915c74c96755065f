import Testing

@testable import ReleaseModel

/// Only a degradation relative to the start is harm.
@Suite struct HarmWatchTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var rounds: String
    /// The first round, from 1, after which the live color counts as harmed.
    var harmedAt: Int?
    var testDescription: String { rounds }
  }

  @Test(
    "A check counts once it has passed, and a longer row of failures than it recovered from by itself",
    arguments: [
      Case(rounds: "..........", harmedAt: nil),
      Case(rounds: "xxxxxxxxxx", harmedAt: nil),
      Case(rounds: ".xxx", harmedAt: 4),
      Case(rounds: ".x?x?x", harmedAt: 6),
      Case(rounds: ".xx.xx.xxxx", harmedAt: nil),
      Case(rounds: ".xx.xxxxx", harmedAt: 9),
      Case(rounds: "xxxx.xxxxxx", harmedAt: nil),
      Case(rounds: "xxxx.xxxxxxx", harmedAt: 12),
      Case(rounds: ".????????", harmedAt: nil),
    ])
  func rows(_ example: Case) {
    var watch = HarmWatch(gate: HealthWatchTests.gate())
    let harmed = example.rounds.enumerated().first { watch.judge([HealthWatchTests.result($1)]) != nil }
    #expect(harmed.map { $0.offset + 1 } == example.harmedAt)
  }

  @Test("A check that never worked does not hide another that stops working")
  func twoChecks() {
    var watch = HarmWatch(gate: HealthWatchTests.gate())
    var reason: String?
    for letter in "..xxx" { reason = watch.judge([HealthWatchTests.result("x", "broken"), HealthWatchTests.result(letter, "works")]) }
    #expect(reason == "works: HTTP 500, expected 200, 3 rounds in a row")
  }

  @Test("Pods that go missing are harm; pods that were missing from the start are not")
  func pods() {
    var watch = HarmWatch(gate: HealthWatchTests.gate())
    func judge(_ ready: Int) -> String? { watch.judge([], pods: .init(desired: 3, ready: ready, restarts: 0)) }
    #expect((0..<5).allSatisfy { _ in judge(2) == nil })
    #expect(judge(3) == nil)
    #expect(judge(2) == nil)
    #expect(judge(2) == nil)
    #expect(judge(2) == "only 2 of 3 pods ready, 3 rounds in a row")
  }

  @Test("A round is due an interval after the one before")
  func pace() {
    var watch = HarmWatch(gate: HealthWatchTests.gate())
    let due = [0, 400, 1000, 1400, 2100, 3000].map { watch.isDue(at: .milliseconds($0)) }
    #expect(due == [true, false, true, false, true, false])
  }
}
