package import ReleaseModel

/// `tagflip retire`: the standby goes cold now instead of at the end of its window.
package struct Retire: Sendable {
  private let installation: Installation
  private let service: ServiceName

  package init(_ installation: Installation, service: ServiceName) {
    self.installation = installation
    self.service = service
  }

  /// Retires the standby.
  /// - Returns: what went cold; nil where there is no warm standby.
  /// - Throws: `conflict` while a bake needs the standby, or another run works on the service.
  package func run() async throws(PortError) -> Marker.Standby? {
    let ports = installation.ports
    var journal = try await JournalKeeper(of: service, in: ports.journals)
    guard let known = try journal.readable() else {
      throw PortError(
        .notFound, attempted: "retire the standby of \(service)", reason: "tagflip has released nothing of it in this cluster")
    }
    let (lease, busy) = try await LeaseKeeper.take(service, in: installation)
    guard let lease else {
      throw PortError(
        .conflict, attempted: "retire the standby of \(service)", reason: "\(busy?.holder ?? "another run") works on it", hint: "try again")
    }
    do throws(PortError) {
      // Read again: a rollout may have been announced before the Lease was ours.
      try await journal.reload()
      guard journal.journal?.open == nil else {
        throw PortError(
          .conflict, attempted: "retire the standby of \(service)", reason: "a rollout is under way and may need it",
          hint: "wait for its outcome: tagflip status \(service)")
      }
      let seen = try await ports.services.read(known.target)
      if let standby = seen.marker.standby, standby.temperature == .warm, let held = standby.heldUntil,
        held > (try await ports.identity.now())
      {
        throw PortError(
          .conflict, attempted: "retire the standby of \(service)",
          reason: "a load balancer that sends to pods' own addresses may still send to \(standby.color)'s until \(held)",
          hint: "try again then")
      }
      guard seen.selection != .both else {
        throw PortError(
          .conflict, attempted: "retire the standby of \(service)", reason: "users reach both colors",
          hint: "say first which one they should be on: tagflip settle \(service) --restore --reason TEXT, or tagflip rollback \(service)")
      }
      let actor = try await ports.identity.caller()
      let retired = try await Retirement(installation: installation, target: known.target, actor: actor).retire(seen, because: "by hand")
      await lease.release()
      return retired
    } catch {
      await lease.release()
      throw error
    }
  }
}
