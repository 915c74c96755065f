package import ReleaseModel

/// The audit branch together with its anchor in the index: appends only onto what leads back to the last commit that was seen, so that a
/// branch that somebody rewrote, reset or deleted is noticed and not continued.
package struct AuditKeeper: Sendable {
  // By reference: what is carried over suspension points must be small (see `Indirect`).
  @Indirect private var ports: Ports

  package init(_ ports: Ports) { self.ports = ports }

  private var index: IndexKeeper { IndexKeeper(ports) }

  /// Appends records with what they rest on (see ``AuditLog/append(_:expecting:onto:)``) and moves the anchor on.
  /// - Throws: `corrupt` where the branch does not lead back to the anchor; nothing is appended then.
  package func append(_ records: [AuditRecord], expecting sequence: Int?) async throws(PortError) -> AppendResult {
    let known = try await index.load()
    let anchor = known.audit
    var complete = records
    for (index, record) in records.enumerated() {
      let found = await ports.exhibits.exhibits(for: record)
      complete[index].exhibits += found
    }
    let result = try await ports.audit.append(complete, expecting: sequence, onto: anchor)
    // An anchor that stays behind is none the worse: what was appended leads back to it.
    do throws(PortError) {
      try await note(AuditAnchor(commit: result.head, records: result.count))
    } catch {}
    return result
  }

  /// Looks whether the branch still leads back to the anchor, and moves the anchor to where it stands.
  /// - Throws: `corrupt` where it does not: nothing new may rest on what it says.
  package func check() async throws(PortError) {
    let known = try await index.load()
    let anchor = known.audit
    let standing = try await ports.audit.standing(since: anchor)
    if let anchor, !standing.isIntact { throw AuditKeeper.rewritten(anchor, now: standing.head, in: "check the audit branch") }
    guard let head = standing.head, head != anchor else { return }
    if anchor == nil {
      ports.narrator.tell(
        .remark(
          nil,
          "the audit branch is taken as it stands, \(head.records) records at \(head.commit.prefix(12)): nothing tells how it was before"))
    }
    try await note(head)
  }

  private func note(_ seen: AuditAnchor) async throws(PortError) { try await index.update { $0.anchor(seen) } }

  /// What a person is told of a branch that was rewritten.
  package static func rewritten(_ anchor: AuditAnchor, now: AuditAnchor?, in attempted: String) -> PortError {
    let found = now.map { "it is at \($0.commit.prefix(12)) with \($0.records) now, which does not lead back there" } ?? "it is gone now"
    return PortError(
      .corrupt, attempted: attempted,
      reason: "the branch held \(anchor.records) records at \(anchor.commit.prefix(12)); \(found): somebody rewrote, reset or deleted it",
      hint:
        "nothing new is released until it is restored from a clone (git push --force REMOTE \(anchor.commit.prefix(12)):refs/heads/BRANCH) or, once you "
        + "know why, accepted as it is: tagflip audit reseal --reason TEXT. Rolling back works meanwhile")
  }
}
