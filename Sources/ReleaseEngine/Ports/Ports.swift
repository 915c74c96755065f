package import ReleaseModel

/// Everything the engine knows of the worlds outside. A value of references: what composes a run decides what stands behind each.
///
/// Each port is behind a reference of its own, so that the whole is small where it is carried over suspension points (see `Indirect`).
package struct Ports: Sendable {
  @Indirect package var tags: any TagSource
  @Indirect package var plans: any Plans
  @Indirect package var audit: any AuditLog
  @Indirect package var exhibits: any ExhibitSource
  @Indirect package var operators: any OperatorJudge
  @Indirect package var services: any ActiveServices
  @Indirect package var environments: any Environments
  @Indirect package var colors: any ColorObserver
  @Indirect package var standbyPods: any StandbyPods
  @Indirect package var rehearsals: any Rehearsals
  @Indirect package var adopter: any Adopter
  @Indirect package var runners: any Runners
  @Indirect package var renderer: any Renderer
  @Indirect package var images: any ImageResolver
  @Indirect package var state: any StateStore
  /// On journals; see ``JournalKeeper``.
  package var seal: JournalSeal
  @Indirect package var leases: any Leases
  @Indirect package var identity: any ClusterIdentity
  @Indirect package var gates: any Gates
  @Indirect package var notifier: any Notifier
  @Indirect package var clock: any RunClock
  @Indirect package var random: any RandomBits
  @Indirect package var narrator: any Narrator

  package init(
    tags: any TagSource, plans: any Plans, audit: any AuditLog, exhibits: any ExhibitSource = NoExhibits(),
    operators: any OperatorJudge = NoOperators(), services: any ActiveServices, environments: any Environments,
    colors: any ColorObserver, standbyPods: any StandbyPods, rehearsals: any Rehearsals, adopter: any Adopter = NothingToAdopt(),
    runners: any Runners, renderer: any Renderer,
    images: any ImageResolver = TrustedImages(),
    state: any StateStore, seal: JournalSeal = .none,
    leases: any Leases,
    identity: any ClusterIdentity, gates: any Gates, notifier: any Notifier, clock: any RunClock, random: any RandomBits,
    narrator: any Narrator
  ) {
    self.tags = tags
    self.plans = plans
    self.audit = audit
    self.exhibits = exhibits
    self.operators = operators
    self.services = services
    self.environments = environments
    self.colors = colors
    self.standbyPods = standbyPods
    self.rehearsals = rehearsals
    self.adopter = adopter
    self.runners = runners
    self.renderer = renderer
    self.images = images
    self.state = state
    self.seal = seal
    self.leases = leases
    self.identity = identity
    self.gates = gates
    self.notifier = notifier
    self.clock = clock
    self.random = random
    self.narrator = narrator
  }
}
