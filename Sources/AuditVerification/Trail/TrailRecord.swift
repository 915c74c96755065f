package import Digests
import GitStore
package import ReleaseModel

/// The record that a commit adds: where it lies, its bytes, and what could be read of them.
package struct TrailRecord: Sendable {
  /// The largest record that is read, in bytes. The longest notes every tag of a repository.
  static let limit = 32 << 20

  package enum Content: Sendable {
    case readable(AuditRecord)
    /// Of a schema that this version does not know: its place in the chain is checked, what it says is not.
    case unknownSchema(String)
    /// No record: why.
    case unreadable(String)
  }

  package let path: String
  /// The folder's name, which may be no valid name.
  package let folder: String
  /// The sequence that the path gives it.
  package let sequence: Int
  package let bytes: [UInt8]
  package let digest: Digest
  package let content: Content

  package var record: AuditRecord? { if case .readable(let record) = content { record } else { nil } }

  init(path: String, folder: String, sequence: Int, bytes: [UInt8]) {
    self.path = path
    self.folder = folder
    self.sequence = sequence
    self.bytes = bytes
    digest = Digest(of: bytes)
    content = TrailRecord.content(bytes)
  }

  /// Whether the bytes are the one spelling of what was read from them, and a newline.
  var isCanonical: Bool {
    guard let record, let again = try? CanonicalJSON.bytes(of: record) else { return false }
    return bytes == again + [0x0A]
  }

  private struct Schema: Decodable {
    var schema: String
  }

  /// What some bytes say; never throws, whatever they are.
  static func content(_ bytes: [UInt8]) -> Content {
    guard String(validating: bytes, as: UTF8.self) != nil else { return .unreadable("it is not UTF-8") }
    let schema: String
    do {
      schema = try CanonicalJSON.value(Schema.self, from: bytes).schema
    } catch {
      return .unreadable("it is no JSON object with a schema")
    }
    guard schema.utf8.elementsEqual(AuditRecord.schema.utf8) else { return .unknownSchema(schema) }
    do {
      return .readable(try CanonicalJSON.value(AuditRecord.self, from: bytes))
    } catch {
      return .unreadable(reason(error))
    }
  }

  /// Which field is wrong, without what the library calls it.
  private static func reason(_ error: any Error) -> String {
    func path(_ context: DecodingError.Context) -> String {
      context.codingPath.isEmpty ? "the record" : context.codingPath.map(\.stringValue).joined(separator: ".")
    }
    switch error as? DecodingError {
    case .keyNotFound(let key, let context): return "\(path(context)) lacks \(key.stringValue)"
    case .typeMismatch(_, let context), .valueNotFound(_, let context): return "\(path(context)) is of another kind than it should be"
    case .dataCorrupted(let context): return context.codingPath.isEmpty ? "it is no JSON" : "\(path(context)) holds what it must not hold"
    case nil: return "it cannot be read"
    @unknown default: return "it cannot be read"
    }
  }
}
