import HTTPTransport
import ReleaseModel

/// Compares an answer with what a check expects. What it quotes of the answer is short and holds no value of the check's own headers.
struct CheckJudge {
  /// How much of a body, in bytes, patterns see.
  private static let searched = 64 << 10

  let check: HTTPCheck
  private let secrets: RequestSecrets

  init(check: HTTPCheck) {
    self.check = check
    secrets = RequestSecrets(check)
  }

  func judge(_ response: HTTPResponse, ms: Int) -> Judgement {
    do throws(TextPattern.Fault) {
      var fault = statusFault(response)
      if fault == nil { fault = try headerFault(response) }
      if fault == nil { fault = try bodyFault(response) }
      fault = fault ?? jsonFault(response) ?? latencyFault(ms)
      return Judgement(fault == nil ? .passed : .failed, fault ?? "HTTP \(response.status)", ms: ms)
    } catch {
      return Judgement(.unknown, "a pattern of the check cannot be searched for: \(error.reason)", ms: ms)
    }
  }

  private func statusFault(_ response: HTTPResponse) -> String? {
    guard !check.status.contains(response.status) else { return nil }
    return "HTTP \(response.status), expected \(check.status.map(String.init).joined(separator: " or "))"
  }

  private func headerFault(_ response: HTTPResponse) throws(TextPattern.Fault) -> String? {
    for (name, pattern) in check.header.sorted(by: { $0.key < $1.key }) {
      guard let value = response.head[name] else { return "no header \(name), expected one that matches \(shown(pattern))" }
      guard try TextPattern(pattern).isFound(in: value) else {
        return "the header \(name) is \"\(quoted(value))\", expected a match of \(shown(pattern))"
      }
    }
    return nil
  }

  private func bodyFault(_ response: HTTPResponse) throws(TextPattern.Fault) -> String? {
    guard let pattern = check.body else { return nil }
    let body = String(decoding: response.body.prefix(Self.searched), as: UTF8.self)
    guard try !TextPattern(pattern).isFound(in: body) else { return nil }
    let extent = response.body.count > Self.searched ? "the first \(Self.searched >> 10) KiB of the body are" : "the body is"
    return "\(extent) \"\(quoted(body))\", expected a match of \(shown(pattern))"
  }

  private func jsonFault(_ response: HTTPResponse) -> String? {
    for (pointer, expected) in check.json.sorted(by: { $0.key < $1.key }) {
      let place = pointer.isEmpty ? "the whole body" : shown(pointer)
      switch JSONPointer(pointer).find(in: response.body) {
      case .scalar(let value) where value == expected: continue
      case .number(let value) where value == expected || (Double(value).map { $0 == Double(expected) } ?? false): continue
      case .scalar(let value), .number(let value): return "\(place) is \(quoted(value)), expected \(shown(expected))"
      case .collection(let kind): return "\(place) is \(kind), expected \(shown(expected))"
      case .absent: return "there is no \(place) in the body, expected \(shown(expected))"
      case .malformed: return "the body is no JSON, expected \(shown(expected)) at \(place)"
      }
    }
    return nil
  }

  private func latencyFault(_ ms: Int) -> String? {
    guard let limit = check.latencyMs, ms > limit else { return nil }
    return "\(ms) ms, at most \(limit) ms are allowed"
  }

  /// Text of the plan, short.
  private func shown(_ text: String) -> String { PlainText.line(text, longest: 60) }

  /// Text of the answer, which may echo the request: hidden first, then cut.
  private func quoted(_ text: String) -> String { PlainText.line(secrets.hidden(in: text), longest: 60) }
}
