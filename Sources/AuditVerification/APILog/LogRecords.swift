package import ReleaseModel
import Synchronization

/// Hears a trail while it is verified, and keeps what logs of the API server are matched with: some hundred bytes for each rollout.
package final class LogRecords: TrailWitness {
  private let known = Mutex<(services: [String: ServiceTimeline], actors: Set<String>)>(([:], []))

  package let hearsAll = true

  package init() {}

  package var services: [String: ServiceTimeline] { known.withLock { $0.services } }
  /// Everybody whom a record names as who acted through tagflip.
  package var actors: Set<String> { known.withLock { $0.actors } }

  package func hear(_ record: AuditRecord, at place: RecordAddress) {
    known.withLock { known in
      known.services[record.service.text, default: ServiceTimeline()].take(record, at: place)
      for actor in [record.actor, record.conclusion?.actor].compactMap(\.self) where ForeignHand.manager(in: actor) == nil {
        known.actors.insert(actor)
      }
    }
  }
}
