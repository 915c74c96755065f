import ReleaseModel

/// What acts without the Service follows users: it stops in the color that they left, and only when nothing of it acts there any more it
/// starts where they are. At no instant it runs in both.
///
/// Every part can be repeated, and where it stands is told by the objects themselves: whichever run comes next goes on.
struct HandOver: Sendable {
  let ports: Ports
  let target: ServiceTarget

  /// How long a hand-over may take that no plan limits.
  static let standard = Duration.milliseconds(RunRule.standardWithinMs)

  enum Progress: Sendable, Hashable {
    case done
    /// What is waited for, in words.
    case waiting(String)
  }

  /// Does what can be done now.
  /// - Parameter color: where users are; nil where they reach nothing.
  /// - Parameter seen: the Service as it was read last.
  func advance(to color: Color?, _ seen: ActiveService) async throws(PortError) -> Progress {
    let (token, fence) = (RunnersObservation.token(of: seen.marker), seen.marker.fence)
    for left in Color.allCases where left != color {
      var there = try await ports.runners.runners(left, target: target)
      if !there.isHanded(active: false, for: token) {
        try await ports.runners.hand(left, isActive: false, for: token, target: target, asOf: fence)
        there = try await ports.runners.runners(left, target: target)
        // Somebody else's write came in between: once more.
        guard there.isHanded(active: false, for: token) else { return .waiting("what runs only when active in \(left) is being held") }
      }
      if let acting = there.acting.first { return .waiting("\(acting) of \(left) has not ended yet") }
    }
    guard let color else { return .done }
    var own = try await ports.runners.runners(color, target: target)
    if !own.isHanded(active: true, for: token) {
      try await ports.runners.hand(color, isActive: true, for: token, target: target, asOf: fence)
      own = try await ports.runners.runners(color, target: target)
      guard own.isHanded(active: true, for: token) else { return .waiting("what runs only when active in \(color) is being started") }
    }
    return own.complaint.map { .waiting($0) } ?? .done
  }

  /// Hands over, and waits until that is done.
  /// - Throws: `timedOut` where it is not within the limit: the next run goes on with it. `conflict` where the Service changed meanwhile.
  func settle(on color: Color?, _ seen: ActiveService, within limit: Duration = HandOver.standard) async throws(PortError) {
    let start = ports.clock.elapsed
    var last = ""
    while true {
      guard case .waiting(let words) = try await advance(to: color, seen) else { return }
      let attempted = "hand over to \(color?.rawValue ?? "nothing") what runs only when active"
      guard ports.clock.elapsed - start < limit else {
        throw PortError(
          .timedOut, attempted: attempted, reason: "after \(limit.words): \(words)",
          hint: "it runs in neither color until then, never in both; look at it, the next run goes on")
      }
      if words != last { ports.narrator.tell(.progress(target.service, .cutover, detail: "handing over: \(words)")) }
      last = words
      do {
        try await ports.clock.sleep(for: .milliseconds(250))
      } catch {
        throw PortError(.cancelled, attempted: attempted, reason: "told to stop", hint: "the next run goes on")
      }
    }
  }
}

extension HandOver {
  /// The same for who may not be allowed to: a person on call sizes Deployments, and changes nothing else of them. Then the bot's next run
  /// does it, and the index tells it to look.
  func settleOrLeave(on color: Color?, _ seen: ActiveService) async throws(PortError) {
    do throws(PortError) {
      try await settle(on: color, seen)
    } catch  where error.kind == .forbidden {
      ports.narrator.tell(.remark(target.service, "what runs only when active is handed over by the bot's next run: \(error.reason)"))
      let target = target
      try await IndexKeeper(ports).update { index in
        index.services[target.service, default: ServiceIndex.Entry(target: target)].attention = true
      }
    }
  }
}

extension Journal {
  /// Whether any release that may have objects in a color has something that acts without the Service. A journal that does not know what is
  /// live does not know that either.
  func mayHaveRunners(_ plan: CutoverPlan? = nil) -> Bool {
    guard let live else { return plan?.settings.runs != nil || open == nil }
    let known = [plan, open?.plan, live.plan, live.before?.plan].compactMap(\.self)
    return known.contains { $0.settings.runs != nil }
  }
}

// Users are on the new color: what acts without the Service follows them, before the bake that is to judge it.
extension RolloutWork {
  mutating func handOver(_ plan: CutoverPlan) async throws(PortError) -> Rollout.Event {
    guard journal.journal?.mayHaveRunners(plan) == true else { return .done }
    let hand = HandOver(ports: ports, target: target)
    let limit = Duration.milliseconds(plan.settings.handOverMs > 0 ? plan.settings.handOverMs : RunRule.standardWithinMs)
    let mark = try await begin(.cutover, "what runs only when active follows users to \(plan.to)")
    var last = ""
    while true {
      let progress: HandOver.Progress
      do throws(PortError) {
        progress = try await hand.advance(to: plan.to, seen)
      } catch  where error.kind == .conflict {
        progress = .waiting("somebody changed it meanwhile: \(error.reason)")
      } catch  where error.isVerdictOnRelease {
        return try await fail(mark, error.description)
      }
      switch progress {
      case .done:
        let ms = (ports.clock.elapsed - mark.start).milliseconds
        try await end(
          mark, .passed,
          "what runs only when active was handed over; it ran in neither color for at most \(Duration.milliseconds(ms).words)")
        return .done
      case .waiting(let words):
        guard ports.clock.elapsed - mark.start < limit else {
          return try await fail(mark, "not handed over within \(limit.words): \(words)")
        }
        if words != last { tell(.cutover, "handing over: \(words)") }
        last = words
      }
      try await pause(.milliseconds(250))
      try await checkpoint()
      let standing = try await look()
      guard case .exposed = standing else {
        try await end(mark, .unknown, "the Service changed meanwhile")
        return .changed(standing)
      }
    }
  }
}
