import Digests
package import ReleaseModel

// What other hands changed while no rollout is open: told in the log by each look, and on record once.
extension ServiceRun {
  /// What a look leaves in the index.
  struct DriftSeen: Sendable {
    /// When the next look is due; nil where none is.
    var next: Timestamp?
    @Indirect var note: ServiceIndex.DriftNote?

    /// An early end must not put a look off, nor each look between bring a write with it: a time that is still to come stays.
    func enter(_ entry: inout ServiceIndex.Entry, now: Timestamp) {
      if let next, let due = entry.driftAt, due > now, due <= next { return entry.drift = note }
      (entry.driftAt, entry.drift) = (next, note)
    }
  }

  /// Looks for drift, tells it, and writes it down where that was not done. What goes wrong here is told, and nothing else waits for it.
  /// - Throws: `cancelled` where the run was told to stop.
  func lookForDrift(_ lease: LeaseKeeper) async throws(PortError) -> DriftSeen {
    guard let everyMs = installation.settings.driftEveryMs else { return DriftSeen() }
    let now = try await ports.identity.now()
    let known = try await IndexKeeper(ports).load().services[service]?.drift
    var seen = DriftSeen(next: now + .milliseconds(everyMs), note: known)
    do throws(PortError) {
      guard let sight = try await DriftLook(ports: ports, target: target).look() else {
        // Nothing to look at; or what there was is another release by now, and the next run looks at that.
        let marker = try await ports.services.read(target).marker
        return marker.rollout == nil && marker.adoption == nil ? DriftSeen() : DriftSeen(next: now, note: known)
      }
      tell(sight.drift)
      seen.note = try await record(sight, known, now, lease)
      // Until Git has it each run looks again.
      if seen.note?.isRecorded == false { seen.next = now }
    } catch  where error.kind != .cancelled {
      ports.narrator.tell(.warning(service, error))
    }
    return seen
  }

  private func tell(_ drift: Drift) {
    for finding in drift.findings.prefix(5) {
      ports.narrator.tell(
        .warning(
          service, PortError(.conflict, attempted: "find \(service) as it was left", reason: finding.words, hint: finding.hint(target))))
    }
    if drift.findings.count > 5 {
      ports.narrator.tell(.remark(service, "\(drift.findings.count - 5) more was changed by another hand: tagflip status \(service)"))
    }
    if !drift.unseen.isEmpty {
      ports.narrator.tell(
        .remark(
          service, "whether another hand changed any \(drift.unseen.joined(separator: ", ")) cannot be told: the bot may not see them"))
    }
  }

  /// Writes down what was found, or that it is gone, unless that is on record.
  private func record(
    _ sight: DriftLook.Sight, _ known: ServiceIndex.DriftNote?, _ now: Timestamp, _ lease: LeaseKeeper
  ) async throws(PortError) -> ServiceIndex.DriftNote {
    let first = DriftReport(since: now, all: sight.drift.findings)
    let digest = first.digest(of: sight.marker.rollout)
    if let known, known.digest == digest, known.isRecorded { return known }
    var note = ServiceIndex.DriftNote(digest: digest, since: now, isRecorded: false)
    if let known, known.digest == digest { note.since = known.since }
    do throws(PortError) {
      // The index may be lost, or a run was killed before it wrote there: what the branch says counts.
      let ledger = try await ports.audit.ledger(of: service, tags: [])
      if ledger.drift?.digest == digest {
        return ServiceIndex.DriftNote(digest: digest, since: ledger.drift?.since ?? note.since, isRecorded: true)
      }
      var lease = lease
      try await lease.keep()
      let report = DriftReport(since: note.since, all: sight.drift.findings)
      let record = AuditRecord(
        event: .drift, service: service, installation: installation.settings.installation, at: now, actor: actor,
        botVersion: installation.botVersion, version: sight.marker.version, rollout: sight.marker.rollout,
        observed: await ports.observedObjects(of: target), drift: report)
      let result = try await AuditKeeper(ports).append([record], expecting: ledger.sequence)
      for entry in result.entries where !entry.wasThere { ports.narrator.tell(.recorded(record, commit: entry.commit)) }
      note.isRecorded = true
    } catch  where error.kind != .cancelled {
      ports.narrator.tell(.warning(service, error))
    }
    return note
  }
}

extension DriftFinding {
  /// What to do about it. Nothing of it is done by a run.
  package func hint(_ target: ServiceTarget) -> String {
    let kubectl = "kubectl -n \(target.namespace)"
    let name = object.split(separator: " ").last.map(String.init) ?? object
    let anew = isStandby ? "a rollback may find less than it needs until then" : "or release a new version"
    switch kind {
    case .moved: return "say what is right: tagflip settle \(target.service) --restore (or --accept) --reason TEXT"
    case .size: return "put it back: \(kubectl) scale deployment/\(name) --replicas=\(left ?? "N"); \(anew)"
    case .image:
      guard let container, let left, found != nil else { return "see what it was: git log of the audit branch; \(anew)" }
      return "put it back: \(kubectl) set image deployment/\(name) \(container)=\(left); \(anew)"
    case .gone, .remade: return "make it as it was (its kind and digest are in the release's plan, on the audit branch); \(anew)"
    case .stranger:
      return "see whose it is, and delete it if nobody needs it: \(kubectl) get all,cm,secret -l \(Marker.colorLabel)=\(color)"
    }
  }
}
