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
    let headers = object.texts("headers") ?? [:]
    for (name, value) in headers where !Self.isHeader(name, value) {
      problems.add(
        "headers: \"\(PlainText.line(name, longest: 60))\" is no header, or its value holds control characters",
        at: entry.location("headers"))
    }
    let timeout = object.milliseconds("timeout") ?? 5000
    if timeout == 0 { problems.add("timeout must be longer than nothing", at: entry.location("timeout")) }
    return HTTPCheck(
      name: object.string("name").map { PlainText.line($0, longest: 60) }, method: method, path: path, headers: headers,
      status: statuses(entry), header: header, body: body, json: json, latencyMs: object.milliseconds("latency"),
      timeoutMs: timeout, times: object.int("times", in: 1...1000) ?? 1)
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

  /// A name as RFC 9110 §5.6.2 spells tokens, and a value in one line. What it says is not shown: it may be a secret.
  private static func isHeader(_ name: String, _ value: String) -> Bool {
    !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"\"(),/:;<=>?@[\\]{}".utf8.contains($0) }
      && value.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F || $0 == "\t" }
  }

  private func checkPattern(_ pattern: String, _ location: SourceLocation) {
    let shown = "\"\(PlainText.line(pattern, longest: 60))\""
    do {
      _ = try Regex(pattern)
    } catch {
      return problems.add("\(shown) is no regular expression", at: location)
    }
    if let reason = PatternRules(pattern).refusal {
      problems.add(
        "\(shown) cannot be searched for in bounded time: \(reason)", at: location,
        hint: "write it with characters, classes, groups, alternatives and quantifiers")
    }
  }
}
