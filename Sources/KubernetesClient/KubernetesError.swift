package import HTTPTransport

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
    /// 500 and above. Of a write nobody knows whether it happened.
    case serverError
    /// No connection, or none that is trusted: a write has not left.
    case unreachable
    /// The request may have been acted on; its answer was lost.
    case lostAnswer
    case malformedAnswer
    case cancelled
  }

  package var kind: Kind
  /// `patch services shop/web`.
  package var attempted: String
  /// The server's message, or why there is none. One or more lines, bounded, without other control characters or invisible ones,
  /// and with what it quotes at length shortened.
  package var message: String
  /// `Status.reason`; empty where the answer was no Status.
  package var reason: String
  /// `Status.details.causes`, each as `field: message`.
  package var causes: [String]
  /// `Status.details.name`: the object that the server means; empty where it means none.
  package var object: String
  /// HTTP's status; 0 where there was no answer.
  package var status: Int
  package var retryAfter: Duration?
  /// How the transfer failed, where it did.
  package var transport: HTTPError?

  package init(
    _ kind: Kind, attempted: String, message: String, reason: String = "", causes: [String] = [], object: String = "", status: Int = 0,
    retryAfter: Duration? = nil, transport: HTTPError? = nil
  ) {
    self.kind = kind
    self.attempted = attempted
    self.message = ForeignText.lines(ForeignText.withShortQuotes(message), longest: 2000)
    self.reason = ForeignText.line(reason, longest: 200)
    self.causes = causes.map { ForeignText.line(ForeignText.withShortQuotes($0), longest: 1000) }
    self.object = ForeignText.line(object, longest: 300)
    self.status = status
    self.retryAfter = retryAfter
    self.transport = transport
  }

  /// Whether the server speaks of an object, and not of a path or a kind that it does not serve.
  package var isAboutObject: Bool { !object.isEmpty }
}

extension KubernetesError: CustomStringConvertible {
  /// What was attempted and what the server said, with the causes that its message leaves out.
  package var description: String {
    let unsaid = causes.filter { cause in !message.contains(cause.split(separator: ": ").last ?? "") }
    return "\(attempted): \(([message] + unsaid).joined(separator: "; "))"
  }
}
