package import ReleaseModel
import Synchronization

/// Hears a trail while it is verified, and keeps what its records leave in the cluster.
package final class LiveRecords: TrailWitness {
  private let known = Mutex<[String: ServiceOnRecord]>([:])

  package let hearsAll = false

  package init() {}

  package var services: [String: ServiceOnRecord] { known.withLock { $0 } }

  package func hear(_ record: AuditRecord, at place: RecordAddress) {
    known.withLock { $0[record.service.text, default: ServiceOnRecord()].take(record, at: place) }
  }
}
