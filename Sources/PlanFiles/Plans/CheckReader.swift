import ReleaseModel
import Yams

/// The `checks` of a gate.
struct CheckReader {
  let problems: Problems

  static let keys = ["name", "method", "path", "headers", "status", "header", "body", "json", "latency", "timeout", "times"]

  func checks(_ gate: LayeredObject) -> [HTTPCheck] {
    (gate.objects("checks", known: Self.keys, what: "a check") ?? []).map(check)
  }

  private func check(_ entry: YAMLObject) -> HTTPCheck {
    let object = LayeredObject([entry], problems: problems)
    let path = object.string("path") ?? "/"
    if !path.hasPrefix("/") || path.utf8.contains(where: { $0 <= 0x20 }) {
      problems.add("path must begin with / and hold no spaces", at: entry.location("path"))
    }
    let method = object.string("method") ?? "GET"
    if !["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"].contains(method) {
      problems.add("method \"\(PlainText.line(method, longest: 20))\" is none", at: entry.location("method"))
    }
    let body = object.string("body")
    if let body { checkPattern(body, entry.location("body")) }
    let header = object.texts("header") ?? [:]
    for pattern in header.values { checkPattern(pattern, entry.location("header")) }
    let json = object.texts("json") ?? [:]
    for pointer in json.keys where !pointer.isEmpty && !pointer.hasPrefix("/") {
      problems.add(
        "json: \"\(PlainText.line(pointer, longest: 60))\" is no JSON pointer", at: entry.location("json"), hint: "such as /status")
    }
    return HTTPCheck(
      name: object.string("name").map { PlainText.line($0, longest: 60) }, method: method, path: path,
      headers: object.texts("headers") ?? [:],
      status: statuses(entry), header: header, body: body, json: json, latencyMs: object.milliseconds("latency"),
      timeoutMs: object.milliseconds("timeout") ?? 5000, times: object.int("times", in: 1...1000) ?? 1)
  }

  /// One status, or a list of them.
  private func statuses(_ entry: YAMLObject) -> [Int] {
    guard let node = entry.value("status") else { return [200] }
    let texts = node.sequence.map { $0.compactMap { $0.scalar?.string } } ?? [node.scalar?.string ?? ""]
    let codes = texts.compactMap { Int($0) }.filter { (100...599).contains($0) }
    guard !codes.isEmpty, codes.count == texts.count else {
      problems.add("status must be an HTTP status, or a list of them", at: entry.location("status"))
      return [200]
    }
    return codes
  }

  private func checkPattern(_ pattern: String, _ location: SourceLocation) {
    do {
      _ = try Regex(pattern)
    } catch {
      problems.add("\"\(PlainText.line(pattern, longest: 60))\" is no regular expression", at: location)
    }
  }
}
