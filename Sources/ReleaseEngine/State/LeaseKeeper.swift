package import ReleaseModel

/// One service's Lease, held while a run works on it and renewed as the work goes along.
package struct LeaseKeeper: Sendable {
  private let leases: any Leases
  private let clock: any RunClock
  private let service: ServiceName
  private let holder: String
  private var renewed: Duration

  /// How long the Lease outlives its last renewal.
  package static let span: Duration = .seconds(60)

  private init(leases: any Leases, clock: any RunClock, service: ServiceName, holder: String, renewed: Duration) {
    self.leases = leases
    self.clock = clock
    self.service = service
    self.holder = holder
    self.renewed = renewed
  }

  /// Who else works on a service, and until when his Lease lasts.
  package struct Busy: Sendable, Hashable {
    package var holder: String
    package var until: Timestamp
  }

  /// The Lease, or who has it.
  package static func take(_ service: ServiceName, in installation: Installation) async throws(PortError) -> (
    lease: LeaseKeeper?, busy: Busy?
  ) {
    let ports = installation.ports
    let now = ports.clock.elapsed
    switch try await ports.leases.hold(service, holder: installation.run, for: span) {
    case .held:
      let keeper = LeaseKeeper(leases: ports.leases, clock: ports.clock, service: service, holder: installation.run, renewed: now)
      return (keeper, nil)
    case .busy(let holder, let until): return (nil, Busy(holder: holder, until: until))
    }
  }

  /// Renews the Lease when a third of its span has passed.
  ///
  /// A renewal that gets no answer is tried again with the next call; the fence, not the Lease, is what keeps writers apart.
  /// - Throws: `conflict` where somebody else has it now; this run must stop.
  package mutating func keep() async throws(PortError) {
    let now = clock.elapsed
    guard now - renewed >= LeaseKeeper.span / 3 else { return }
    do throws(PortError) {
      switch try await leases.hold(service, holder: holder, for: LeaseKeeper.span) {
      case .held: renewed = now
      case .busy(let rival, _):
        throw PortError(.conflict, attempted: "keep the Lease of \(service)", reason: "\(rival) has taken it over")
      }
    } catch  where error.kind == .unreachable || error.kind == .unknown || error.kind == .timedOut {}
  }

  /// Gives the Lease up; that it could not be is no harm, it expires.
  package func release() async { try? await leases.release(service, holder: holder) }
}
