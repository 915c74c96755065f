/// The bake's judgement: told what each round of looking found, it says whether the new color is healthy. A pure value, no clock.
///
/// Invariants: an unknown result never counts as a pass, nor its time as watched; of two series of rounds that differ only in a pass
/// turned into a failure, the one with the failure is never judged better.
package struct HealthWatch: Sendable {
  /// What one round found.
  package struct Round: Sendable {
    /// The checks through the active Service.
    package var active: [CheckResult]
    /// The same checks on the standby; empty where there is none.
    package var control: [CheckResult]
    /// The new color's pods; nil where they could not be read.
    package var pods: Pods?
    /// How long it is since the round before, in milliseconds.
    package var ms: Int

    package init(active: [CheckResult], control: [CheckResult], pods: Pods?, ms: Int) {
      self.active = active
      self.control = control
      self.pods = pods
      self.ms = ms
    }
  }

  package struct Pods: Sendable, Hashable {
    package var desired: Int
    package var ready: Int
    /// Restarts of all containers since their pods began.
    package var restarts: Int

    package init(desired: Int, ready: Int, restarts: Int) {
      self.desired = desired
      self.ready = ready
      self.restarts = restarts
    }
  }

  package enum Verdict: Sendable, Hashable {
    /// Watched long enough, and healthy.
    case passed
    case healthy
    case degraded(String)
    /// Both colors fail alike: the release is not the cause.
    case commonCause(String)
    /// So many rounds in a row could not be judged that nothing is known about the release's health.
    case unknown(String)
  }

  private let gate: BakeGate
  /// Watched time in milliseconds; rounds that could not be judged do not count.
  package private(set) var watchedMs: Int
  private var judged = 0
  private var failed = 0
  private var unjudged = 0
  private var failedRounds = 0
  private var controlFailedRounds = 0
  private var unreadyRounds = 0
  private var unknownRounds = 0
  private var firstRestarts: Int?
  private var restarts = 0

  /// - Parameter watchedMs: what an earlier run watched already.
  package init(gate: BakeGate, watchedMs: Int = 0) {
    self.gate = gate
    self.watchedMs = watchedMs
  }

  /// The verdict after one more round.
  package mutating func judge(_ round: Round) -> Verdict {
    let checksFailed = count(round.active)
    let known = (!round.active.isEmpty && !round.active.allSatisfy { $0.verdict == .unknown }) || (gate.checks.isEmpty && round.pods != nil)
    if let pods = round.pods { note(pods) }
    guard known else { return afterUnknown(round) }
    unknownRounds = 0
    failedRounds = checksFailed ? failedRounds + 1 : 0
    let controlFailed = round.control.contains { $0.verdict == .failed }
    controlFailedRounds = checksFailed && controlFailed ? controlFailedRounds + 1 : 0
    if let reason = degradation(round) {
      let alike = checksFailed && controlFailedRounds > 0 && controlFailedRounds >= min(failedRounds, gate.consecutiveFailures)
      return alike ? .commonCause("both colors fail alike: \(reason)") : .degraded(reason)
    }
    // A round with a failure was watched too: it is known what happened in it.
    watchedMs += round.ms
    return watchedMs >= gate.durationMs ? .passed : .healthy
  }

  /// One line for the record: `182 of 190 checks passed (4.2 % failed, 5 % tolerated), 0 restarts`.
  package var summary: String {
    var parts: [String] = []
    if judged > 0 {
      parts.append("\(judged - failed) of \(judged) checks passed (\(percent(rate)) failed, \(percent(gate.failureRate)) tolerated)")
    }
    if unjudged > 0 { parts.append("\(unjudged) could not be judged") }
    parts.append("\(restarts) restarts")
    return parts.joined(separator: ", ")
  }

  private var rate: Double { judged == 0 ? 0 : Double(failed) / Double(judged) }

  private func percent(_ share: Double) -> String {
    let tenths = Int((share * 1000).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10) %" : "\(tenths / 10).\(tenths % 10) %"
  }

  /// Counts a round's checks; true where one failed.
  private mutating func count(_ results: [CheckResult]) -> Bool {
    for result in results {
      switch result.verdict {
      case .passed: judged += 1
      case .failed:
        judged += 1
        failed += 1
      case .unknown: unjudged += 1
      }
    }
    return results.contains { $0.verdict == .failed }
  }

  private mutating func note(_ pods: Pods) {
    let first = firstRestarts ?? pods.restarts
    firstRestarts = first
    // A replaced pod takes its count along; what was counted stays counted.
    restarts = max(restarts, pods.restarts - first)
    unreadyRounds = pods.ready < pods.desired ? unreadyRounds + 1 : 0
  }

  private mutating func afterUnknown(_ round: Round) -> Verdict {
    unknownRounds += 1
    if restarts > gate.restarts { return .degraded(restartsReason) }
    guard unknownRounds >= max(10, gate.consecutiveFailures * 3) else { return .healthy }
    let why = round.active.first?.detail ?? "the pods could not be read"
    return .unknown("nothing could be judged in \(unknownRounds) rounds in a row: \(why)")
  }

  private func degradation(_ round: Round) -> String? {
    let example = round.active.first { $0.verdict == .failed }.map { " (\($0.name): \($0.detail))" } ?? ""
    if failedRounds >= gate.consecutiveFailures { return "\(failedRounds) failed rounds in a row\(example)" }
    if judged >= gate.minimumSamples && rate > gate.failureRate {
      return "\(failed) of \(judged) checks failed, \(percent(rate)) against \(percent(gate.failureRate)) tolerated\(example)"
    }
    if restarts > gate.restarts { return restartsReason }
    if let pods = round.pods, unreadyRounds >= gate.consecutiveFailures {
      return "only \(pods.ready) of \(pods.desired) pods ready for \(unreadyRounds) rounds"
    }
    return nil
  }

  private var restartsReason: String { "\(restarts) container restarts, \(gate.restarts) tolerated" }
}
