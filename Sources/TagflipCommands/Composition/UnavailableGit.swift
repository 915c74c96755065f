import Digests
import PlanFiles
import ReleaseEngine
import ReleaseModel

/// Git that cannot even be composed: a password file that is missing, a malformed URL, a cache that cannot be made.
///
/// Whoever asks for it is told why. Rollback, recovery and `status` ask for nothing of it, and must work on a machine that has none of it.
struct UnavailableGit: TagSource, AuditLog, RepositoryFiles {
  let error: PortError

  func listing() async throws(PortError) -> RefListing { throw error }
  func facts(of tag: ReleaseTag) async throws(PortError) -> TagFacts { throw error }
  func judge(_ facts: TagFacts, by rule: TagRule, at now: Timestamp) async throws(PortError) -> TagVerdict { throw error }
  func ledger(of service: ServiceName, tags: [ReleaseTag]) async throws(PortError) -> ServiceLedger { throw error }
  func append(_ records: [AuditRecord], expecting sequence: Int?, onto anchor: AuditAnchor?) async throws(PortError) -> AppendResult {
    throw error
  }
  func standing(since anchor: AuditAnchor?) async throws(PortError) -> AuditStanding { throw error }
  func record(_ key: RecordKey, of service: ServiceName) async throws(PortError) -> AuditRecord? { throw error }
  func exhibit(_ digest: Digest) async throws(PortError) -> [UInt8]? { throw error }
  func gone(of service: ServiceName, present: Set<String>) async throws(PortError) -> [RefListing.Tag] { throw error }
  func last(of service: ServiceName) async throws(PortError) -> AuditRecord? { throw error }
  func read(_ path: String, at commit: String) async throws(PortError) -> [UInt8]? { throw error }
  func list(_ folder: String, at commit: String) async throws(PortError) -> [String] { throw error }
  func folders(in folder: String, holding name: String, at commit: String) async throws(PortError) -> [String] { throw error }
}
