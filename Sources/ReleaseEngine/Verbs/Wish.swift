package import ReleaseModel

/// `tagflip retry` and `tagflip override`: commit a wish about a version that the next run acts upon.
///
/// A retry lets a version in once more, be it quarantined, noted or older than what is live; an override lets one begin although a freeze
/// holds. Everything else that is asked of a release is asked of it too.
package struct Wish: Sendable {
  package enum Kind: Sendable, Hashable {
    case retry
    case override
  }

  private let installation: Installation
  private let kind: Kind
  private let service: ServiceName
  private let version: Version
  private let reason: String

  package init(_ kind: Kind, _ installation: Installation, service: ServiceName, version: Version, reason: String) {
    self.kind = kind
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
    package var operators: [TagSignature]
  }

  private var action: OperatorRequest.Action {
    switch kind {
    case .retry: .retry
    case .override: .override
    }
  }

  private var attempted: String {
    switch kind {
    case .retry: "retry \(service) \(version)"
    case .override: "override the freeze for \(service) \(version)"
    }
  }

  /// - Parameter hand: the operator's key and what others signed before; ``OperatorHand/empty`` where the settings ask for no signature.
  package func run(by hand: OperatorHand = .empty) async throws(PortError) -> RequestResult<Report> {
    let ports = installation.ports
    if kind == .override && installation.settings.operators == nil {
      throw PortError(
        .configuration, attempted: attempted, reason: "the settings name nobody who may override a freeze",
        hint: "name operators (operators: {signers: FILE}), or end the freeze in the settings")
    }
    let tag = try await tag()
    let ledger = try await ports.audit.ledger(of: service, tags: [tag])
    try demandKnown(tag, ledger)
    let now = try await ports.identity.now()
    let wanted = OperatorRequest(
      action, installation: installation.settings.installation, tag: tag, reason: PlainText.line(reason, longest: 500), at: now)
    let accepted: OperatorDesk.Accepted
    switch try await OperatorDesk(installation: installation).take(wanted, from: hand) {
    case .signed(let request): return .signed(request)
    case .accepted(let found): accepted = found
    }
    var record = AuditRecord(
      event: kind == .retry ? .retry : .override, service: service, installation: installation.settings.installation, at: now,
      actor: try await ports.identity.caller(), botVersion: installation.botVersion, version: version,
      tag: try await ports.tags.facts(of: tag), reason: PlainText.line(accepted.reason, longest: 500), exhibits: accepted.exhibits)
    record.operators = accepted.operators
    let result = try await AuditKeeper(ports).append([record], expecting: ledger.sequence)
    guard let entry = result.entries.first else {
      throw PortError(.corrupt, attempted: attempted, reason: "the audit log did not say what it appended")
    }
    guard !entry.wasThere else {
      throw PortError(
        .conflict, attempted: attempted, reason: "this very request is on record already (record \(entry.sequence)): each counts once",
        hint: "sign a new one")
    }
    try await wake()
    return .committed(Report(tag: tag, commit: entry.commit, sequence: entry.sequence, operators: accepted.operators))
  }

  /// The version's tag, as the release repo has it now.
  private func tag() async throws(PortError) -> ReleaseTag {
    let ports = installation.ports
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
    return tag
  }

  private func demandKnown(_ tag: ReleaseTag, _ ledger: ServiceLedger) throws(PortError) {
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
  }

  /// The digests have not changed: without this the next run would end early.
  private func wake() async throws(PortError) {
    let service = service
    try await IndexKeeper(installation.ports).update { index in
      if index.services[service] == nil { index.refs = nil }
      index.services[service]?.attention = true
    }
  }
}
