import HTTPTransport
import KubernetesModel

/// What is to be asked of the API server.
struct Call: Sendable {
  var method: String
  var path: String
  var query: [(String, String)] = []
  var contentType: String?
  var body: [UInt8] = []
  /// Whether the server's state changes by it; a dry run is none.
  var isWrite: Bool
  /// `get services shop/web`, for errors.
  var attempted: String

  /// A call of a kind's path, its names checked and escaped.
  /// - Throws: `badRequest` for a name that no object can have. An empty one above all would address all objects at once.
  init(
    _ method: String, _ verb: String, _ kind: ResourceKind, namespace: String?, name: String? = nil, subresource: String? = nil,
    query: [(String, String)] = [], contentType: String? = nil, body: [UInt8] = [], isWrite: Bool? = nil
  ) throws(KubernetesError) {
    let subject = [namespace, name].compactMap(\.self).joined(separator: "/")
    let resource = subresource.map { "\(kind.plural)/\($0)" } ?? kind.plural
    attempted = subject.isEmpty ? "\(verb) \(resource)" : "\(verb) \(resource) \(subject)"
    for part in [namespace, name].compactMap(\.self) where !Call.isSegment(part) {
      throw KubernetesError(.badRequest, attempted: attempted, message: "\"\(part.prefix(100))\" is no name of an object")
    }
    path = kind.path(namespace: namespace.map(PercentEncoding.escaped), name: name.map(PercentEncoding.escaped), subresource: subresource)
    self.method = method
    self.query = query
    self.contentType = contentType
    self.body = body
    self.isWrite = isWrite ?? (method != "GET")
  }

  /// A call of a path that names no object.
  init(reading path: String, attempted: String) {
    method = "GET"
    self.path = path
    isWrite = false
    self.attempted = attempted
  }

  /// Path and query as they go out.
  var target: String {
    let pairs = query.map { "\($0.0)=\(PercentEncoding.escaped($0.1))" }
    return pairs.isEmpty ? path : "\(path)?\(pairs.joined(separator: "&"))"
  }

  /// Whether the text can be one segment of an API path (apimachinery's `IsValidPathSegmentName`).
  static func isSegment(_ text: String) -> Bool {
    !text.isEmpty && text != "." && text != ".." && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F && !"/%\\".utf8.contains($0) }
  }
}
