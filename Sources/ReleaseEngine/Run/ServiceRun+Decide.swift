import Digests
import ReleaseModel

// Which tag, and what becomes of the others.
extension ServiceRun {
  /// Decides on the service's tags and releases the chosen one.
  package func decide(_ all: ServiceTags, catalog: Catalog) async -> [RunReport.Result] {
    let tags = all.of[service] ?? []
    do throws(PortError) {
      let ledger = try await ports.audit.ledger(of: service, tags: tags)
      guard ledger.isNoted else { return await withLease { _ throws(PortError) in [try await noteFirstSight(tags)] } }
      try await recordGoneTags(all, catalog)
      guard ledger.hasUndecided(tags) else { return try await nothingToDecide() }
    } catch {
      return [.failed(error)]
    }
    return await withLease { lease throws(PortError) in try await decide(tags, catalog, lease) }
  }

  /// The catalog names a service that the index does not know: a new one, or index and journals were lost. Where the Service says that
  /// tagflip was at work there, what it left open is finished first.
  package func meet(_ tags: ServiceTags, catalog: Catalog) async -> [RunReport.Result] {
    var results: [RunReport.Result] = []
    if let seen = try? await ports.services.read(target), seen.marker.fence > 0 {
      let target = target
      do throws(PortError) {
        try await IndexKeeper(ports).update { index in
          index.services[target.service, default: ServiceIndex.Entry(target: target)].attention = true
        }
      } catch {
        return [.failed(error)]
      }
      results = await settle()
      if results.isOpenAfter { return results }
    }
    return results + (await decide(tags, catalog: catalog))
  }

  /// A service that is in the catalog and not in the index yet enters it, so that its open work can be found.
  func nothingToDecide() async throws(PortError) -> [RunReport.Result] {
    let target = target
    let keeper = IndexKeeper(ports)
    try await keeper.update(reading: { () throws(PortError) in try await openWork() }) { index, found in
      var entry = index.services[target.service] ?? ServiceIndex.Entry(target: target)
      entry.target = target
      // Nothing is left to decide on: what waited is gone.
      entry.waiting = nil
      if entry.open == nil { entry.attention = found.open != nil || !found.marker.pending.isEmpty }
      index.services[target.service] = entry
    }
    return []
  }

  /// The first sight of a service: what exists is noted, nothing of it is released.
  private func noteFirstSight(_ tags: [ReleaseTag]) async throws(PortError) -> RunReport.Result {
    var record = AuditRecord(
      event: .noted, service: service, installation: installation.settings.installation, at: try await ports.identity.now(), actor: actor,
      botVersion: installation.botVersion, tags: tags.sorted { $0.version < $1.version })
    record.remarks = ["nothing that existed before is released; push a tag, or bring a version live with: tagflip retry \(service) VERSION"]
    // Records may be there all the same: of what was decided before the branch was lost, or before the service was seen.
    let ledger = try await ports.audit.ledger(of: service, tags: [])
    let result = try await AuditKeeper(ports).append([record], expecting: ledger.sequence)
    ports.narrator.tell(.recorded(record, commit: result.entries.first?.commit ?? result.head))
    _ = try await nothingToDecide()
    return .noted(tags: tags.count)
  }

  /// Decides again and again until nothing is undecided or something has to be waited for: a refused tag supersedes nothing, and a retry
  /// leaves the tags above it for the next round.
  private func decide(_ tags: [ReleaseTag], _ catalog: Catalog, _ lease: LeaseKeeper) async throws(PortError) -> [RunReport.Result] {
    var results: [RunReport.Result] = []
    for _ in 0...tags.count {
      guard !ports.clock.isStopping else { return results + [.parked("told to stop before new tags were decided on")] }
      // Read again under the Lease, and after each round: another run may have decided in between.
      let ledger = try await ports.audit.ledger(of: service, tags: tags)
      guard ledger.hasUndecided(tags) else {
        if results.isEmpty { _ = try await nothingToDecide() }
        return results
      }
      let round = try await decideOnce(tags, ledger, catalog, lease)
      results += round
      if round.contains(where: \.endsDecisions) { return results }
    }
    return results
  }

  private func decideOnce(
    _ tags: [ReleaseTag], _ ledger: ServiceLedger, _ catalog: Catalog, _ lease: LeaseKeeper
  ) async throws(PortError) -> [RunReport.Result] {
    let journal = try await JournalKeeper(of: service, in: ports.journals)
    guard try journal.readable()?.open == nil else { return [.busy("another run announced a rollout meanwhile")] }
    let seen = try await ports.services.read(target)
    // A person went back since this run tidied up: what that asks for comes before anything new.
    guard seen.marker.pending.isEmpty else { return [.busy("an outcome was decided meanwhile; it is recorded first")] }
    let prereleases = try await prereleases(tags, catalog)
    var choice = TagChoice(tags: tags, ledger: ledger, live: seen.marker.version, prereleases: prereleases)
    var attempt = CutoverPlan.firstAttempt
    if let retry = ledger.retries.first(where: { tags.contains($0.tag) }) {
      if let objection = try await OperatorDesk(installation: installation).objection(to: retry, as: .retry) {
        var candidate = Candidate(choice: choice, attempt: retry.record.description, ledger: ledger, seen: seen)
        let refusal = TagChoice.Refusal(tag: retry.tag, reason: objection)
        return [try await refuse([refusal], &candidate, attempt: candidate.attempt)]
      }
      choice = choice.giving(wayTo: retry.tag)
      attempt = retry.record.description
    }
    let candidate = Candidate(choice: choice, attempt: attempt, ledger: ledger, seen: seen)
    return try await release(candidate, catalog, journal, lease)
  }

  /// Whether the plan of the highest tag releases prereleases. A plan that cannot be read says no; why is found when it is the chosen one.
  private func prereleases(_ tags: [ReleaseTag], _ catalog: Catalog) async throws(PortError) -> Bool {
    guard let highest = tags.filter(\.version.isPrerelease).max(by: { $0.version < $1.version }) else { return false }
    guard let facts = try? await ports.tags.facts(of: highest),
      let blueprint = try? await ports.plans.blueprint(of: service, version: highest.version, commit: facts.commit, catalog: catalog)
    else { return false }
    return blueprint.plan.prereleases
  }
}

/// What was chosen, and what the choice rested on.
struct Candidate: Sendable {
  var choice: TagChoice
  var attempt: String
  var ledger: ServiceLedger
  var seen: ActiveService
}

extension ServiceLedger {
  /// Whether any tag, or a retry, waits for a decision.
  func hasUndecided(_ tags: [ReleaseTag]) -> Bool {
    retries.contains { tags.contains($0.tag) }
      || tags.contains { tag in !(decisions[tag.name]?.isSettled(naming: tag.object) ?? false) }
  }
}

extension RunReport.Result {
  /// Whether nothing more is decided on the service in this run.
  fileprivate var endsDecisions: Bool {
    switch self {
    case .busy, .failed, .waiting, .parked: true
    case .ended(_, let recorded): !recorded
    case .nothing, .noted, .refused, .retired: false
    }
  }
}
