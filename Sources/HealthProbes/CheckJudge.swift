import FoundationEssentials
import HTTPTransport
import ReleaseModel

/// What one answer, or none, means.
struct Judgement: Sendable {
  var verdict: CheckResult.Verdict
  var detail: String
  var ms: Int
  /// Whether any HTTP answer came.
  var answered: Bool

  init(_ verdict: CheckResult.Verdict, _ detail: String, ms: Int, answered: Bool = true) {
    self.verdict = verdict
    self.detail = detail
    self.ms = ms
    self.answered = answered
  }

  /// A request without an answer. What a user would meet too is a failure; what only keeps the prober from judging is unknown.
  init(_ error: HTTPError, route: ProbeRules.Route, ms: Int) {
    let usersMeetIt: Bool
    switch error.kind {
    case .cannotConnect, .connectionBroken, .timedOut, .tls, .untrusted, .bodyTooLarge, .tooManyRedirects: usersMeetIt = route != .api
    case .cannotResolve, .addressRefused, .cancelled, .malformed, .proxy, .other: usersMeetIt = false
    }
    self.init(usersMeetIt ? .failed : .unknown, error.reason, ms: ms, answered: false)
  }
}

/// Compares an answer with what a check expects.
struct CheckJudge {
  /// How much of a body regular expressions see: they must end in bounded time.
  private static let searched = 64 << 10

  let check: HTTPCheck

  func judge(_ response: HTTPResponse, ms: Int) -> Judgement {
    let reason = statusFault(response) ?? headerFault(response) ?? bodyFault(response) ?? jsonFault(response) ?? latencyFault(ms)
    return Judgement(reason == nil ? .passed : .failed, reason ?? "HTTP \(response.status)", ms: ms)
  }

  private func statusFault(_ response: HTTPResponse) -> String? {
    guard !check.status.contains(response.status) else { return nil }
    return "HTTP \(response.status), expected \(check.status.map(String.init).joined(separator: " or "))"
  }

  private func headerFault(_ response: HTTPResponse) -> String? {
    for (name, pattern) in check.header.sorted(by: { $0.key < $1.key }) {
      guard let value = response.head[name] else { return "no header \(name)" }
      if !Self.matches(value, pattern) { return "header \(name) is \"\(value)\", expected \(pattern)" }
    }
    return nil
  }

  private func bodyFault(_ response: HTTPResponse) -> String? {
    guard let pattern = check.body else { return nil }
    let body = String(decoding: response.body.prefix(Self.searched), as: UTF8.self)
    return Self.matches(body, pattern) ? nil : "the body does not match \(pattern): \"\(body.prefix(60))\""
  }

  private func jsonFault(_ response: HTTPResponse) -> String? {
    for (pointer, expected) in check.json.sorted(by: { $0.key < $1.key }) {
      guard let value = JSONPointer(pointer).text(in: response.body) else { return "no JSON value at \(pointer)" }
      if value != expected { return "\(pointer) is \(value), expected \(expected)" }
    }
    return nil
  }

  private func latencyFault(_ ms: Int) -> String? {
    guard let limit = check.latencyMs, ms > limit else { return nil }
    return "\(ms) ms, at most \(limit) ms are allowed"
  }

  private static func matches(_ text: String, _ pattern: String) -> Bool {
    guard let regex = try? Regex(pattern) else { return false }
    return text.firstMatch(of: regex) != nil
  }
}

/// A place in a JSON document (RFC 6901).
struct JSONPointer {
  private let steps: [String]

  init(_ text: String) {
    steps = text.split(separator: "/", omittingEmptySubsequences: false).dropFirst().map {
      String($0).replacing("~1", with: "/").replacing("~0", with: "~")
    }
  }

  /// The scalar at that place as text; nil where there is none.
  func text(in body: [UInt8]) -> String? {
    (try? JSONDecoder().decode(JSONNode.self, from: Data(body)))?.value(at: steps[...])?.scalar
  }
}

/// A JSON value, decoded as far as a pointer needs it.
private indirect enum JSONNode: Decodable {
  case object([String: JSONNode])
  case array([JSONNode])
  case scalar(String)

  init(from decoder: any Decoder) throws {
    if let members = try? decoder.singleValueContainer().decode([String: JSONNode].self) {
      self = .object(members)
    } else if let elements = try? decoder.singleValueContainer().decode([JSONNode].self) {
      self = .array(elements)
    } else {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() {
        self = .scalar("null")
      } else if let bool = try? container.decode(Bool.self) {
        self = .scalar(String(bool))
      } else if let int = try? container.decode(Int.self) {
        self = .scalar(String(int))
      } else if let double = try? container.decode(Double.self) {
        self = .scalar("\(double)")
      } else {
        self = .scalar(try container.decode(String.self))
      }
    }
  }

  func value(at steps: ArraySlice<String>) -> JSONNode? {
    guard let step = steps.first else { return self }
    switch self {
    case .object(let members): return members[step]?.value(at: steps.dropFirst())
    case .array(let elements):
      guard let index = Int(step), elements.indices.contains(index) else { return nil }
      return elements[index].value(at: steps.dropFirst())
    case .scalar: return nil
    }
  }

  var scalar: String? { if case .scalar(let text) = self { text } else { nil } }
}
