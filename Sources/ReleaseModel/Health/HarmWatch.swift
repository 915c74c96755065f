/// Whether the color that users are on got worse while a second environment is being built beside it. A pure value, no clock.
///
/// Only a degradation counts: a check that has not passed since the start is not this rollout's doing, one that failed before for some
/// rounds and recovered by itself must fail for so many rounds more, and pods that were missing at the first look are no loss.
package struct HarmWatch: Sendable {
  private struct Record {
    var hasPassed = false
    var failedInARow = 0
    /// The longest row of failed rounds that ended by itself.
    var longestRecovered = 0
  }

  private let consecutive: Int
  private let intervalMs: Int
  private var next: Duration = .zero
  private var records: [String: Record] = [:]
  private var mostReady: Int?
  private var shortRoundsInARow = 0

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
  /// - Parameter pods: the live color's; nil where they were not read.
  package mutating func judge(_ results: [CheckResult], pods: HealthWatch.Pods? = nil) -> String? {
    let reasons = Dictionary(grouping: results, by: \.name).sorted { $0.key < $1.key }.compactMap { note($0.key, $0.value) }
    let shortage = pods.flatMap { note($0) }
    return reasons.first ?? shortage
  }

  private mutating func note(_ name: String, _ results: [CheckResult]) -> String? {
    var record = records[name] ?? Record()
    defer { records[name] = record }
    guard let failed = results.filter({ $0.verdict == .failed }).min(by: { $0.detail < $1.detail }) else {
      guard results.allSatisfy({ $0.verdict == .passed }) else { return nil }
      record.hasPassed = true
      record.longestRecovered = max(record.longestRecovered, record.failedInARow)
      record.failedInARow = 0
      return nil
    }
    record.failedInARow += 1
    guard record.hasPassed, record.failedInARow >= consecutive + record.longestRecovered else { return nil }
    return "\(name): \(failed.detail), \(record.failedInARow) rounds in a row"
  }

  private mutating func note(_ pods: HealthWatch.Pods) -> String? {
    let most = max(mostReady ?? 0, pods.ready)
    mostReady = most
    shortRoundsInARow = pods.ready < min(pods.desired, most) ? shortRoundsInARow + 1 : 0
    guard shortRoundsInARow >= consecutive else { return nil }
    return "only \(pods.ready) of \(pods.desired) pods ready, \(shortRoundsInARow) rounds in a row"
  }
}
