import GitStore
import ReleaseEngine
import ReleaseModel

/// The audit branch at one commit, with what an append that is being made has changed over it.
struct AuditSnapshot: Sendable {
  let store: GitStore
  /// Nil where the branch does not exist yet.
  let tip: ObjectID?
  /// Files of commits that are made and not pushed yet.
  var overlay: [String: [UInt8]] = [:]

  static let rewritten = "somebody rewrote the branch: compare with a clone, and restore the commit that tagflip pushed last"

  func bytes(_ path: String) async throws(PortError) -> [UInt8]? {
    if let bytes = overlay[path] { return bytes }
    guard let tip else { return nil }
    do throws(GitError) {
      return try await store.file(path, at: tip, limit: 64 << 20)
    } catch  where error.kind == .notFound {
      return nil
    } catch {
      throw PortError(error)
    }
  }

  func value<Value: Decodable>(_ type: Value.Type, _ path: String) async throws(PortError) -> Value? {
    guard let bytes = try await bytes(path) else { return nil }
    do {
      return try CanonicalJSON.value(type, from: bytes)
    } catch {
      throw PortError(
        .corrupt, attempted: "read \(path) of the audit branch", reason: "it is not what tagflip wrote",
        hint: AuditSnapshot.rewritten)
    }
  }

  /// The tip with its count of records; nil where the branch does not exist.
  func anchor() async throws(PortError) -> AuditAnchor? {
    guard let tip else { return nil }
    return AuditAnchor(commit: tip.hex, records: try await value(RecordCount.self, AuditTree.count)?.records ?? 0)
  }

  /// Whether the tip is the anchor or has it among its ancestors. A branch that is fetched whole and lacks the anchor does not.
  func leadsBack(to anchor: AuditAnchor) async throws(PortError) -> Bool {
    guard let tip, let wanted = ObjectID(hex: anchor.commit) else { return false }
    return try await asPort { () throws(GitError) in
      guard try await store.contains(wanted) else { return false }
      return try await store.descends(tip, from: wanted)
    }
  }

  func head(_ service: ServiceName) async throws(PortError) -> LedgerHead {
    try await value(LedgerHead.self, AuditTree.head(service)) ?? LedgerHead()
  }
}
