package import ReleaseModel

/// The bot's own documents in its own namespace: index and journals. Every write is conditional.
package protocol StateStore: Sendable {
  /// The document, or nil where there is none.
  func load(_ document: StateDocument) async throws(PortError) -> StoredDocument?

  /// Writes the document if it still has the revision given (nil: only where there is none). A lost answer is `PortError.Kind.unknown`.
  func save(_ document: StateDocument, text: String, expecting revision: String?) async throws(PortError) -> SaveResult

  /// The services that have a journal, for an index that was lost.
  func journals() async throws(PortError) -> [ServiceName]
}

/// Which document.
package enum StateDocument: Sendable, Hashable {
  case index
  case journal(ServiceName)
}

/// A document as stored.
package struct StoredDocument: Sendable, Hashable {
  package var text: String
  /// The object's uid and resourceVersion, opaque to the engine.
  package var revision: String

  package init(text: String, revision: String) {
    self.text = text
    self.revision = revision
  }
}

/// What became of a conditional write.
package enum SaveResult: Sendable, Hashable {
  case saved(revision: String)
  /// Somebody else wrote in between: load again.
  case lost
}

/// One Lease per service. Nothing on the server checks a Lease; the marker's fence does what matters.
package protocol Leases: Sendable {
  /// Takes or renews the service's Lease for `holder`.
  func hold(_ service: ServiceName, holder: String, for span: Duration) async throws(PortError) -> LeaseResult

  /// Who has the service's Lease, and until when, for people; nil where nobody has, or it has ended.
  func holder(of service: ServiceName) async throws(PortError) -> LeaseHolder?

  /// Gives the Lease up where `holder` has it.
  func release(_ service: ServiceName, holder: String) async throws(PortError)
}

/// Who works on a service, and until when his Lease lasts unless he renews it.
package struct LeaseHolder: Sendable, Hashable {
  package var holder: String
  package var until: Timestamp

  package init(holder: String, until: Timestamp) {
    self.holder = holder
    self.until = until
  }
}

/// Whether the Lease is ours.
package enum LeaseResult: Sendable, Hashable {
  case held(until: Timestamp)
  case busy(LeaseHolder)
}

/// Who and when, as the API server says.
package protocol ClusterIdentity: Sendable {
  /// Who the API server says the caller is (SelfSubjectReview): `system:serviceaccount:tagflip:tagflip`.
  func caller() async throws(PortError) -> String

  /// The API server's time now: the latest `Date` it answered with, carried on by the local monotonic clock.
  func now() async throws(PortError) -> Timestamp
}
