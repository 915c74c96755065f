/// Everything the engine knows of the worlds outside. A value of references: what composes a run decides what stands behind each.
package struct Ports: Sendable {
  package var tags: any TagSource
  package var plans: any Plans
  package var audit: any AuditLog
  package var services: any ActiveServices
  package var environments: any Environments
  package var colors: any ColorObserver
  package var rehearsals: any Rehearsals
  package var renderer: any Renderer
  package var state: any StateStore
  package var leases: any Leases
  package var identity: any ClusterIdentity
  package var gates: any Gates
  package var notifier: any Notifier
  package var clock: any RunClock
  package var random: any RandomBits
  package var narrator: any Narrator

  package init(
    tags: any TagSource, plans: any Plans, audit: any AuditLog, services: any ActiveServices, environments: any Environments,
    colors: any ColorObserver, rehearsals: any Rehearsals, renderer: any Renderer, state: any StateStore, leases: any Leases,
    identity: any ClusterIdentity, gates: any Gates, notifier: any Notifier, clock: any RunClock, random: any RandomBits,
    narrator: any Narrator
  ) {
    self.tags = tags
    self.plans = plans
    self.audit = audit
    self.services = services
    self.environments = environments
    self.colors = colors
    self.rehearsals = rehearsals
    self.renderer = renderer
    self.state = state
    self.leases = leases
    self.identity = identity
    self.gates = gates
    self.notifier = notifier
    self.clock = clock
    self.random = random
    self.narrator = narrator
  }
}
