import ReleaseModel

/// What acts without the Service follows users: it stops in the color that they left, and only when nothing of it acts there any more it
/// starts where they are. At no instant it runs in both.
///
/// Every part can be repeated, and where it stands is told by the objects themselves: whichever run comes next goes on.
struct HandOver: Sendable {
  let ports: Ports
  let target: ServiceTarget
  /// Kept while something is waited for; nil where nobody has it.
  var lease: LeaseKeeper?
  /// Whether there is anything that acts without the Service.
  private(set) var isNeeded = false
  /// When it held a schedule last.
  private var heldAt: Duration?

  init(ports: Ports, target: ServiceTarget, lease: LeaseKeeper? = nil) {
    self.ports = ports
    self.target = target
    self.lease = lease
  }

  /// How long a schedule that was just held is waited for: its controller may make one more Job in that moment.
  static let lastJob: Duration = .seconds(3)

  /// How long a hand-over may take that no plan limits.
  static let standard = Duration.milliseconds(RunRule.standardWithinMs)

  enum Progress: Sendable, Hashable {
    case done
    /// Something still acts where users were, or somebody else writes: in words.
    case waiting(String)
    /// It was started where users are, and is not ready: in words.
    case starting(String)
  }

  /// Does what can be done now.
  /// - Parameters:
  ///   - color: where users are; nil where they reach nothing.
  ///   - seen: the Service as it was read last.
  mutating func advance(to color: Color?, _ seen: ActiveService) async throws(PortError) -> Progress {
    let token = RunnersObservation.token(of: seen.marker, on: color)
    for left in Color.allCases where left != color {
      let there = try await handed(left, isActive: false, token, seen.marker.fence)
      if let acting = there.acting.first { return .waiting("\(acting) of \(left) has not ended yet") }
      if let heldAt, ports.clock.elapsed - heldAt < HandOver.lastJob { return .waiting("a CronJob of \(left) was suspended just now") }
    }
    guard let color else { return .done }
    return try await handed(color, isActive: true, token, seen.marker.fence).complaint.map { .starting($0) } ?? .done
  }

  /// What a color holds, once it was held or started for what users are on.
  private mutating func handed(
    _ color: Color, isActive: Bool, _ token: String, _ fence: UInt64
  ) async throws(PortError) -> RunnersObservation {
    let found = try await ports.runners.runners(color, target: target)
    if !found.whenActive.isEmpty { isNeeded = true }
    guard !found.isHanded(active: isActive, for: token) else { return found }
    try await ports.runners.hand(color, isActive: isActive, for: token, target: target, asOf: fence)
    if !isActive, found.whenActive.contains(where: \.isSchedule) { heldAt = ports.clock.elapsed }
    return try await ports.runners.runners(color, target: target)
  }

  /// Lets what acts without the Service follow users, wherever they are, as far as it can be done within a limit: no color is left running, and
  /// no record unwritten, because a pod elsewhere does not end. How well it then runs is none of its business.
  ///
  /// A person on call sizes Deployments and may change nothing else of them: then the bot's next run does it. So it is with whatever is refused,
  /// and where somebody else keeps writing.
  /// - Returns: why it is left to a later run; nil where it is done.
  /// - Throws: what ends a run: that nobody answers, that it is told to stop, that the Lease is lost.
  mutating func followUsers(_ seen: ActiveService, within limit: Duration = HandOver.standard) async throws(PortError) -> String? {
    let color: Color?
    switch seen.selection {
    case .color(let active): color = active
    case .nothing: color = nil
    // Where users reach both it stays where it is: it runs in one color at a time.
    case .both: return nil
    case .uncolored, .foreign: return seen.marker.rollout == nil ? nil : "users are on no color: \(seen.selection.words)"
    }
    let start = ports.clock.elapsed
    var last = ""
    while true {
      let progress: Progress
      do throws(PortError) {
        progress = try await advance(to: color, seen)
      } catch  where !error.isPassing && error.kind != .cancelled {
        return error.description
      }
      guard case .waiting(let words) = progress else { return nil }
      guard ports.clock.elapsed - start < limit else { return words }
      if words != last { ports.narrator.tell(.progress(target.service, .cutover, detail: "handing over: \(words)")) }
      last = words
      try await lease?.keep()
      try await pause()
    }
  }

  private func pause() async throws(PortError) {
    do {
      try await ports.clock.sleep(for: HandOver.interval)
    } catch {
      throw PortError(
        .cancelled, attempted: "hand over what runs only when active", reason: "told to stop", hint: "the next run goes on with it")
    }
  }

  /// How long between two looks.
  static let interval: Duration = .milliseconds(250)

  /// What a record says where a hand-over is left to a later run.
  static func leftOver(_ reason: String) -> String {
    "what runs only when active is not handed over yet, and the runs after this one go on with it: \(PlainText.line(reason, longest: 300))"
  }
}

extension Journal {
  /// Whether any release that may have objects in a color has something that acts without the Service. A journal that does not know what is
  /// live does not know that either.
  func mayHaveRunners(_ plan: CutoverPlan? = nil) -> Bool {
    guard let live, handOverLeft == nil else { return true }
    let known = [plan, open?.plan, live.plan, live.before?.plan].compactMap(\.self)
    return known.contains { $0.settings.runs != nil }
  }
}

/// A hand-over beside a bake: users are on the new color, and are watched all the while.
struct BakeHandOver: Sendable {
  /// How its step on record begins.
  fileprivate static let done = "what runs only when active was handed over"

  fileprivate var hand: HandOver
  fileprivate let mark: RolloutWork.StepMark
  fileprivate let limit: Duration
  /// How long before this run took it up users had been moved.
  fileprivate let before: Duration
  fileprivate var last = ""
  /// Why it is given up, and whether the version is not the cause.
  fileprivate(set) var failure: (reason: String, blameless: Bool)?
}

extension RolloutWork {
  /// What is to be handed over to the new color; nil where nothing acts without the Service.
  func beginHandOver(_ plan: CutoverPlan) async throws(PortError) -> BakeHandOver? {
    guard journal.journal?.mayHaveRunners(plan) == true else { return nil }
    let limit = Duration.milliseconds(plan.settings.handOverMs > 0 ? plan.settings.handOverMs : RunRule.standardWithinMs)
    let now = try await now()
    let mark = StepMark(step: .cutover, startedAt: now, start: ports.clock.elapsed)
    let aloneAt = try open.cutover?.aloneAt ?? now
    return BakeHandOver(hand: HandOver(ports: ports, target: target), mark: mark, limit: limit, before: max(.zero, now - aloneAt))
  }

  /// Goes on with it. Nil from then on where it is done.
  /// - Returns: whether anything was found that acts without the Service.
  @discardableResult
  mutating func advance(_ handing: inout BakeHandOver?, _ plan: CutoverPlan) async -> Bool {
    guard var current = handing, current.failure == nil else { return false }
    let progress: HandOver.Progress
    do throws(PortError) {
      progress = try await current.hand.advance(to: plan.to, seen)
    } catch  where error.isVerdictOnRelease {
      current.failure = (error.description, true)
      handing = current
      return current.hand.isNeeded
    } catch {
      // Somebody wrote in between, or nobody answered: the next look tells.
      progress = .waiting(error.reason)
    }
    let spent = ports.clock.elapsed - current.mark.start
    switch progress {
    case .done:
      handing = nil
      // A run that was killed in between may have done it, and not written it down.
      guard current.hand.isNeeded, (try? open.steps.contains { $0.detail.hasPrefix(BakeHandOver.done) }) == false else {
        return current.hand.isNeeded
      }
      let words = "\(BakeHandOver.done); it ran in neither color for at most \((current.before + spent).words)"
      let record = StepRecord(
        step: .cutover, startedAt: current.mark.startedAt, ms: spent.milliseconds, result: .passed, detail: words)
      ports.narrator.tell(.stepEnded(service, record))
      await attemptNote { $0.steps.append(record) }
      return true
    case .waiting(let words), .starting(let words):
      if words != current.last { tell(.cutover, "handing over: \(words)") }
      current.last = words
      if spent >= current.limit {
        // That pods of the old color do not end says nothing of the new version.
        let isOwn = if case .starting = progress { true } else { false }
        let next = "see it: kubectl -n \(target.namespace) get pods,jobs -l \(Marker.colorLabel); runs.within in the plan gives it longer"
        current.failure = ("what runs only when active was not handed over within \(current.limit.words): \(words) (\(next))", !isOwn)
      }
      handing = current
      return current.hand.isNeeded
    }
  }
}
