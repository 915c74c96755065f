package import Digests
import GitStore
package import ReleaseEngine
package import ReleaseModel

// One event's record, found by its key.
extension GitAuditLog {
  package func record(_ key: RecordKey, of service: ServiceName) async throws(PortError) -> AuditRecord? {
    let snapshot = try await snapshot()
    guard let known = try await snapshot.value(RecordedKey.self, AuditTree.key(service, key)) else { return nil }
    let path = AuditTree.record(service, known.sequence)
    guard let record = try await snapshot.value(AuditRecord.self, path) else {
      throw PortError(
        .corrupt, attempted: "read the record of \(key.text)", reason: "the audit branch lacks \(path)",
        hint: "somebody rewrote the branch: compare with a clone, and restore the commit that tagflip pushed last")
    }
    return record
  }
}

// What lies beside records.
extension GitAuditLog {
  package func exhibit(_ digest: Digest) async throws(PortError) -> [UInt8]? {
    guard let bytes = try await snapshot().bytes(AuditTree.exhibit(digest)) else { return nil }
    guard Digest(of: bytes) == digest else {
      throw PortError(
        .corrupt, attempted: "read \(AuditTree.exhibit(digest)) of the audit branch", reason: "it is not what its name says",
        hint: AuditSnapshot.rewritten)
    }
    return bytes
  }

  package func gone(of service: ServiceName, present: Set<String>) async throws(PortError) -> [ReleaseEngine.RefListing.Tag] {
    let snapshot = try await snapshot()
    guard let tip = snapshot.tip else { return [] }
    var gone: [ReleaseEngine.RefListing.Tag] = []
    let folder = AuditTree.tags(service)
    let files = try await asPort { () throws(GitError) in
      do throws(GitError) {
        return try await remote.store.entries(under: folder, at: tip, limit: GitAuditLog.tagLimit).map(\.path)
      } catch  where error.kind == .notFound {
        return []
      }
    }
    var decided: Set<String> = []
    for file in files {
      // A name too long for a path is known by its digest alone: whether it is gone is not looked after.
      guard let name = AuditTree.tagName(file: file[(file.lastIndex(of: "/").map { file.index(after: $0) } ?? file.startIndex)...])
      else { continue }
      decided.insert(name)
      guard !present.contains(name), let decision = try await snapshot.value(TagDecision.self, AuditTree.tag(service, name)) else {
        continue
      }
      if decision.gone == nil { gone.append(.init(name: name, object: decision.object)) }
    }
    for (name, object) in try await snapshot.value([String: String].self, AuditTree.noted(service)) ?? [:]
    where !present.contains(name) && !decided.contains(name) { gone.append(.init(name: name, object: object)) }
    return gone.sorted { $0.name < $1.name }
  }

  /// How many decided tags of one service are looked through; beyond it the branch is more than a repository of tags can hold.
  private static let tagLimit = 1_000_000
}
