package import ReleaseModel

/// `tagflip rollback`: users go back to the standby now. Before exposure it aborts instead.
///
/// Takes no Lease and asks neither Git, registry, freeze nor approval; the PATCH is conditional on the marker still naming the standby.
/// What follows the flip (draining, the record) is done here if no run holds the Lease, else by that run.
package struct Rollback: Sendable {
  let installation: Installation
  let service: ServiceName
  let reason: String
  /// Go back even though no pod of the standby is ready.
  let force: Bool
  let deadline: Deadline

  package init(_ installation: Installation, service: ServiceName, reason: String, force: Bool) {
    self.installation = installation
    self.service = service
    self.reason = reason
    self.force = force
    deadline = Deadline(at: installation.ports.clock.elapsed + .milliseconds(installation.settings.runDeadlineMs))
  }

  /// What a rollback did.
  package struct Report: Sendable, Hashable {
    package enum Change: Sendable, Hashable {
      /// Users are back on the old color; `patchMs` until the flip was acknowledged.
      case wentBack(to: Color, patchMs: Int)
      /// Nothing was exposed: the rollout was ended.
      case aborted
      /// The outcome had been decided already.
      case nothing
    }

    package var change: Change
    package var conclusion: Conclusion
    /// Whether a run that holds the Lease does what remains.
    package var leftTo: String?
    package var recorded: Bool
  }

  var ports: Ports { installation.ports }

  /// Goes back, or says why that is not possible.
  package func run() async throws(PortError) -> Report {
    var journal = try await JournalKeeper(of: service, in: ports.journals)
    while true {
      guard let target = journal.journal?.target else { return try await withoutJournal() }
      let seen = try await ports.services.read(target)
      // The journal after the Service: what is open then has no outcome yet in the marker that was read.
      try await journal.reload()
      guard let known = journal.journal else { return try await withoutJournal() }
      guard let open = known.open else { return try await leavePromoted(known, seen) }
      do throws(PortError) {
        return try await endOpen(journal, known, seen)
      } catch  where error.kind == .conflict {
        // Closed by somebody else meanwhile: what is asked for is another thing now.
        try await journal.reload()
        guard journal.damage == nil, journal.journal?.open?.id != open.id, !deadline.hasPassed(ports.clock) else { throw error }
      }
    }
  }

  /// A journal that is lost or damaged does not keep users from going back: the index says where the Service is, the marker what the standby
  /// is. The next run builds the journal anew and writes the record.
  private func withoutJournal() async throws(PortError) -> Report {
    let index = try await IndexKeeper(ports).load()
    guard let target = index.services[service]?.target else {
      throw PortError(
        .notFound, attempted: "roll back \(service)", reason: "tagflip has released nothing of it in this cluster",
        hint: "see what is there: tagflip status")
    }
    let seen = try await ports.services.read(target)
    guard let standby = seen.marker.standby else {
      throw PortError(
        .notFound, attempted: "roll back \(service)", reason: "the Service names no standby, and there is no journal that tells more",
        hint: "let a run build the journal anew: tagflip run")
    }
    ports.narrator.tell(.remark(service, "its journal is lost or damaged: going by the Service's marker alone"))
    let known = Journal(target: target, rollback: RollbackRules(), standby: StandbyRules())
    // While a bake is on the standby has no end, and the rollout that the marker names is open: going back ends it.
    let isOpen = standby.temperature == .warm && standby.warmUntil == nil
    return try await leavePromoted(known, seen, ending: isOpen ? seen.marker.rollout : nil)
  }

  // MARK: A rollout is under way

  private func endOpen(_ journal: JournalKeeper, _ known: Journal, _ seen: ActiveService) async throws(PortError) -> Report {
    let actor = try await ports.identity.caller()
    var work = RolloutWork(
      installation: installation, target: known.target, deadline: deadline, actor: actor, lease: nil, journal: journal, seen: seen)
    let open = try work.open
    for _ in 0..<10 {
      switch work.standing(of: open) {
      case .before: if let report = try await abort(&work, open) { return report }
      case .overlapping, .exposed: if let report = try await goBack(&work, open) { return report }
      case .concluded(let conclusion):
        // Users are on it, and its record may be long in coming: going back from it is a rollout of its own.
        if conclusion.leavesStandby && work.seen.selection.mayReach(open.plan.to) && work.seen.marker.standby != nil {
          return try await leavePromoted(known, work.seen)
        }
        return await finish(work.target, conclusion, .nothing)
      case .returnedByForeignHand:
        throw PortError(
          .conflict, attempted: "roll back \(service)", reason: "somebody has pointed the Service back by hand",
          hint: "the next run writes that down: tagflip run")
      case .departed(let why, _):
        throw PortError(.conflict, attempted: "roll back \(service)", reason: why, hint: "see: tagflip status \(service)")
      case .overtaken: _ = try await work.look()
      }
    }
    throw PortError(.conflict, attempted: "roll back \(service)", reason: "the Service kept changing", hint: "try again")
  }

  private func abort(_ work: inout RolloutWork, _ open: OpenRollout) async throws(PortError) -> Report? {
    let conclusion = try await work.conclusion(Rollout.Verdict(.aborted, reason: reason, exposed: false))
    guard case .applied = try await work.change(nil, { $0.pending.append(conclusion) }) else { return nil }
    ports.narrator.tell(.decided(service, conclusion))
    return await finish(work.target, conclusion, .aborted)
  }

  private func goBack(_ work: inout RolloutWork, _ open: OpenRollout) async throws(PortError) -> Report? {
    guard let from = open.plan.from else {
      throw PortError(
        .conflict, attempted: "roll back \(service)",
        reason: "\(open.plan.tag.version) is its first release: there is nothing to go back to")
    }
    try await demandReady(from, work.target)
    let conclusion = try await work.conclusion(Rollout.Verdict(.rolledBack, reason: reason, exposed: true))
    let result = try await work.change(.color(from)) { marker in marker.goBack(conclusion) }
    guard case .applied(let patchMs) = result else { return nil }
    ports.narrator.tell(.decided(service, conclusion))
    return await finish(work.target, conclusion, .wentBack(to: from, patchMs: patchMs))
  }

  /// What remains is what any run does, done by this one if nobody else works on the service. The flip stands whatever becomes of it.
  func finish(_ target: ServiceTarget, _ conclusion: Conclusion, _ change: Report.Change) async -> Report {
    var report = Report(change: change, conclusion: conclusion, leftTo: nil, recorded: false)
    do throws(PortError) {
      let (lease, busy) = try await LeaseKeeper.take(service, in: installation)
      report.leftTo = busy?.holder
      guard lease != nil else {
        // Whoever has the Lease looks once more after giving it up; if it is killed before, the next run must not end early.
        try await askForAttention(target)
        return report
      }
    } catch {
      ports.narrator.tell(.warning(service, error))
      return report
    }
    let run = ServiceRun(installation: installation, target: target, deadline: deadline, actor: conclusion.actor)
    report.recorded = true
    for result in await run.settle() {
      switch result {
      case .busy(let reason), .parked(let reason): (report.leftTo, report.recorded) = (reason, false)
      case .ended(_, let recorded): report.recorded = report.recorded && recorded
      case .failed(let error):
        ports.narrator.tell(.warning(service, error))
        report.recorded = false
      case .nothing, .noted, .refused, .waiting, .retired: break
      }
    }
    return report
  }

  func askForAttention(_ target: ServiceTarget) async throws(PortError) {
    try await IndexKeeper(ports).update { index in
      index.services[target.service, default: ServiceIndex.Entry(target: target)].attention = true
    }
  }

  /// Whether the standby can serve. Unknown is not yes.
  func demandReady(_ standby: Color, _ target: ServiceTarget) async throws(PortError) {
    guard !force else { return }
    guard try await ports.colors.observe(standby, target: target).readyPods == 0 else { return }
    throw PortError(
      .conflict, attempted: "roll back \(service)", reason: "\(standby) has no ready pod, users are better off where they are",
      hint: "look at its pods: kubectl -n \(target.namespace) get pods -l \(Marker.colorLabel)=\(standby); to go back all the same: --force"
    )
  }
}

extension Conclusion {
  /// Whether users stay on the new color with the old one standing by.
  fileprivate var leavesStandby: Bool {
    switch outcome {
    case .promoted, .rollbackFailed: true
    case .rolledBack, .failed, .failedExposed, .rejected, .aborted, nil: false
    }
  }
}

extension Marker {
  /// What the marker says once users are back on the standby: what the standby was.
  mutating func goBack(_ conclusion: Conclusion) {
    rollout = standby?.rollout
    version = standby?.version
    standby = nil
    pending.append(conclusion)
  }
}
