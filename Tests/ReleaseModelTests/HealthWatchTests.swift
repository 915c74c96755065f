import Testing

@testable import ReleaseModel

/// Rounds are written as letters: one check of the active color and one of the control in each.
/// `.` passed, `x` failed, `?` could not be judged, and for the control `-` none.
@Suite struct HealthWatchTests {
  static func gate(
    rounds: Int = 100, rate: Double = 0.5, samples: Int = 10, row: Int = 3, restarts: Int = 0, checks: Int = 1
  ) -> BakeGate {
    BakeGate(
      durationMs: rounds * 1000, intervalMs: 1000, checks: (0..<checks).map { HTTPCheck(name: "check \($0)") }, failureRate: rate,
      minimumSamples: samples, consecutiveFailures: row, restarts: restarts)
  }

  static func result(_ letter: Character, _ name: String = "GET /") -> CheckResult {
    let verdict: CheckResult.Verdict = letter == "." ? .passed : letter == "x" ? .failed : .unknown
    let detail = letter == "." ? "HTTP 200" : letter == "x" ? "HTTP 500, expected 200" : "name not resolved"
    return CheckResult(name: name, verdict: verdict, detail: detail, latencyMs: 3, requests: 1, route: .service)
  }

  static func rounds(_ active: String, control: String = "") -> [HealthWatch.Round] {
    let padded = Array(control) + Array(repeating: "-", count: max(0, active.count - control.count))
    return zip(active, padded).map { active, control in
      HealthWatch.Round(
        active: [result(active)], control: control == "-" ? [] : [result(control)], pods: .init(desired: 2, ready: 2, restarts: 0), ms: 1000
      )
    }
  }

  static func verdicts(_ gate: BakeGate, _ rounds: [HealthWatch.Round]) -> [HealthWatch.Verdict] {
    var watch = HealthWatch(gate: gate)
    return rounds.map { watch.judge($0) }
  }

  // A degradation is named at the very round that makes it one, never before.
  struct Case: Sendable, CustomTestStringConvertible {
    var active: String
    var control = ""
    var gate = HealthWatchTests.gate()
    var verdict: HealthWatch.Verdict
    var testDescription: String { "\(active) / \(control)" }
  }

  @Test(
    "A verdict falls at the round that justifies it",
    arguments: [
      Case(active: "..xx", verdict: .healthy),
      Case(active: "..xxx", verdict: .degraded("3 failed rounds in a row (GET /: HTTP 500, expected 200)")),
      Case(active: "x?x?x", verdict: .degraded("3 failed rounds in a row (GET /: HTTP 500, expected 200)")),
      Case(active: "xx.xx", verdict: .healthy),
      Case(active: "x", gate: gate(row: 0), verdict: .degraded("1 failed rounds in a row (GET /: HTTP 500, expected 200)")),
      Case(active: "x..x..x..", gate: gate(rate: 0.3), verdict: .healthy),
      Case(
        active: "x..x..x..x", gate: gate(rate: 0.3),
        verdict: .degraded("4 of 10 checks failed, 40 % against 30 % tolerated (GET /: HTTP 500, expected 200)")),
      Case(active: "x..x..x...", gate: gate(rate: 0.3), verdict: .healthy),
      // Both fail alike.
      Case(
        active: "..xxx", control: "..xxx",
        verdict: .commonCause("both colors fail alike: 3 failed rounds in a row (GET /: HTTP 500, expected 200)")),
      Case(active: "..xxx", control: ".....", verdict: .degraded("3 failed rounds in a row (GET /: HTTP 500, expected 200)")),
      Case(
        active: "..xxx", control: "...xx",
        verdict: .commonCause("both colors fail alike: 3 failed rounds in a row (GET /: HTTP 500, expected 200)")),
      Case(active: "xxxxxx", control: "xxx", verdict: .degraded("3 failed rounds in a row (GET /: HTTP 500, expected 200)")),
      Case(active: "xxxx....", control: "xxxx....", verdict: .healthy),
      Case(active: "......", control: "xxxxxx", verdict: .healthy),
      // Nothing known.
      Case(active: "?????????", verdict: .healthy),
      Case(active: "??????????", verdict: .unknown("health could not be judged in 10 rounds in a row (GET /: name not resolved)")),
      Case(active: "?????.?????", verdict: .healthy),
      Case(
        active: "????????????", gate: gate(row: 4),
        verdict: .unknown("health could not be judged in 12 rounds in a row (GET /: name not resolved)")),
      Case(active: "?.???", gate: gate(rounds: 1), verdict: .healthy),
      // The end.
      Case(active: "...", gate: gate(rounds: 3), verdict: .passed),
      Case(active: "..?", gate: gate(rounds: 3), verdict: .healthy),
      Case(active: "..?.", gate: gate(rounds: 3), verdict: .passed),
      Case(active: "x..", gate: gate(rounds: 3, rate: 0.1), verdict: .healthy),
      Case(active: "x........", gate: gate(rounds: 3, rate: 0.1), verdict: .healthy),
      Case(active: "x.........", gate: gate(rounds: 3, rate: 0.1), verdict: .passed),
    ])
  func table(_ example: Case) {
    let verdicts = Self.verdicts(example.gate, Self.rounds(example.active, control: example.control))
    #expect(verdicts.last == example.verdict)
    let decisive = verdicts.dropLast().filter { if case .degraded = $0 { true } else { false } }
    #expect(decisive.isEmpty)
  }

  @Test("A failure is shared only where the control fails in the same check")
  func otherCheck() {
    var watch = HealthWatch(gate: Self.gate(row: 1, checks: 2))
    let round = HealthWatch.Round(
      active: [Self.result("x", "a"), Self.result(".", "b")], control: [Self.result(".", "a"), Self.result("x", "b")],
      pods: .init(desired: 1, ready: 1, restarts: 0), ms: 1000)
    #expect(watch.judge(round) == .degraded("1 failed rounds in a row (a: HTTP 500, expected 200)"))
  }

  @Test("A release that fails more than what it shares with the control is to blame, even if both fail in the last round")
  func sharedTail() {
    let verdicts = Self.verdicts(Self.gate(rate: 0.2, row: 9), Self.rounds("x.x.x.x.x.x", control: "..........x"))
    #expect(verdicts[9] == .degraded("5 of 10 checks failed, 50 % against 20 % tolerated"))
    guard case .degraded = verdicts[10] else { return #expect(Bool(false), "\(verdicts[10])") }
  }

  // Pods.
  static func podVerdict(_ samples: [HealthWatch.Pods?], restarts: Int = 0, rounds: Int = 100) -> HealthWatch.Verdict? {
    verdicts(
      gate(rounds: rounds, restarts: restarts, checks: 0),
      samples.map { HealthWatch.Round(active: [], control: [], pods: $0, ms: 1000) }
    ).last
  }

  static func pods(_ ready: Int, of desired: Int = 3, restarts: Int = 0) -> HealthWatch.Pods {
    HealthWatch.Pods(desired: desired, ready: ready, restarts: restarts)
  }

  @Test("Restarts count from the bake's start, and those of a pod that was replaced stay counted")
  func restarts() {
    #expect(Self.podVerdict([Self.pods(3, restarts: 7), Self.pods(3, restarts: 7)]) == .healthy)
    #expect(Self.podVerdict([Self.pods(3, restarts: 7), Self.pods(3, restarts: 8)]) == .degraded("1 container restart, 0 tolerated"))
    #expect(Self.podVerdict([Self.pods(3), Self.pods(3, restarts: 2)], restarts: 2) == .healthy)
    let replaced = [Self.pods(3), Self.pods(3, restarts: 2), Self.pods(3, restarts: 0), Self.pods(3, restarts: 1)]
    #expect(Self.podVerdict(replaced, restarts: 2) == .degraded("3 container restarts, 2 tolerated"))
  }

  @Test("What a consumer crashed before it was judged does not count, what it crashes then does")
  func consumers() {
    func pods(_ consumers: Int?) -> HealthWatch.Pods { .init(desired: 3, ready: 3, restarts: 0, consumerRestarts: consumers) }
    #expect(Self.podVerdict([pods(nil), pods(2), pods(2)]) == .healthy)
    #expect(Self.podVerdict([pods(nil), pods(2), pods(3)]) == .degraded("1 container restart, 0 tolerated"))
  }

  @Test("Pods that are missing round after round are a degradation; pods that an autoscaler adds and that still start are not")
  func readiness() {
    #expect(Self.podVerdict([Self.pods(3), Self.pods(2), Self.pods(2)]) == .healthy)
    #expect(Self.podVerdict([Self.pods(3), Self.pods(2), Self.pods(2), Self.pods(3), Self.pods(2)]) == .healthy)
    let missing = HealthWatch.Verdict.degraded("only 2 of 3 pods ready for 3 rounds")
    #expect(Self.podVerdict([Self.pods(3), Self.pods(2), nil, Self.pods(2), Self.pods(2)]) == missing)
    #expect(Self.podVerdict([Self.pods(2), Self.pods(2), Self.pods(2)]) == missing)
    let growing = [Self.pods(3)] + Array(repeating: Self.pods(3, of: 5), count: 9)
    #expect(Self.podVerdict(growing) == .healthy)
    #expect(
      Self.podVerdict(growing + [Self.pods(5, of: 5)] + Array(repeating: Self.pods(4, of: 5), count: 3))
        == .degraded("only 4 of 5 pods ready for 3 rounds"))
    #expect(Self.podVerdict([Self.pods(3)] + Array(repeating: Self.pods(2, of: 2), count: 5)) == .healthy)
  }

  @Test("Time in which the pods could not be read is not watched, whatever the checks say")
  func podsUnread() {
    var watch = HealthWatch(gate: Self.gate(rounds: 1))
    for _ in 0..<99 {
      #expect(watch.judge(.init(active: [Self.result(".")], control: [], pods: nil, ms: 1000)) == .healthy)
    }
    #expect(watch.watchedMs == 0)
    #expect(
      watch.judge(.init(active: [Self.result(".")], control: [], pods: nil, ms: 1000))
        == .unknown("health could not be judged in 100 rounds in a row (the pods could not be read)"))
    #expect(watch.judge(.init(active: [Self.result(".")], control: [], pods: Self.pods(3), ms: 1000)) == .passed)
  }

  @Test("What an earlier run watched counts; time that was not watched does not")
  func watchedTime() {
    var watch = HealthWatch(gate: Self.gate(rounds: 5), watchedMs: 3000)
    for round in Self.rounds("?x.") { _ = watch.judge(round) }
    #expect(watch.watchedMs == 5000)
    #expect(watch.rounds.healthy == 2)
    #expect(watch.rounds.unknown == 1)
  }

  @Test("The summary says what was counted")
  func summary() {
    var watch = HealthWatch(gate: Self.gate(rate: 0.05, samples: 1000, row: 99))
    #expect(watch.summary == "restarts not known")
    for round in Self.rounds(String(repeating: ".", count: 182) + "xxxxxxxx") { _ = watch.judge(round) }
    #expect(watch.summary == "182 of 190 checks passed (4.2 % failed, 5 % tolerated), 0 restarts")
    for round in Self.rounds("??") { _ = watch.judge(round) }
    #expect(watch.summary == "182 of 190 checks passed (4.2 % failed, 5 % tolerated), 2 could not be judged, 0 restarts")
  }
}
