import AuditTrail
package import GitStore
package import ReleaseModel

extension TreeFiles {
  /// The largest of the small files: keys, counts, decisions.
  static let smallLimit = 1 << 20
  /// The largest head: a service with very many versions in quarantine.
  static let headLimit = 16 << 20

  /// The value in a small file; nil where there is none or it is none.
  func value<Value: Decodable>(_ type: Value.Type, _ path: String, limit: Int = smallLimit) throws(GitError) -> Value? {
    guard let bytes = try bytes(path, limit: limit) else { return nil }
    return try? CanonicalJSON.value(type, from: bytes)
  }

  /// The record that an event became; nil where it is not on record, or cannot be read.
  package func record(_ key: RecordKey, of service: ServiceName) throws(GitError) -> AuditRecord? {
    guard let known = try value(RecordedKey.self, AuditTree.key(service, key)), known.sequence > 0 else { return nil }
    return try record(known.sequence, of: service)
  }

  /// A service's record by its sequence.
  package func record(_ sequence: Int, of service: ServiceName) throws(GitError) -> AuditRecord? {
    try bytes(AuditTree.record(service, sequence), limit: TrailRecord.limit).flatMap { bytes in
      if case .readable(let record) = TrailRecord.content(bytes) { record } else { nil }
    }
  }

  /// What was decided on a tag; nil where nothing was.
  func decision(on tag: String, of service: ServiceName) throws(GitError) -> TagDecision? {
    if let decision = try value(TagDecision.self, AuditTree.tag(service, tag)) { return decision }
    return try notedObject(of: tag, service).map { TagDecision(kind: .noted, object: $0, firstSeen: nil, sequence: 1) }
  }

  /// The object that a tag named when its service was first seen; nil where there was no such tag.
  private func notedObject(of tag: String, _ service: ServiceName) throws(GitError) -> String? {
    guard let item = try item(AuditTree.noted(service)), item.kind == .file else { return nil }
    return try objects.noted(item.id)[tag]
  }
}
