import Digests
import ReleaseEngine
import ReleaseModel
import Synchronization

/// Writes an outcome into the marker once Git has it, and believes that it is there before.
final class LateOutcome: ActiveServices, AuditLog {
  private struct Held: Sendable {
    var target: ServiceTarget
    var conclusions: [Conclusion]
  }

  private let services: any ActiveServices
  private let audit: any AuditLog
  private let held = Mutex<Held?>(nil)

  init(services: any ActiveServices, audit: any AuditLog) {
    self.services = services
    self.audit = audit
  }

  func read(_ target: ServiceTarget) async throws(PortError) -> ActiveService {
    var seen = try await services.read(target)
    seen.marker.pending += held.withLock { $0?.conclusions ?? [] }
    return seen
  }

  func change(
    _ target: ServiceTarget, seen: ActiveService, selector: SelectorChange?, marker: Marker
  ) async throws(PortError) -> ChangeResult {
    let mine = held.withLock { $0?.conclusions ?? [] }
    var seen = seen
    seen.marker.pending.removeAll { mine.contains($0) }
    let added = marker.pending.filter { !seen.marker.pending.contains($0) && $0.event == .outcome }
    var marker = marker
    marker.pending.removeAll { added.contains($0) }
    let result = try await services.change(target, seen: seen, selector: selector, marker: marker)
    guard case .applied(var now, let ms) = result else { return result }
    held.withLock { $0 = added.isEmpty ? nil : Held(target: target, conclusions: added) }
    now.marker.pending += added
    return .applied(now, patchMs: ms)
  }

  func traffic(_ target: ServiceTarget, to colors: [Color], within limit: Duration) async throws(PortError) -> TrafficReport {
    try await services.traffic(target, to: colors, within: limit)
  }

  func preview(_ target: ServiceTarget, color: Color, rollout: RolloutID) async throws(PortError) -> ServiceAddress {
    try await services.preview(target, color: color, rollout: rollout)
  }

  func ledger(of service: ServiceName, tags: [ReleaseTag]) async throws(PortError) -> ServiceLedger {
    try await audit.ledger(of: service, tags: tags)
  }

  func standing(since anchor: AuditAnchor?) async throws(PortError) -> AuditStanding { try await audit.standing(since: anchor) }

  func append(
    _ records: [AuditRecord], expecting sequence: Int?, onto anchor: AuditAnchor?
  ) async throws(PortError) -> AppendResult {
    let result = try await audit.append(records, expecting: sequence, onto: anchor)
    guard records.contains(where: { $0.event == .outcome }), let late = held.withLock({ $0 }) else { return result }
    let now = try await services.read(late.target)
    var marker = now.marker
    marker.fence += 1
    marker.pending += late.conclusions
    _ = try await services.change(late.target, seen: now, selector: nil, marker: marker)
    held.withLock { $0 = nil }
    return result
  }

  func record(_ key: RecordKey, of service: ServiceName) async throws(PortError) -> AuditRecord? {
    try await audit.record(key, of: service)
  }

  func exhibit(_ digest: Digest) async throws(PortError) -> [UInt8]? { try await audit.exhibit(digest) }

  func gone(of service: ServiceName, present: Set<String>) async throws(PortError) -> [RefListing.Tag] {
    try await audit.gone(of: service, present: present)
  }

  func last(of service: ServiceName) async throws(PortError) -> AuditRecord? { try await audit.last(of: service) }
}
