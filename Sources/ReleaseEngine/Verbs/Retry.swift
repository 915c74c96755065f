package import ReleaseModel

/// `tagflip retry`: commits the wish to release a version once more, be it quarantined, noted or older than what is live. The next run
/// releases it through all gates.
package struct Retry: Sendable {
  private let installation: Installation
  private let service: ServiceName
  private let version: Version
  private let reason: String

  package init(_ installation: Installation, service: ServiceName, version: Version, reason: String) {
    self.installation = installation
    self.service = service
    self.version = version
    self.reason = reason
  }

  /// What was committed.
  package struct Report: Sendable, Hashable {
    package var tag: ReleaseTag
    package var commit: String
    package var sequence: Int
  }

  package func run() async throws(PortError) -> Report {
    let ports = installation.ports
    let attempted = "retry \(service) \(version)"
    let refs = try await ports.tags.listing()
    let tip = try refs.tip(installation.settings.repository, to: attempted)
    let catalog = try await ports.plans.catalog(at: tip)
    guard catalog.services.contains(service) else {
      throw PortError(
        .notFound, attempted: attempted, reason: "tagflip.yaml names no such service",
        hint: "known are: \(catalog.services.map(\.text).joined(separator: ", "))")
    }
    let tags = ServiceTags(refs.tags, catalog: catalog).of[service] ?? []
    guard let tag = tags.first(where: { $0.version == version }) else {
      let near = tags.sorted { $0.version > $1.version }.prefix(5).map(\.version.text).joined(separator: ", ")
      throw PortError(
        .notFound, attempted: attempted, reason: "there is no tag \(catalog.pattern.tagName(of: service, version: version))",
        hint: near.isEmpty ? "push it first" : "there are: \(near)")
    }
    let ledger = try await ports.audit.ledger(of: service, tags: [tag])
    guard ledger.isNoted else {
      throw PortError(
        .conflict, attempted: attempted, reason: "no run has seen \(service) yet, so nothing says which of its tags are old",
        hint: "let one note them first: tagflip run")
    }
    if let decision = ledger.decisions[tag.name], decision.object != tag.object {
      throw PortError(
        .conflict, attempted: attempted,
        reason: "the tag moved since it was first seen (\(decision.object.prefix(12)) → \(tag.object.prefix(12)))",
        hint: "push a new version")
    }
    let record = AuditRecord(
      event: .retry, service: service, installation: installation.settings.installation, at: try await ports.identity.now(),
      actor: try await ports.identity.caller(), botVersion: installation.botVersion, version: version,
      tag: try await ports.tags.facts(of: tag),
      reason: PlainText.line(reason, longest: 500))
    let result = try await AuditKeeper(ports).append([record], expecting: ledger.sequence)
    guard let entry = result.entries.first else {
      throw PortError(.corrupt, attempted: attempted, reason: "the audit log did not say what it appended")
    }
    try await wake()
    return Report(tag: tag, commit: entry.commit, sequence: entry.sequence)
  }

  /// The digests have not changed: without this the next run would end early.
  private func wake() async throws(PortError) {
    let service = service
    try await IndexKeeper(store: installation.ports.state, clock: installation.ports.clock).update { index in
      if index.services[service] == nil { index.refs = nil }
      index.services[service]?.attention = true
    }
  }
}
