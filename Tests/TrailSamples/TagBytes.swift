import AuditTrail
import AuditVerification
import GitStore
package import ReleaseModel

/// What a tag names, as Git stores it.
package enum TagBytes: Sendable {
  case tag([UInt8])
  case commit([UInt8])

  /// A tag object as `git tag` makes it.
  ///
  /// - Parameters:
  ///   - header: what its own `tag` header says.
  ///   - signer: nil for an unsigned one.
  package static func made(_ header: String, of commit: String, _ message: String, by signer: House.Person?) -> TagBytes {
    let text =
      "object \(commit)\ntype commit\ntag \(header)\ntagger Ada <ada@example.org> 1767323000 +0000\n\n\(message)\n"
    let payload = Array(text.utf8)
    return .tag(payload + Array((signer?.sign(payload, "git") ?? "").utf8))
  }

  package var bytes: [UInt8] {
    switch self {
    case .tag(let bytes), .commit(let bytes): bytes
    }
  }

  /// The name that Git gives it.
  package var id: String {
    let kind: CloneObjects.Kind = if case .tag = self { .tag } else { .commit }
    return Chronicle.known(try? ObjectID.name(of: bytes, as: kind)).hex
  }

  package func facts(_ tag: ReleaseTag) -> TagFacts {
    switch self {
    case .tag(let bytes): TagFacts(tag, Chronicle.known(TagHeader(bytes)))
    case .commit(let bytes): TagFacts(tag, commit: Chronicle.known(ObjectID(hex: id)), Chronicle.known(CommitHeader(bytes)))
    }
  }

  package var exhibit: Exhibit {
    switch self {
    case .tag(let bytes): Exhibit(.tag, name: id, bytes: bytes)
    case .commit(let bytes): Exhibit(.commit, name: id, bytes: bytes)
    }
  }
}
