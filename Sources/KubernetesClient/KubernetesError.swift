import HTTPTransport
import KubernetesModel

/// Why a request to the Kubernetes API did not do what it was for.
package struct KubernetesError: Error, Sendable {
  package enum Kind: Sendable, Hashable {
    case badRequest
    case unauthorized
    case forbidden
    case notFound
    case methodNotAllowed
    case alreadyExists
    case conflict
    /// A resourceVersion is too old to list or watch from.
    case gone
    /// Validation, admission, a JSON Patch whose test failed.
    case invalid
    case tooManyRequests
    /// 500 and above.
    case serverError
    /// No connection, or none that is trusted: the server has not seen the request.
    case unreachable
    /// The request may have been acted on; its answer was lost.
    case lostAnswer
    case malformedAnswer
    case cancelled
  }

  package var kind: Kind
  /// `patch services shop/web`.
  package var attempted: String
  /// The server's message, or why there is none. Bounded.
  package var message: String
  /// `Status.reason`; empty where the answer was no Status.
  package var reason: String
  /// `Status.details.causes`, each as `field: message`.
  package var causes: [String]
  /// HTTP's status; 0 where there was no answer.
  package var status: Int
  package var retryAfter: Duration?

  package init(
    _ kind: Kind, attempted: String, message: String, reason: String = "", causes: [String] = [], status: Int = 0,
    retryAfter: Duration? = nil
  ) {
    self.kind = kind
    self.attempted = attempted
    self.message = String(message.prefix(2000))
    self.reason = reason
    self.causes = causes
    self.status = status
    self.retryAfter = retryAfter
  }
}

extension KubernetesError: CustomStringConvertible {
  package var description: String { "\(attempted): \(message)" }
}

extension KubernetesError {
  /// What a transport failure means for a request: a write that may have left is a lost answer, all else did not happen.
  init(_ error: HTTPError, attempted: String, isWrite: Bool) {
    let kind: Kind =
      switch error.kind {
      case .cancelled: isWrite && error.mayHaveActed ? .lostAnswer : .cancelled
      case .bodyTooLarge, .malformed: .malformedAnswer
      default: isWrite && error.mayHaveActed ? .lostAnswer : .unreachable
      }
    self.init(kind, attempted: attempted, message: error.description)
  }

  /// What an answer of 400 and above means. Most are a JSON `Status`; unknown groups and flow control answer in plain text.
  init(_ head: HTTPHead, _ body: [UInt8], attempted: String) {
    let document = try? JSON(parsing: body)
    let isStatus = document?["kind"]?.string == "Status"
    let text = isStatus ? document?["message"]?.string : String(decoding: body.prefix(500), as: UTF8.self)
    let reason = isStatus ? document?["reason"]?.string ?? "" : ""
    let causes = (document?["details", "causes"]?.array ?? []).prefix(20).map { cause in
      [cause["field"]?.string, cause["message"]?.string].compactMap(\.self).joined(separator: ": ")
    }
    let seconds = head["Retry-After"].flatMap { Int($0) } ?? document?["details", "retryAfterSeconds"]?.int
    self.init(
      KubernetesError.kind(of: head.status, reason), attempted: attempted,
      message: text.flatMap { $0.isEmpty ? nil : $0 } ?? "HTTP \(head.status)", reason: reason, causes: causes, status: head.status,
      retryAfter: seconds.map { .seconds($0) })
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
