/// What a bake's checks found so far: all failures, and those that the control did not share.
///
/// Invariant: turning a pass into a failure lowers none of its counts of failures, rows and rates; that is what makes the judgement monotone.
struct CheckTally: Sendable {
  /// Checks that passed or failed.
  private(set) var judged = 0
  private(set) var failed = 0
  private(set) var unknown = 0
  /// Rounds with a failure, in a row. A round without one ends the row only if all of it passed.
  private(set) var roundsInARow = 0
  /// Rounds with an own failure, in a row. A round whose failures are all shared neither adds to it nor ends it.
  private(set) var ownRoundsInARow = 0
  private var common = 0

  /// What one round's checks found.
  struct Found: Sendable {
    var own = 0
    var common = 0
  }

  /// The share of judged checks that failed, 0…1.
  var rate: Double { judged == 0 ? 0 : Double(failed) / Double(judged) }
  /// The same without the failures that the control shared.
  var ownRate: Double { judged == common ? 0 : Double(failed - common) / Double(judged - common) }

  mutating func add(_ results: [CheckResult], control: [CheckResult]) -> Found {
    let failures = CheckTally.failures(results)
    let excused = CheckTally.failures(control)
    var found = Found()
    for (name, count) in failures {
      let shared = min(count, excused[name] ?? 0)
      found.common += shared
      found.own += count - shared
    }
    let undecided = results.count { $0.verdict == .unknown }
    unknown += undecided
    judged += results.count - undecided
    failed += found.own + found.common
    common += found.common
    let allPassed = !results.isEmpty && results.allSatisfy { $0.verdict == .passed }
    roundsInARow = found.own + found.common > 0 ? roundsInARow + 1 : (allPassed ? 0 : roundsInARow)
    ownRoundsInARow = found.own > 0 ? ownRoundsInARow + 1 : (allPassed ? 0 : ownRoundsInARow)
    return found
  }

  private static func failures(_ results: [CheckResult]) -> [String: Int] {
    results.reduce(into: [:]) { counts, result in
      if result.verdict == .failed { counts[result.name, default: 0] += 1 }
    }
  }
}
