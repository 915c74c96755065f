package import AuditTrail
package import Digests
import GitStore
package import ReleaseModel

/// What the records up to one commit say, replayed: all that the next commit is judged by.
///
/// Its size is that of the services, their quarantines and waiting retries, never that of history. It is what a ``Checkpoint`` keeps.
package struct TrailState: Sendable, Hashable, Codable {
  /// How many commits have been read.
  package var commits = 0
  package var services: [String: ServiceState] = [:]
  /// As the first record says, or the auditor.
  package var installation: String?
  /// `Name <email>` of the commits so far.
  package var author: String?
  /// The principal whom the auditor's keys name for the last commit that one of them vouches for.
  package var signer: String?
  /// Which versions of the settings and of files of keys records rest on, in turn, oldest first, by ``PolicyFile/key``: as many as people make,
  /// never as many as records.
  package var turns: [String: [PolicyTurn]] = [:]
  /// How many records the count file said more, or fewer, than there are, after the last commit.
  package var countOffset = 0

  package init() {}

  /// How many records there are.
  package var records: Int { services.values.reduce(0) { $0 + $1.records } }
}

/// Something that decides what is let through, and that people change.
package struct PolicyFile: Sendable, Hashable {
  let kind: Exhibit.Kind
  /// Nil for what all services share.
  let service: String?

  /// Nil for exhibits that decide nothing.
  init?(_ kind: Exhibit.Kind, of service: ServiceName) {
    switch kind {
    case .settings, .operators, .revokedOperators: (self.kind, self.service) = (kind, nil)
    // By whose keys tags count, each service may have its own.
    case .signers, .revoked, .keyring: (self.kind, self.service) = (kind, service.text)
    case .tag, .commit, .request, .environment: return nil
    }
  }

  /// Its name in a ``Checkpoint``: `settings`, `signers/web`.
  package var key: String { [kind.rawValue, service].compactMap(\.self).joined(separator: "/") }
}

/// Records that rest on one version of something, one after another.
package struct PolicyTurn: Sendable, Hashable, Codable {
  package var digest: Digest
  /// The first record and the last, `web/7`.
  package var first: String
  package var last: String
  package var records: Int
}

/// What the records of one service say so far.
package struct ServiceState: Sendable, Hashable, Codable {
  package var records = 0
  /// The head as the records make it.
  package var head = LedgerHead()
  /// What the head file says, where that is something else.
  package var deviation: LedgerHead?
  /// What users are on.
  package var live = LivePlace.nothing
  /// Where users would go back to; unknown where the records do not tell.
  package var standby = LivePlace.unknown
  /// The plan that has no outcome yet.
  package var open: OpenPlan?
  package var cluster: String?
  /// When the last record says it happened; retries, which a person commits at any time, left out.
  package var lastAt: Timestamp?
  /// The digest or commit of nothing: where a record could not be read, its successor is not judged by it.
  package var isUncertain = false

  package init() {}
}

/// Where users are, as far as the records tell.
package enum LivePlace: Sendable, Hashable, Codable {
  /// Somebody else moved them, or what moved them cannot be read.
  case unknown
  case nothing
  case on(Color, Version?)

  init(_ color: Color?, _ version: Version?) {
    if let color { self = .on(color, version) } else { self = .nothing }
  }

  /// For people.
  package var words: String {
    switch self {
    case .unknown: "a place that the records do not tell"
    case .nothing: "nothing yet"
    case .on(let color, let version): version.map { "\(color) (\($0))" } ?? "\(color)"
    }
  }
}

/// What an outcome must agree with.
package struct OpenPlan: Sendable, Hashable, Codable {
  package var rollout: RolloutID
  package var sequence: Int
}
