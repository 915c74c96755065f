package import ReleaseModel

/// `tagflip audit reseal`: a person accepts the audit branch as it is after somebody rewrote, reset or deleted it. The trail of every service
/// says so from then on, and new rollouts start again.
package struct Reseal: Sendable {
  private let installation: Installation
  private let reason: String

  package init(_ installation: Installation, reason: String) {
    self.installation = installation
    self.reason = reason
  }

  /// What was accepted.
  package struct Report: Sendable, Hashable {
    package var lost: AuditAnchor
    package var found: AuditAnchor?
    /// Where the branch stands now, with the records that say so.
    package var head: AuditAnchor
  }

  /// - Throws: `conflict` where there is nothing to accept: the branch leads back to where it was seen last.
  /// - Parameter hand: the operator's key and what others signed before; ``OperatorHand/empty`` where the settings ask for no signature.
  package func run(by hand: OperatorHand = .empty) async throws(PortError) -> RequestResult<Report> {
    let ports = installation.ports
    let index = IndexKeeper(ports)
    let known = try await index.load()
    let standing = try await ports.audit.standing(since: known.audit)
    guard let lost = known.audit, !standing.isIntact else {
      throw PortError(
        .conflict, attempted: "reseal the audit branch", reason: "it leads back to where it was seen last: nothing was rewritten",
        hint: "look at it with: tagflip audit verify")
    }
    let reseal = AcceptedRewrite(lost: lost, found: standing.head)
    let (now, actor) = (try await ports.identity.now(), try await ports.identity.caller())
    let wanted = OperatorRequest(
      .reseal, installation: installation.settings.installation, reseal: reseal, reason: PlainText.line(reason, longest: 500), at: now)
    let accepted: OperatorDesk.Accepted
    switch try await OperatorDesk(installation: installation).take(wanted, from: hand) {
    case .signed(let request): return .signed(request)
    case .accepted(let found): accepted = found
    }
    var records: [AuditRecord] = []
    for service in known.services.keys.sorted() {
      var record = AuditRecord(
        event: .resealed, service: service, installation: installation.settings.installation, at: now, actor: actor,
        botVersion: installation.botVersion, reason: PlainText.line(accepted.reason, longest: 500), reseal: reseal,
        exhibits: accepted.exhibits)
      record.operators = accepted.operators
      let found = await ports.exhibits.exhibits(for: record)
      record.exhibits += found
      records.append(record)
    }
    // Onto what was looked at, and nothing else.
    let result = try await ports.audit.append(records, expecting: nil, onto: standing.head)
    for (record, entry) in zip(records, result.entries) { ports.narrator.tell(.recorded(record, commit: entry.commit)) }
    let head = AuditAnchor(commit: result.head, records: result.count)
    try await index.update { index in
      index.audit = head
      // What was decided before may be lost: everything is looked at anew.
      index.refs = nil
    }
    return .committed(Report(lost: lost, found: standing.head, head: head))
  }
}
