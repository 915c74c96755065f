package import ReleaseModel

/// `tagflip status`: what users are on, what is under way, what happens next and when. Reads the cluster; Git only adds the last record.
package struct StatusQuery: Sendable {
  private let installation: Installation

  package init(_ installation: Installation) {
    self.installation = installation
  }

  /// One service at one instant.
  package struct ServiceStatus: Sendable {
    package var target: ServiceTarget
    package var seen: Result<ActiveService, PortError>
    package var open: OpenRollout?
    package var standing: Standing?
    package var colors: [ColorObservation]
    /// What another hand changed; nil while a rollout is open, or where it could not be looked for.
    package var drift: Drift?
    /// When just that was first found by a run; nil where none has found it yet.
    package var driftSince: Timestamp?
    /// Why what acts without the Service has not followed users yet; nil where it has, or there is nothing.
    package var handOverLeft: String?
    package var entry: ServiceIndex.Entry
    package var lastRecord: AuditRecord?
    /// Who has the service's Lease now.
    package var worker: LeaseHolder?
    /// What could not be read.
    package var unread: [PortError]
  }

  /// The status of one service, or of all in the index, by name.
  /// - Throws: `notFound` where the service is not in the index, and what keeps the index from being read.
  package func run(_ service: ServiceName?) async throws(PortError) -> (services: [ServiceStatus], now: Timestamp) {
    let ports = installation.ports
    let index = try await IndexKeeper(ports).load()
    let now = try await ports.identity.now()
    if let service, index.services[service] == nil {
      let known = index.services.keys.sorted().map(\.text).joined(separator: ", ")
      throw PortError(
        .notFound, attempted: "show the status of \(service)", reason: "no run has seen such a service in this cluster",
        hint: known.isEmpty ? "begin with: tagflip run" : "known are: \(known)")
    }
    var result: [ServiceStatus] = []
    for (name, entry) in index.services.sorted(by: { $0.key < $1.key }) where service == nil || service == name {
      result.append(await status(of: entry))
    }
    return (result, now)
  }

  private func status(of entry: ServiceIndex.Entry) async -> ServiceStatus {
    let ports = installation.ports
    let target = entry.target
    var unread: [PortError] = []
    var journal: Journal?
    var colors: [ColorObservation] = []
    var last: AuditRecord?
    var worker: LeaseHolder?
    let seen: Result<ActiveService, PortError>
    do throws(PortError) {
      seen = .success(try await ports.services.read(target))
    } catch {
      seen = .failure(error)
    }
    do throws(PortError) {
      journal = try await JournalKeeper(of: target.service, in: ports.journals).readable()
      worker = try await ports.leases.holder(of: target.service)
      colors = try await ports.bothColors(of: target)
    } catch {
      unread.append(error)
    }
    do throws(PortError) {
      last = try await ports.audit.last(of: target.service)
    } catch {
      unread.append(error)
    }
    let open = journal?.open
    var drift: Drift?
    if open == nil, unread.isEmpty, case .success(let service) = seen {
      do throws(PortError) {
        drift = try await DriftLook(ports: ports, target: target).look(service, live: journal?.live)
        if let kinds = drift?.unseen, !kinds.isEmpty {
          unread.append(
            PortError(
              .forbidden, attempted: "see whether another hand changed any \(kinds.joined(separator: ", "))",
              reason: "you may not list them", hint: "the bot's own runs look there"))
        }
      } catch {
        unread.append(error)
      }
    }
    var since: Timestamp?
    if let drift, case .success(let service) = seen, let note = entry.drift, let digest = note.digest,
      DriftReport(since: note.since, all: drift.findings).digest(of: service.marker.rollout) == digest
    {
      since = note.since
    }
    var standing: Standing?
    if let open, case .success(let service) = seen {
      standing = Standing(of: open, selection: service.selection, marker: service.marker, fence: nil)
    }
    return ServiceStatus(
      target: target, seen: seen, open: open, standing: standing, colors: colors, drift: drift, driftSince: since,
      handOverLeft: journal?.handOverLeft, entry: entry, lastRecord: last,
      worker: worker,
      unread: unread)
  }
}
