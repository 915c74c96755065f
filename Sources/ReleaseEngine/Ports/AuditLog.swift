package import Digests
package import ReleaseModel

/// The audit branch: the history of what was decided and done.
package protocol AuditLog: Sendable {
  /// What the branch's tip says about a service, in a bounded number of reads: decisions on just the tags named.
  func ledger(of service: ServiceName, tags: [ReleaseTag]) async throws(PortError) -> ServiceLedger

  /// Appends records in one commit each, pushes them, and says what they became.
  ///
  /// Gives each its sequence and the digest of the one before; rebuilt on the new tip when the race is lost. A record whose key the tip
  /// already has is not appended again. With `expecting`, nothing is appended unless the service's last sequence is this one (or the first
  /// record's key is there already): `PortError.Kind.conflict`, somebody else decided meanwhile.
  ///
  /// With `anchor`, nothing is appended to a branch that does not lead back to it: `PortError.Kind.corrupt`. The engine appends through
  /// ``AuditKeeper``, which knows the anchor.
  func append(_ records: [AuditRecord], expecting sequence: Int?, onto anchor: AuditAnchor?) async throws(PortError) -> AppendResult

  /// Where the branch stands, and whether it leads back to the anchor.
  func standing(since anchor: AuditAnchor?) async throws(PortError) -> AuditStanding

  /// The record that an event became; nil where the event is not on record. One path in the tree, however long the history.
  func record(_ key: RecordKey, of service: ServiceName) async throws(PortError) -> AuditRecord?

  /// The bytes of what a record rests on; nil where the branch does not hold them.
  func exhibit(_ digest: Digest) async throws(PortError) -> [UInt8]?

  /// The tags of a service that are on record, were there when last looked at, and are not among those that are there now.
  func gone(of service: ServiceName, present: Set<String>) async throws(PortError) -> [RefListing.Tag]

  /// The last record of a service, for `status`; nil where there is none.
  func last(of service: ServiceName) async throws(PortError) -> AuditRecord?
}

/// Where the audit branch stands.
package struct AuditStanding: Sendable, Hashable {
  /// Its tip; nil where there is no such branch.
  package var head: AuditAnchor?
  /// Whether the tip is the anchor or has it among its ancestors; without an anchor nothing speaks against it.
  package var isIntact: Bool

  package init(head: AuditAnchor?, isIntact: Bool) {
    self.head = head
    self.isIntact = isIntact
  }
}

/// What became of records.
package struct AppendResult: Sendable, Hashable {
  package struct Entry: Sendable, Hashable {
    package var key: RecordKey
    package var sequence: Int
    package var digest: Digest
    /// The commit that holds it, in hexadecimal.
    package var commit: String
    /// Whether the tip already had it.
    package var wasThere: Bool

    package init(key: RecordKey, sequence: Int, digest: Digest, commit: String, wasThere: Bool) {
      self.key = key
      self.sequence = sequence
      self.digest = digest
      self.commit = commit
      self.wasThere = wasThere
    }
  }

  package var entries: [Entry]
  /// The audit branch's tip after it.
  package var head: String
  /// How many records the branch holds.
  package var count: Int

  package init(entries: [Entry], head: String, count: Int) {
    self.entries = entries
    self.head = head
    self.count = count
  }
}
