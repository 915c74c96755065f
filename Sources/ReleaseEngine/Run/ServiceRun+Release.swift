import ReleaseModel

// From a chosen tag to an announced rollout: verify, headroom, plan, announce.
extension ServiceRun {
  /// Releases the chosen tag, or says why not (yet). Refusals are recorded either way.
  func release(
    _ candidate: Candidate, _ catalog: Catalog, _ journal: JournalKeeper, _ lease: LeaseKeeper
  ) async throws(PortError) -> [RunReport.Result] {
    var candidate = candidate
    var results: [RunReport.Result] = []
    if !candidate.choice.refused.isEmpty {
      results.append(try await refuse(candidate.choice.refused, &candidate, attempt: nil))
    }
    guard let tag = candidate.choice.chosen else {
      _ = try await nothingToDecide()
      return results
    }
    switch try await verify(tag, candidate, catalog) {
    case .refused(let reason, let judgement):
      let refusal = TagChoice.Refusal(tag: tag, reason: reason, judgement: judgement)
      results.append(try await refuse([refusal], &candidate, attempt: candidate.attempt))
      await stopWaiting()
      return results
    case .waiting(let kind, let reason, let until):
      let now = try await ports.identity.now()
      try await wait(
        ServiceIndex.Wait(kind: kind, tag: tag, attempt: candidate.attempt, reason: reason, since: now, until: until))
      ports.narrator.tell(.waiting(service, reason: reason, until: until))
      return results + [.waiting(reason: reason, until: until)]
    case .verified(let verified):
      var work = try await announce(verified, candidate, journal, lease)
      return results + [RunReport.Result(try await work.run())]
    }
  }

  /// Notes what a tag waits for, so that the next run looks again and `status` can tell. One that it waited for before began then.
  func wait(_ wait: ServiceIndex.Wait) async throws(PortError) {
    let target = target
    try await IndexKeeper(ports).update { index in
      var entry = index.services[target.service] ?? ServiceIndex.Entry(target: target)
      var wait = wait
      if let earlier = entry.waiting, wait.goesOn(from: earlier) { wait.since = min(wait.since, earlier.since) }
      entry.attention = true
      entry.due = [entry.due, wait.until].compactMap(\.self).min()
      entry.waiting = wait
      index.services[target.service] = entry
    }
  }

  /// Forgets what a refused tag waited for. The refusal is on record: that the index cannot be written now is the next run's to set right.
  private func stopWaiting() async {
    let target = target
    do throws(PortError) {
      try await IndexKeeper(ports).update { index in index.services[target.service]?.waiting = nil }
    } catch {
      ports.narrator.tell(.warning(service, error))
    }
  }

  /// Records tags that get no rollout. A refusal that names the retry it answers uses that up.
  func refuse(
    _ refusals: [TagChoice.Refusal], _ candidate: inout Candidate, attempt: String?
  ) async throws(PortError) -> RunReport.Result {
    var records: [AuditRecord] = []
    for refusal in refusals {
      var record = AuditRecord(
        event: .refused, service: service, installation: installation.settings.installation, at: try await ports.identity.now(),
        actor: actor, botVersion: installation.botVersion, version: refusal.tag.version, tag: await ports.facts(of: refusal.tag),
        reason: PlainText.line(refusal.reason, longest: 1000))
      record.tag?.judgement = refusal.judgement
      record.attempt = attempt == CutoverPlan.firstAttempt ? nil : attempt
      records.append(record)
    }
    let result = try await AuditKeeper(ports).append(records, expecting: candidate.ledger.sequence)
    for (record, entry) in zip(records, result.entries) { ports.narrator.tell(.recorded(record, commit: entry.commit)) }
    candidate.ledger.sequence = result.entries.map(\.sequence).max() ?? candidate.ledger.sequence
    return .refused(refusals)
  }

  /// Announces: index, journal, and then, by the rollout's own first step, the plan.
  private func announce(
    _ verified: Verified, _ candidate: Candidate, _ journal: JournalKeeper, _ lease: LeaseKeeper
  ) async throws(PortError) -> RolloutWork {
    let id = RolloutID(random: ports.random.next())
    let now = try await ports.identity.now()
    let target = target
    // With images that nobody has looked up, deploy waits for them.
    let imagesWaitMs = verified.plan.imageParts == nil ? verified.plan.settings.imagesWaitMs : 0
    try await IndexKeeper(ports).update { index in
      var entry = index.services[target.service] ?? ServiceIndex.Entry(target: target)
      entry.target = target
      entry.open = id
      entry.waiting = nil
      index.services[target.service] = entry
      index.reservations.removeAll { $0.expires <= now || $0.rollout == id }
      if let room = verified.room {
        index.reservations.append(room.reservation(for: id, target, until: now + .milliseconds(verified.limitsMs + imagesWaitMs)))
      }
    }
    var open = OpenRollout(
      id: id, plan: verified.plan, planDigest: verified.digest, announcedAt: now, facts: verified.facts,
      sequence: candidate.ledger.sequence, superseded: candidate.choice.superseded)
    open.sizes = verified.sizes
    open.replicas = verified.replicas
    open.steps = verified.steps
    open.override = verified.override
    if verified.plan.from != nil {
      let preview = verified.plan.settings.previewSizes(verified.sizes)
      open.doubling = DoublingMeter(
        forecast: verified.room?.forecast(of: verified.plan, sizes: verified.sizes)?.rounded, requests: verified.room?.requests(at: preview)
      )
    }
    var journal = journal
    let start = Journal(target: target, rollback: verified.plan.settings.rollback, standby: verified.plan.settings.standby)
    try await journal.update(creating: start) { journal in
      journal.target = target
      journal.open = open
    }
    // Between the two somebody may have taken the announcement for one that was given up.
    try await IndexKeeper(ports).update { index in
      index.services[target.service, default: ServiceIndex.Entry(target: target)].open = id
    }
    var work = RolloutWork(
      installation: installation, target: target, deadline: deadline, actor: actor, lease: lease, journal: journal, seen: candidate.seen)
    work.environment = verified.environment
    return work
  }
}

extension Ports {
  /// What a tag says about itself, or just its name where it cannot be read.
  func facts(of tag: ReleaseTag) async -> TagFacts {
    if let facts = try? await tags.facts(of: tag) { return facts }
    return TagFacts(tag: tag, commit: tag.object, isAnnotated: false, tagger: nil, taggedAt: nil, message: "")
  }
}

extension HeadroomReport {
  fileprivate func reservation(for id: RolloutID, _ target: ServiceTarget, until expires: Timestamp) -> ServiceIndex.Reservation {
    ServiceIndex.Reservation(
      service: target.service, rollout: id, cluster: target.cluster, namespace: target.namespace, pods: pods, milliCPU: milliCPU,
      memoryBytes: memoryBytes,
      expires: expires)
  }
}
