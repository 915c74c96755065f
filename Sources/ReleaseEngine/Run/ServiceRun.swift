package import ReleaseModel

/// One service in one run: first whatever is unfinished in the cluster, then new tags.
package struct ServiceRun: Sendable {
  let installation: Installation
  let target: ServiceTarget
  let deadline: Deadline
  let actor: String

  package init(installation: Installation, target: ServiceTarget, deadline: Deadline, actor: String) {
    self.installation = installation
    self.target = target
    self.deadline = deadline
    self.actor = actor
  }

  var ports: Ports { installation.ports }
  var service: ServiceName { target.service }

  /// Finishes what is open: a rollout, what a rollback left to do, records that are not in Git, a standby whose window has ended.
  package func settle() async -> [RunReport.Result] { await settle(again: true) }

  private func settle(again: Bool) async -> [RunReport.Result] {
    await withLease(again: again) { lease throws(PortError) in
      var results: [RunReport.Result] = []
      var journal = try await wholeJournal()
      if journal.journal?.open != nil {
        let result = try await goOn(journal, lease)
        switch result {
        case .busy, .parked: return [result]
        case .nothing, .noted, .ended, .refused, .waiting, .retired, .failed: break
        }
        results.append(result)
        try await journal.reload()
      }
      if journal.journal?.open == nil { try await Aftermath(installation: installation, target: target, lease: lease).settle(&journal) }
      let retirement = Retirement(installation: installation, target: target, actor: actor)
      if let retired = try await retirement.settle(try await ports.services.read(target)) { results.append(.retired(retired.version)) }
      let open = journal.journal?.open?.id
      var isSwept = true
      if open == nil {
        isSwept = try await Sweep(installation: installation, target: target, lease: lease).settle(
          try await ports.services.read(target), runners: journal.journal?.mayHaveRunners() ?? false)
        if isSwept { try await journal.note(handOverLeft: nil) }
      }
      let drift = open == nil ? try await lookForDrift(lease) : nil
      let pending = try await enterIndex(isSwept: isSwept, drift)
      // What an open rollout could not record is among the results already.
      if open == nil { results += pending.map { .ended($0, recorded: false) } }
      return results
    }
  }

  /// The journal; built anew where it is damaged, or gone although something was announced.
  private func wholeJournal() async throws(PortError) -> JournalKeeper {
    var keeper = try await JournalKeeper(of: service, in: ports.journals)
    guard keeper.journal == nil else { return keeper }
    if case .unavailable(let error) = ports.seal { throw error }
    let open = try await IndexKeeper(ports).load().services[service]?.open
    let marker = try await ports.services.read(target).marker
    // Of a service that nothing was announced for there is nothing to build, and Git need not be asked.
    guard keeper.damage != nil || open != nil || marker.rollout != nil else { return keeper }
    let rebuild = JournalRebuild(installation: installation, target: target)
    if let journal = try await rebuild.journal(announced: open, claimed: keeper.claimed) {
      // The index first, as when it was announced.
      let target = target
      try await IndexKeeper(ports).update { index in
        index.services[target.service, default: ServiceIndex.Entry(target: target)].open = journal.open?.id
      }
      let what = keeper.damage == nil ? "lost" : keeper.claimed == nil ? "damaged" : "without the installation's seal"
      try await keeper.replace(with: journal)
      ports.narrator.tell(.remark(service, "its journal was \(what) and is built anew from the Service, the Deployments and Git"))
    } else if keeper.damage != nil {
      // Nothing was ever announced: an empty journal holds all that there is to know.
      try await keeper.replace(with: Journal(target: target, rollback: RollbackRules(), standby: StandbyRules()))
    }
    return keeper
  }

  /// What the world says of the service's open work, read after the index that it is to enter.
  struct OpenWork: Sendable {
    var marker: Marker
    var open: RolloutID?
  }

  func openWork() async throws(PortError) -> OpenWork {
    let open = try await JournalKeeper(of: service, in: ports.journals).readable()?.open?.id
    return OpenWork(marker: try await ports.services.read(target).marker, open: open)
  }

  /// The index says of the service what the world says: a killed run may have left it behind. Attention is not taken back here, since it
  /// may be meant for tags.
  ///
  /// An announcement that no journal answers for is half done or was given up. Whoever made it may have been held up between index and
  /// journal, so the service gets another look.
  /// - Returns: what is decided and not in Git yet.
  private func enterIndex(isSwept: Bool, _ drift: DriftSeen?) async throws(PortError) -> [Conclusion] {
    var pending: [Conclusion] = []
    let target = target
    let now = try await ports.identity.now()
    let keeper = IndexKeeper(ports)
    try await keeper.update(reading: { () throws(PortError) in try await openWork() }) { index, found in
      pending = found.marker.pending
      guard var entry = index.services[target.service] else { return }
      if let known = entry.open, known != found.open { entry.attention = true }
      index.reservations.removeAll { $0.service == target.service && $0.rollout != found.open }
      entry.open = found.open
      entry.due = found.marker.standby?.warmUntil
      // What is still to be done is looked at by the next run, and what may land late when it is due all the same.
      entry.isUnswept = isSwept ? nil : true
      if isSwept, let sweep = entry.sweepAt, sweep <= now { entry.sweepAt = nil }
      entry.attention = entry.attention || !pending.isEmpty
      drift?.enter(&entry, now: now)
      index.services[target.service] = entry
    }
    return pending
  }

  /// Holds the service's Lease around some work; somebody else's is a result, not an error.
  func withLease(again: Bool = true, _ body: @escaping (LeaseKeeper) async throws(PortError) -> [RunReport.Result]) async -> [RunReport
    .Result]
  {
    do throws(PortError) {
      let (lease, busy) = try await LeaseKeeper.takeOrSeeRenewed(service, in: installation)
      guard let lease else {
        let words = busy.map { "\($0.holder) works on it until \($0.until) at the latest" } ?? "another run works on it"
        return [.busy(words)]
      }
      let results: [RunReport.Result]
      do throws(PortError) {
        results = try await body(lease)
      } catch  where error.kind == .cancelled && ports.clock.isStopping {
        results = [.parked(error.reason)]
      } catch {
        results = [.failed(error)]
      }
      await lease.release()
      return results + (await finishWhatCameMeanwhile(results, again: again))
    } catch {
      return [.failed(error)]
    }
  }

  /// A rollback that found the Lease taken left what follows it to whoever had it, perhaps at the last moment.
  private func finishWhatCameMeanwhile(_ results: [RunReport.Result], again: Bool) async -> [RunReport.Result] {
    guard again, let pending = try? await ports.services.read(target).marker.pending else { return [] }
    let isNew = pending.contains { !results.contains(.ended($0, recorded: false)) }
    return isNew ? await settle(again: false) : []
  }

  /// Goes on with the open rollout, wherever the world says it is.
  private func goOn(_ journal: JournalKeeper, _ lease: LeaseKeeper) async throws(PortError) -> RunReport.Result {
    // The journal after the Service: what is open then has no outcome yet in the marker that was read.
    let seen = try await ports.services.read(target)
    let id = journal.journal?.open?.id
    var journal = journal
    try await journal.reload()
    guard journal.journal?.open?.id == id else { return .busy("another run has closed the rollout meanwhile") }
    var work = RolloutWork(
      installation: installation, target: target, deadline: deadline, actor: actor, lease: lease, journal: journal, seen: seen)
    if case .concluded = work.standing(of: try work.open) {} else { try await work.noteInterruption() }
    return RunReport.Result(try await work.run())
  }
}

extension RunReport.Result {
  init(_ end: RolloutWork.End) {
    switch end {
    case .concluded(let conclusion, let recorded): self = .ended(conclusion, recorded: recorded)
    case .yielded(let reason): self = .busy(reason)
    case .parked(let place): self = .parked(place)
    }
  }
}

extension RolloutWork {
  init(
    installation: Installation, target: ServiceTarget, deadline: Deadline, actor: String, lease: LeaseKeeper?, journal: JournalKeeper,
    seen: ActiveService
  ) {
    self.installation = installation
    self.target = target
    self.deadline = deadline
    self.actor = actor
    self.lease = lease
    self.journal = journal
    self.seen = seen
  }

  /// Notes the span in which nobody worked on the rollout.
  mutating func noteInterruption() async throws(PortError) {
    let open = try open
    // The server's clock is read from headers that know whole seconds, and may seem to have gone back.
    let gap = max(.zero, try await now() - open.touchedAt)
    let step = interruptedStep(open)
    let interruption = Interruption(step: step, ms: gap.milliseconds)
    let words = "going on with \(open.plan.tag.version) after an interruption of \(gap.words) during \(step)"
    ports.narrator.tell(.remark(service, words))
    try await note { $0.interruptions.append(interruption) }
  }

  /// The step that was under way when nobody worked on it any more: the one after the last that ended well, or the one that did not.
  private func interruptedStep(_ open: OpenRollout) -> Step {
    switch standing(of: open) {
    case .overlapping: return .cutover
    case .exposed: return .bake
    case .before, .concluded, .returnedByForeignHand, .departed, .overtaken: break
    }
    guard let last = open.steps.last else { return .plan }
    guard last.result == .passed || last.result == .skipped else { return last.step }
    switch last.step {
    case .verify: return .headroom
    case .headroom: return .plan
    case .plan: return .deploy
    case .deploy: return .smoke
    case .smoke, .approve: return .cutover
    case .cutover, .bake: return .bake
    case .promote, .rollback, .retire: return last.step
    }
  }
}
