import ReleaseModel

/// A change of the active Service by a person's word: one conditional PATCH that decides it, and its record.
///
/// As for every change but a rollback, Git must be there and whole before anything is changed. The PATCH holds the conclusion until it is on record.
struct PersonsWord: Sendable {
  let installation: Installation
  let target: ServiceTarget
  /// `adopt web`, for errors.
  let attempted: String

  private var ports: Ports { installation.ports }

  /// What is decided.
  struct Wanted: Sendable {
    var event: Conclusion.Event
    var version: Version?
    var from: Color?
    var to: Color?
    var reason: String
    /// Nil where the selector stays as it is.
    var selector: SelectorChange?
  }

  /// Holds the Lease around some work, while no rollout is open.
  func alone<Value: Sendable>(_ body: (LeaseKeeper) async throws(PortError) -> Value) async throws(PortError) -> Value {
    try await AuditKeeper(ports).check()
    let (lease, busy) = try await LeaseKeeper.take(target.service, in: installation)
    guard let lease else {
      throw PortError(.conflict, attempted: attempted, reason: "\(busy?.holder ?? "another run") works on it", hint: "try again")
    }
    do throws(PortError) {
      // Read under the Lease: a rollout may have been announced before it was ours.
      guard try await JournalKeeper(of: target.service, in: ports.journals).readable()?.open == nil else {
        throw PortError(
          .conflict, attempted: attempted, reason: "a rollout is under way",
          hint: "wait for its outcome: tagflip status \(target.service)")
      }
      let value = try await body(lease)
      await lease.release()
      return value
    } catch {
      await lease.release()
      throw error
    }
  }

  /// Decides it in the marker. ``record()`` then writes down what is decided.
  /// - Returns: the Service afterwards, whose marker holds the conclusion.
  /// - Throws: `conflict` where the Service changed meanwhile.
  func decide(
    _ wanted: Wanted, _ seen: ActiveService, _ edit: (inout Marker) -> Void
  ) async throws(PortError) -> ActiveService {
    let now = try await ports.identity.now()
    let conclusion = Conclusion(
      event: wanted.event, rollout: RolloutID(random: ports.random.next()), outcome: nil, version: wanted.version, from: wanted.from,
      to: wanted.to, actor: try await ports.identity.caller(), reason: PlainText.line(wanted.reason, longest: 500), decidedAt: now,
      exposed: false, quarantines: false, flippedAt: wanted.selector == nil ? nil : now)
    return try await decide(conclusion, wanted.selector, seen) { marker in
      edit(&marker)
      marker.pending.append(conclusion)
    }
  }

  /// Decides a conclusion that `edit` puts into the marker.
  func decide(
    _ conclusion: Conclusion, _ selector: SelectorChange?, _ seen: ActiveService, _ edit: (inout Marker) -> Void
  ) async throws(PortError) -> ActiveService {
    var marker = seen.marker
    edit(&marker)
    marker.raiseFence(moving: selector != nil)
    marker.run = installation.run
    // First: whoever is killed after the PATCH leaves a record to be pushed, and the next run must not end early.
    try await enterIndex()
    let after = try await change(marker, selector, seen)
    ports.narrator.tell(.decided(target.service, conclusion))
    return after
  }

  /// Does what was decided asks for besides, and pushes the record. It was decided: what goes wrong here is told, and the next run's to do.
  /// - Returns: whether it is on record already; else the marker holds it for the next run.
  func record(_ lease: LeaseKeeper) async -> Bool {
    do throws(PortError) {
      var journal = try await JournalKeeper(of: target.service, in: ports.journals)
      return try await Aftermath(installation: installation, target: target, lease: lease).settle(&journal)
    } catch {
      ports.narrator.tell(.warning(target.service, error))
      return false
    }
  }

  private func change(_ marker: Marker, _ selector: SelectorChange?, _ seen: ActiveService) async throws(PortError) -> ActiveService {
    var reason = "the Service changed meanwhile, and was not touched"
    do throws(PortError) {
      if case .applied(let after, _) = try await ports.services.change(target, seen: seen, selector: selector, marker: marker) {
        return after
      }
    } catch  where error.kind == .unknown {
      let now = try await ports.services.read(target)
      if now.marker == marker { return now }
      reason = "nobody answered whether the Service was changed (\(error.reason)), and what is there now is something else"
    }
    throw PortError(.conflict, attempted: attempted, reason: reason, hint: "look at it, and try again: tagflip status \(target.service)")
  }

  /// The next run looks at the service, whatever the refs say.
  private func enterIndex() async throws(PortError) {
    let target = target
    try await IndexKeeper(ports).update { index in
      var entry = index.services[target.service] ?? ServiceIndex.Entry(target: target)
      entry.attention = true
      index.services[target.service] = entry
    }
  }
}
