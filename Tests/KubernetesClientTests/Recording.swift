import FoundationEssentials
import KubernetesModel
import Testing

/// What a real API server was recorded answering (`Fixtures/NNN-….json`).
struct Recording: Sendable {
  var method: String
  var path: String
  /// The answer as its bytes went over the wire, but for their division into chunks.
  var answer: String
  /// The events of a watch, a line each.
  var lines: [JSON]

  init(_ name: String) throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/\(name).json")
    let recording = try JSON(parsing: Data(contentsOf: file))
    let response = try #require(recording["response"])
    method = try #require(recording["request", "method"]?.string)
    path = try #require(recording["request", "path"]?.string)
    lines = (response["lines"]?.array ?? []).compactMap { $0["event"] }
    let body = response["body"].map { $0.string ?? $0.text } ?? lines.map { "\($0.text)\n" }.joined()
    let kept = response["headers"]?.strings?.filter { !["Content-Length", "Transfer-Encoding"].contains($0.key) } ?? [:]
    let headers = kept.map { "\($0.key): \($0.value)\r\n" }.sorted().joined()
    let status = try #require(response["status"]?.int)
    answer = "HTTP/1.1 \(status) As Recorded\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }

  var body: String { String(answer[(answer.firstRange(of: "\r\n\r\n")?.upperBound ?? answer.endIndex)...]) }
}
