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
