import ReleaseModel

// The active Service: looking at it, and changing it by one conditional PATCH that raises the fence.
extension RolloutWork {
  /// What came of a conditional change.
  enum Change: Sendable {
    case applied(patchMs: Int)
    /// The world is not as it was read; nothing of ours was changed.
    case moved(Standing)
  }

  func standing(of open: OpenRollout) -> Standing {
    Standing(of: open, selection: seen.selection, marker: seen.marker, fence: fence)
  }

  /// Reads the Service again and says where the rollout stands.
  mutating func look() async throws(PortError) -> Standing {
    let now = try await ports.services.read(target)
    try await demandStillOpen(now)
    seen = now
    return standing(of: try open)
  }

  /// Changes selector and marker in one PATCH, conditional on both being as they were seen.
  ///
  /// Where only another field of the Service was touched it tries again; a lost answer is settled by reading: the marker names the run
  /// that wrote it.
  mutating func change(_ selector: SelectorChange?, _ edit: @escaping (inout Marker) -> Void) async throws(PortError) -> Change {
    for _ in 0..<10 {
      let before = seen
      var wanted = before.marker
      edit(&wanted)
      wanted.raiseFence(moving: selector != nil)
      wanted.run = installation.run
      let sent = ports.clock.elapsed
      switch try await attempt(selector, wanted, seen: before) {
      case .applied(let after, let patchMs):
        seen = after
        fence = wanted.fence
        return .applied(patchMs: patchMs)
      case .refused(let now):
        if now.marker == wanted {
          // Ours, by a PATCH whose answer was lost: nobody else writes this run's name.
          (seen, fence) = (now, wanted.fence)
          return .applied(patchMs: (ports.clock.elapsed - sent).milliseconds)
        }
        try await demandStillOpen(now)
        seen = now
        guard now.selection == before.selection, now.marker == before.marker else { return .moved(standing(of: try open)) }
      }
    }
    throw PortError(
      .conflict, attempted: "change Service \(target.namespace)/\(target.activeService)",
      reason: "somebody keeps touching it: ten conditional changes in a row were refused",
      hint: "see who: kubectl -n \(target.namespace) get service \(target.activeService) --show-managed-fields -o yaml")
  }

  /// A run that has raised no fence yet cannot tell by the marker that others decided, recorded and took out the outcome since it began: the
  /// journal, read after the Service, can.
  /// - Parameter now: the Service as it was read just now. Where its fence is the one that was seen before, nobody decided anything.
  private func demandStillOpen(_ now: ActiveService) async throws(PortError) {
    guard fence == nil, now.marker.fence != seen.marker.fence else { return }
    var known = journal
    try await known.reload()
    guard known.journal?.open?.id == (try open).id else { throw closed }
  }

  /// Whether the journal, which is there, has this rollout open no more, although this run has not closed it.
  func isEndedByOthers() async throws(PortError) -> Bool {
    guard let id = journal.journal?.open?.id else { return false }
    var known = journal
    try await known.reload()
    return known.journal.map { $0.open?.id != id } ?? false
  }

  /// What whoever holds on to a rollout that no journal has open any more is told.
  var closed: PortError {
    PortError(
      .conflict, attempted: "go on with the rollout of \(service)", reason: "another run has ended it, or its journal is lost",
      hint: "see what came of it: tagflip status \(service)")
  }

  private func attempt(_ selector: SelectorChange?, _ marker: Marker, seen: ActiveService) async throws(PortError) -> ChangeResult {
    do throws(PortError) {
      return try await ports.services.change(target, seen: seen, selector: selector, marker: marker)
    } catch  where error.kind == .unknown {
      return .refused(try await ports.services.read(target))
    }
  }

  /// The server's time.
  func now() async throws(PortError) -> Timestamp { try await ports.identity.now() }
}
