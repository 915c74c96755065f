/// The bake's judgement: told what each round of looking found, it says whether the new color is healthy. A pure value, no clock.
///
/// Failures are counted twice: all of them, and the color's *own*, those that the standby did not show in the same check of the same round.
/// Own failures beyond what the gate tolerates are a degradation; failures beyond it that are not own have a common cause.
///
/// Invariants: an unknown result never counts as a pass, nor its round as watched; of two series of rounds that differ only in a pass
/// turned into a failure, the one with the failure is never judged better; the order of checks within a round does not matter.
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

  /// A color's pods at one instant.
  package struct Pods: Sendable, Hashable {
    package var desired: Int
    package var ready: Int
    /// Restarts of all containers since their pods began.
    package var restarts: Int
    /// The same of what acts without the Service; nil while it is not judged, since it is still being handed over.
    package var consumerRestarts: Int?

    package init(desired: Int, ready: Int, restarts: Int, consumerRestarts: Int? = nil) {
      self.desired = desired
      self.ready = ready
      self.restarts = restarts
      self.consumerRestarts = consumerRestarts
    }
  }

  /// What is known after a round.
  package enum Verdict: Sendable, Hashable {
    /// Watched long enough, and healthy.
    case passed
    /// Nothing speaks against the color so far.
    case healthy
    case degraded(String)
    /// Both colors fail alike: the release is not the cause.
    case commonCause(String)
    /// So many rounds in a row could not be judged that nothing is known about the release's health.
    case unknown(String)
  }

  private let gate: BakeGate
  /// Watched time in milliseconds; rounds that could not be judged whole, or that had a common cause, do not count.
  package private(set) var watchedMs: Int
  /// How many rounds were seen, by what they found.
  package private(set) var rounds = RoundCounts()
  private var checks = CheckTally()
  private var pods: PodTally
  /// Rounds that could not be judged whole, in a row, and those of them in which nothing could be judged.
  private var unwatchedInARow = 0
  private var blindInARow = 0

  /// - Parameter watchedMs: what an earlier run watched already.
  package init(gate: BakeGate, watchedMs: Int = 0) {
    self.gate = gate
    self.watchedMs = watchedMs
    pods = PodTally()
  }

  /// The verdict after one more round.
  package mutating func judge(_ round: Round) -> Verdict {
    let found = checks.add(round.active, control: round.control)
    if let seen = round.pods { pods.add(seen) }
    noteGaps(round)
    if let reason = ownFault(round) { return conclude(.degraded(reason)) }
    if found.common > 0, let reason = sharedFault(round) { return conclude(.commonCause("both colors fail alike: \(reason)")) }
    guard unwatchedInARow == 0 else { return afterGap(round) }
    // A round with a tolerated failure was watched too: it is known what happened in it.
    watchedMs += max(0, round.ms)
    return conclude(isDone ? .passed : .healthy)
  }

  /// One line for the record: `182 of 190 checks passed (4.2 % failed, 5 % tolerated), 0 restarts`.
  package var summary: String {
    var parts: [String] = []
    if checks.judged > 0 {
      let rates = "\(percent(checks.rate)) failed, \(percent(gate.failureRate)) tolerated"
      parts.append("\(checks.judged - checks.failed) of \(checks.judged) checks passed (\(rates))")
    }
    if checks.unknown > 0 { parts.append("\(checks.unknown) could not be judged") }
    parts.append(pods.wereSeen ? pods.restarts.counted("restart") : "restarts not known")
    return parts.joined(separator: ", ")
  }

  /// Watched long enough, with a failure rate that holds: few samples, some of them failures, are watched on until the rate means something.
  private var isDone: Bool {
    watchedMs >= gate.durationMs && (checks.judged >= gate.minimumSamples || checks.rate <= gate.failureRate)
  }

  /// Whether all that the gate asks about was answered, one way or the other.
  private func isWhole(_ round: Round) -> Bool {
    round.pods != nil && (!round.active.isEmpty || gate.checks.isEmpty) && !round.active.contains { $0.verdict == .unknown }
  }

  private mutating func noteGaps(_ round: Round) {
    unwatchedInARow = isWhole(round) ? 0 : unwatchedInARow + 1
    let isBlind = round.active.allSatisfy { $0.verdict == .unknown } && (!gate.checks.isEmpty || round.pods == nil)
    blindInARow = isBlind ? blindInARow + 1 : 0
  }

  private mutating func afterGap(_ round: Round) -> Verdict {
    let patience = max(10, gate.consecutiveFailures * 3)
    // Where something is judged and it passes, a gap beside it is borne ten times as long: users are served.
    guard blindInARow >= patience || unwatchedInARow >= patience * 10 else {
      rounds.unknown += 1
      return .healthy
    }
    let why = round.active.first { $0.verdict == .unknown }.map { "\($0.name): \($0.detail)" } ?? "the pods could not be read"
    return conclude(.unknown("health could not be judged in \(unwatchedInARow) rounds in a row (\(why))"))
  }

  private mutating func conclude(_ verdict: Verdict) -> Verdict {
    switch verdict {
    case .passed, .healthy: rounds.healthy += 1
    case .degraded: rounds.degraded += 1
    case .commonCause: rounds.commonCause += 1
    case .unknown: rounds.unknown += 1
    }
    return verdict
  }

  private func ownFault(_ round: Round) -> String? {
    if checks.ownRoundsInARow >= needed { return "\(checks.ownRoundsInARow) failed rounds in a row\(example(round))" }
    if hasSamples && checks.ownRate > gate.failureRate { return rateReason(round) }
    if pods.restarts > gate.restarts { return "\(pods.restarts.counted("container restart")), \(gate.restarts) tolerated" }
    if pods.shortRoundsInARow >= needed, let last = pods.last {
      return "only \(last.ready) of \(last.desired) pods ready for \(pods.shortRoundsInARow) rounds"
    }
    return nil
  }

  private func sharedFault(_ round: Round) -> String? {
    if checks.roundsInARow >= needed { return "\(checks.roundsInARow) failed rounds in a row\(example(round))" }
    return hasSamples && checks.rate > gate.failureRate ? rateReason(round) : nil
  }

  private var needed: Int { max(1, gate.consecutiveFailures) }
  private var hasSamples: Bool { checks.judged >= gate.minimumSamples }

  private func rateReason(_ round: Round) -> String {
    "\(checks.failed) of \(checks.judged) checks failed, \(percent(checks.rate)) against \(percent(gate.failureRate)) tolerated\(example(round))"
  }

  private func example(_ round: Round) -> String {
    let worst = round.active.filter { $0.verdict == .failed }.min { ($0.name, $0.detail) < ($1.name, $1.detail) }
    return worst.map { " (\($0.name): \($0.detail))" } ?? ""
  }

  private func percent(_ share: Double) -> String {
    let tenths = Int((share * 1000).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10) %" : "\(tenths / 10).\(tenths % 10) %"
  }
}

/// How many rounds were seen, by what they found.
package struct RoundCounts: Sendable, Hashable {
  package var healthy = 0
  package var degraded = 0
  package var commonCause = 0
  /// Not judged whole: never counted as healthy.
  package var unknown = 0

  package init() {}
}

extension Int {
  fileprivate func counted(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}
