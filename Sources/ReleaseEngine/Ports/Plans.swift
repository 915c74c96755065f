package import ReleaseModel

/// The plans' port: what is released, and what one version of it is made of. Policy comes from the settings it was made with.
package protocol Plans: Sendable {
  /// What is released from the repository, as the protected branch's tip says.
  func catalog(at commit: String) async throws(PortError) -> Catalog

  /// One version of one service as written at the tag's commit, merged with the template from the protected branch, checked against the
  /// installation's policy and floors.
  func blueprint(of service: ServiceName, version: Version, commit: String, catalog: Catalog) async throws(PortError) -> Blueprint
}

/// What `tagflip.yaml` says.
package struct Catalog: Sendable, Hashable {
  /// The commit it was read at.
  package var commit: String
  package var pattern: TagPattern
  /// Services in groups: groups advance one after another, the services of a group side by side.
  package var groups: [[ServiceName]]
  /// Where each service lives, for the index.
  package var targets: [ServiceName: ServiceTarget]
  /// Services whose plan could not be read, and why: their tags wait, the others go on.
  package var broken: [ServiceName: PortError]

  package init(
    commit: String, pattern: TagPattern, groups: [[ServiceName]], targets: [ServiceName: ServiceTarget],
    broken: [ServiceName: PortError] = [:]
  ) {
    self.commit = commit
    self.pattern = pattern
    self.groups = groups
    self.targets = targets
    self.broken = broken
  }

  package var services: [ServiceName] { groups.flatMap(\.self) }
}
