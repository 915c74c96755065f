import HTTPTransport
import KubernetesModel

extension KubernetesError {
  /// What a transport failure means for a request: a write that may have left is a lost answer, all else did not happen.
  init(_ error: HTTPError, attempted: String, isWrite: Bool) {
    let kind: Kind =
      switch error.kind {
      case _ where isWrite && error.mayHaveActed: .lostAnswer
      case .cancelled: .cancelled
      case .bodyTooLarge, .malformed: .malformedAnswer
      case .cannotResolve, .cannotConnect, .timedOut, .untrusted, .tls, .addressRefused, .connectionBroken, .tooManyRedirects, .proxy,
        .other:
        .unreachable
      }
    self.init(kind, attempted: attempted, message: error.description, transport: error)
  }

  /// What an answer of 300 and above means. Most are a JSON `Status`; unknown groups, flow control and what stands before the server answer
  /// otherwise.
  init(_ head: HTTPHead, _ body: [UInt8], attempted: String) {
    let document = try? JSON(parsing: body)
    let status = document?["kind"]?.string == "Status" ? document : nil
    let details = status?["details"]
    let reason = status?["reason"]?.string ?? ""
    let causes = (details?["causes"]?.array ?? []).prefix(20).map { cause in
      [cause["field"]?.string, cause["message"]?.string].compactMap(\.self).filter { !$0.isEmpty }.joined(separator: ": ")
    }
    let seconds = KubernetesError.retryAfter(head) ?? details?["retryAfterSeconds"]?.int
    self.init(
      KubernetesError.kind(of: head.status, reason), attempted: attempted,
      message: status?["message"]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? KubernetesError.words(head, body), reason: reason,
      causes: causes.filter { !$0.isEmpty }, object: details?["name"]?.string ?? "", status: head.status,
      retryAfter: seconds.map { .seconds(min(max($0, 0), 3600)) })
  }

  /// Seconds, or a date by the answer's own clock (RFC 9110 §10.2.3), which gateways send.
  private static func retryAfter(_ head: HTTPHead) -> Int? {
    guard let text = head["Retry-After"] else { return nil }
    if let seconds = Int(text) { return seconds }
    guard let then = HTTPDate.seconds(text), let now = head["Date"].flatMap(HTTPDate.seconds) else { return nil }
    return Int(then - now)
  }

  /// What can be said of an answer that is no Status: its text where it is plain, and never a page of HTML.
  private static func words(_ head: HTTPHead, _ body: [UInt8]) -> String {
    let text = String(decoding: body.prefix(300), as: UTF8.self).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    let type = head["Content-Type"]?.prefix { $0 != ";" } ?? "text/plain"
    let isPlain = type == "text/plain" && !text.isEmpty && ForeignText.line(text, longest: 300) == text
    return isPlain ? "HTTP \(head.status): \(text)" : "HTTP \(head.status)"
  }

  private static func kind(of status: Int, _ reason: String) -> Kind {
    switch status {
    case 401: .unauthorized
    case 403: .forbidden
    case 404: .notFound
    case 405: .methodNotAllowed
    case 409: reason == "AlreadyExists" ? .alreadyExists : .conflict
    case 410: .gone
    case 422: .invalid
    case 429: .tooManyRequests
    case 500...: .serverError
    default: .badRequest
    }
  }
}
