/// Whether the color that users are on got worse while a second environment is being built beside it. A pure value, no clock.
///
/// Only a degradation counts: what failed before the first look, or fails without having passed once, is not this rollout's doing.
package struct HarmWatch: Sendable {
  private let consecutive: Int
  private let intervalMs: Int
  private var next: Duration = .zero
  private var hasPassed = false
  private var failedInARow = 0

  package init(gate: BakeGate) {
    consecutive = max(1, gate.consecutiveFailures)
    intervalMs = gate.intervalMs
  }

  /// Whether it is time for a round of checks; the next one is due an interval later.
  package mutating func isDue(at elapsed: Duration) -> Bool {
    guard elapsed >= next else { return false }
    next = elapsed + .milliseconds(intervalMs)
    return true
  }

  /// Why the live environment counts as harmed, after one more round; nil while it does not.
  package mutating func judge(_ results: [CheckResult]) -> String? {
    guard !results.isEmpty, !results.allSatisfy({ $0.verdict == .unknown }) else { return nil }
    if let failed = results.first(where: { $0.verdict == .failed }) {
      guard hasPassed else { return nil }
      failedInARow += 1
      return failedInARow >= consecutive ? "\(failed.name): \(failed.detail), \(failedInARow) rounds in a row" : nil
    }
    failedInARow = 0
    hasPassed = true
    return nil
  }
}
