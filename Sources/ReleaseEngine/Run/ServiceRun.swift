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
      var journal = try await JournalKeeper(of: service, store: ports.state)
      if journal.journal?.open != nil {
        let result = try await goOn(journal, lease)
        if case .busy = result { return [result] }
        results.append(result)
        try await journal.reload()
      }
      if journal.journal?.open == nil { try await Aftermath(installation: installation, target: target).settle(&journal) }
      let retirement = Retirement(installation: installation, target: target, actor: actor)
      if let retired = try await retirement.settle(try await ports.services.read(target)) { results.append(.retired(retired.version)) }
      let open = journal.journal?.open?.id
      if open == nil { try await Sweep(installation: installation, target: target).settle(try await ports.services.read(target)) }
      let pending = try await enterIndex(open)
      // What an open rollout could not record is among the results already.
      if open == nil { results += pending.map { .ended($0, recorded: false) } }
      return results
    }
  }

  /// The index says of the service what the world says: a killed run may have left it behind. Attention is not taken back here, since it
  /// may be meant for tags.
  /// - Returns: what is decided and not in Git yet.
  private func enterIndex(_ open: RolloutID?) async throws(PortError) -> [Conclusion] {
    var marker = Marker()
    let target = target
    let keeper = IndexKeeper(store: ports.state, clock: ports.clock)
    try await keeper.update(reading: { () throws(PortError) in try await ports.services.read(target).marker }) { index, found in
      marker = found
      guard var entry = index.services[target.service] else { return }
      if entry.open != open { index.reservations.removeAll { $0.rollout == entry.open } }
      entry.open = open
      entry.due = marker.standby?.warmUntil
      entry.attention = entry.attention || !marker.pending.isEmpty
      index.services[target.service] = entry
    }
    return marker.pending
  }

  /// Holds the service's Lease around some work; somebody else's is a result, not an error.
  func withLease(again: Bool = true, _ body: @escaping (LeaseKeeper) async throws(PortError) -> [RunReport.Result]) async -> [RunReport
    .Result]
  {
    do throws(PortError) {
      let (lease, busy) = try await LeaseKeeper.take(service, in: installation)
      guard let lease else {
        let words = busy.map { "\($0.holder) works on it until \($0.until) at the latest" } ?? "another run works on it"
        return [.busy(words)]
      }
      let results: [RunReport.Result]
      do throws(PortError) {
        results = try await body(lease)
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
    let seen = try await ports.services.read(target)
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
    let gap = try await now() - open.touchedAt
    let step = open.steps.last?.step ?? .plan
    let interruption = Interruption(step: step, ms: max(0, gap.milliseconds))
    ports.narrator.tell(.remark(service, "going on with \(open.plan.tag.version) after an interruption of \(gap.words)"))
    try await note { $0.interruptions.append(interruption) }
  }
}
