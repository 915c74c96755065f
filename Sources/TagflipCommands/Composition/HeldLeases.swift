import ReleaseEngine
import ReleaseModel
import Synchronization

/// Knows which Leases this process may hold, and gives them up once its work was cancelled: a cancelled task sends nothing any more, and the
/// next run would find the service busy until the Lease expires.
final class HeldLeases: Leases {
  private let base: any Leases
  private let held = Mutex<[ServiceName: String]>([:])

  init(_ base: any Leases) { self.base = base }

  func hold(_ service: ServiceName, holder: String, for span: Duration) async throws(PortError) -> LeaseResult {
    // Noted before it is asked for: an answer that is lost may have been yes, and giving up what another holds does nothing.
    held.withLock { $0[service] = holder }
    let result = try await base.hold(service, holder: holder, for: span)
    if case .busy = result { held.withLock { $0[service] = nil } }
    return result
  }

  func holder(of service: ServiceName) async throws(PortError) -> LeaseHolder? { try await base.holder(of: service) }

  func release(_ service: ServiceName, holder: String) async throws(PortError) {
    try await base.release(service, holder: holder)
    held.withLock { $0[service] = nil }
  }

  /// Gives up what is held, or lets it expire where that takes longer than the limit. All work must have ended.
  func giveUp(within limit: Duration) async {
    let all = held.withLock { $0 }
    await withTaskGroup(of: Void.self) { group in
      group.addTask { try? await Task.sleep(for: limit) }
      group.addTask { for (service, holder) in all { try? await self.release(service, holder: holder) } }
      await group.next()
      group.cancelAll()
    }
  }
}
