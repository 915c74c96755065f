import FoundationEssentials
import ReleaseModel

/// The body of a registry's refusal: `{"errors": [{"code": "MANIFEST_UNKNOWN", "message": …}]}` (OCI distribution, "Error Codes").
struct RegistryErrors: Sendable {
  /// In the registry's words, one line; nil where the body is none.
  let words: String?

  init(_ body: [UInt8]) {
    guard let document = try? JSONDecoder().decode(Document.self, from: Data(body)), let first = document.errors.first else {
      words = nil
      return
    }
    words = PlainText.line([first.code, first.message].compactMap(\.self).joined(separator: ": "), longest: 200)
  }

  private struct Document: Decodable {
    var errors: [Entry]
  }

  private struct Entry: Decodable {
    var code: String?
    var message: String?
  }
}
