package import ReleaseModel

/// Pushes what was decided in a marker and is not in Git yet, oldest first, and then takes it out of the marker.
package struct Recorder: Sendable {
  let installation: Installation
  let target: ServiceTarget

  package init(installation: Installation, target: ServiceTarget) {
    self.installation = installation
    self.target = target
  }

  private var ports: Ports { installation.ports }

  /// Pushes a record for each pending conclusion; `outcome` is the one that has a whole journal to tell, `remarks` what those of others must
  /// tell besides.
  /// - Returns: false where Git could not take them now; what is wrong has been told.
  package func push(
    pending: [Conclusion], outcome: AuditRecord? = nil, remarks: [RolloutID: [String]] = [:]
  ) async throws(PortError) -> Bool {
    var records: [AuditRecord] = []
    for conclusion in pending {
      if let outcome, conclusion.event == .outcome, outcome.rollout == conclusion.rollout {
        records.append(outcome)
      } else {
        records.append(await record(of: conclusion, remarks: remarks[conclusion.rollout] ?? []))
      }
    }
    guard !records.isEmpty else { return true }
    do throws(PortError) {
      let result = try await AuditKeeper(ports).append(records, expecting: nil)
      for (record, entry) in zip(records, result.entries) where !entry.wasThere { await announce(record, entry, result) }
      return true
    } catch  where error.kind != .cancelled {
      ports.narrator.tell(.warning(target.service, error))
      return false
    }
  }

  /// Of what a marker held when it was read, that which no open rollout answers for.
  ///
  /// The journal is read here, after the Service: an outcome whose rollout it still has open is that rollout's to record, with all its journal
  /// tells, and may be forgotten only once the journal is closed. Whoever was held up between the two would decide it a second time.
  package func unanswered(_ pending: [Conclusion]) async throws(PortError) -> [Conclusion] {
    guard !pending.isEmpty else { return [] }
    let open = try await JournalKeeper(of: target.service, in: ports.journals).readable()?.open?.id
    return pending.filter { $0.event != .outcome || $0.rollout != open }
  }

  private func announce(_ record: AuditRecord, _ entry: AppendResult.Entry, _ result: AppendResult) async {
    ports.narrator.tell(.recorded(record, commit: entry.commit))
    guard record.event == .outcome else { return }
    var finished = record
    finished.sequence = entry.sequence
    if let error = await ports.notifier.send(Notice(record: finished, auditHead: result.head, auditCount: result.count)) {
      ports.narrator.tell(.warning(target.service, error))
    }
  }

  /// The record of a conclusion that no journal tells more about: a rollback by a person, a retired standby, a lost journal.
  private func record(of conclusion: Conclusion, remarks: [String]) async -> AuditRecord {
    let observed = conclusion.event == .retired ? [] : await ports.observedObjects(of: target)
    return AuditRecord(
      event: AuditRecord.Event(conclusion.event), service: target.service, installation: installation.settings.installation,
      at: conclusion.decidedAt, actor: conclusion.actor, botVersion: installation.botVersion, version: conclusion.version,
      rollout: conclusion.rollout, conclusion: conclusion, observed: observed,
      remarks: conclusion.event == .outcome ? remarks : [])
  }

  /// Takes conclusions that are in Git out of the marker. Losing a race is no harm: the next run finds them recorded already.
  package func forget(_ recorded: [Conclusion]) async throws(PortError) {
    for _ in 0..<5 {
      let seen = try await ports.services.read(target)
      var marker = seen.marker
      marker.pending.removeAll { recorded.contains($0) }
      guard marker.pending != seen.marker.pending else { return }
      marker.raiseFence(moving: false)
      marker.run = installation.run
      do throws(PortError) {
        if case .applied = try await ports.services.change(target, seen: seen, selector: nil, marker: marker) { return }
      } catch  where error.kind == .unknown {}
    }
  }
}

extension Ports {
  /// The active Service and what stands behind it now. What cannot be read is left out: no record waits for it.
  func observedObjects(of target: ServiceTarget) async -> [ObservedObject] {
    guard let service = try? await services.read(target) else { return [] }
    let name = "\(target.namespace)/\(target.activeService)"
    let own = ObservedObject(
      kind: "v1/Service", name: name, uid: service.uid, resourceVersion: service.resourceVersion, selector: service.selector)
    let reached: [Color] =
      switch service.selection {
      case .color(let color): [color]
      case .both: Color.allCases
      case .nothing, .uncolored, .foreign: []
      }
    var workloads: [ObservedObject] = []
    for color in reached {
      guard let held = try? await colors.observe(color, target: target) else { continue }
      workloads += held.workloads.compactMap { $0.identity?.observed(in: target.namespace) }
    }
    return [own] + workloads.sorted { $0.name < $1.name }
  }
}
