package import ReleaseModel

/// One service's Lease, held while a run works on it and renewed as the work goes along.
package struct LeaseKeeper: Sendable {
  private let leases: any Leases
  private let clock: any RunClock
  private let service: ServiceName
  private let holder: String
  private var renewed: Duration
  /// How long the Lease outlives its last renewal. What a killed run holds is free again so long after.
  private let span: Duration

  private init(leases: any Leases, clock: any RunClock, service: ServiceName, holder: String, renewed: Duration, span: Duration) {
    self.leases = leases
    self.clock = clock
    self.service = service
    self.holder = holder
    self.renewed = renewed
    self.span = span
  }

  /// The Lease, or who has it.
  package static func take(_ service: ServiceName, in installation: Installation) async throws(PortError) -> (
    lease: LeaseKeeper?, busy: LeaseHolder?
  ) {
    let ports = installation.ports
    let now = ports.clock.elapsed
    let span = Duration.milliseconds(installation.settings.leaseMs)
    switch try await ports.leases.hold(service, holder: installation.run, for: span) {
    case .held:
      let keeper = LeaseKeeper(
        leases: ports.leases, clock: ports.clock, service: service, holder: installation.run, renewed: now, span: span)
      return (keeper, nil)
    case .busy(let rival): return (nil, rival)
    }
  }

  /// The Lease, as soon as it is free; or who has it, as soon as a renewal shows that he is alive.
  ///
  /// A Lease alone does not tell a run that works from one that was killed. Waiting until it was renewed or has ended does, and keeps a bake
  /// that nobody watches from staying so until the run after this one.
  package static func takeOrSeeRenewed(
    _ service: ServiceName, in installation: Installation
  ) async throws(PortError) -> (lease: LeaseKeeper?, busy: LeaseHolder?) {
    var first: LeaseHolder?
    while true {
      let (lease, busy) = try await take(service, in: installation)
      guard let busy else { return (lease, nil) }
      if let first, first != busy { return (nil, busy) }
      if first == nil {
        let words = "\(busy.holder) has the Lease until \(busy.until); waiting until it is renewed or ends"
        installation.ports.narrator.tell(.remark(service, words))
      }
      first = busy
      do {
        try await installation.ports.clock.sleep(for: .seconds(1))
      } catch {
        return (nil, busy)
      }
    }
  }

  /// Renews the Lease when a third of its span has passed.
  ///
  /// A renewal that gets no answer is tried again with the next call; the fence, not the Lease, is what keeps writers apart.
  /// - Throws: `conflict` where somebody else has it now; this run must stop.
  package mutating func keep() async throws(PortError) {
    let now = clock.elapsed
    guard now - renewed >= span / 3 else { return }
    do throws(PortError) {
      switch try await leases.hold(service, holder: holder, for: span) {
      case .held: renewed = now
      case .busy(let rival):
        throw PortError(.conflict, attempted: "keep the Lease of \(service)", reason: "\(rival.holder) has taken it over")
      }
    } catch  where error.kind == .unreachable || error.kind == .unknown || error.kind == .timedOut {}
  }

  /// Gives the Lease up; that it could not be is no harm, it expires.
  package func release() async { try? await leases.release(service, holder: holder) }
}
