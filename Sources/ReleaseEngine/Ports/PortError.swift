package import ReleaseModel

/// Why something behind a port did not happen: what was attempted, on what, why it failed and what to do next.
package struct PortError: Error, Sendable, Hashable {
  package enum Kind: String, Sendable, Hashable {
    /// Nobody answered, or not in time; nothing was changed by it.
    case unreachable
    /// A request that may have been acted on got no answer: read again, never guess.
    case unknown
    /// Credentials were refused.
    case unauthenticated
    /// The right is missing.
    case forbidden
    case notFound
    /// Somebody else was faster; read again.
    case conflict
    /// The other side, or we, find the content wrong.
    case invalid
    /// A file of the release repo or the settings is wrong.
    case configuration
    /// What was read is not what it should be: a corrupt cache, a malformed answer.
    case corrupt
    /// A limit of ours ended it.
    case timedOut
    /// The task was cancelled.
    case cancelled
  }

  package var kind: Kind
  /// What was attempted: `apply Deployment shop/web-green`.
  package var attempted: String
  /// Why it failed, in the other side's words where it has any. Bounded, without secrets and control characters.
  package var reason: String
  /// What to do next; nil where nothing sensible can be said.
  package var hint: String?
  /// Where a file is to blame.
  package var location: SourceLocation?

  package init(_ kind: Kind, attempted: String, reason: String, hint: String? = nil, location: SourceLocation? = nil) {
    self.kind = kind
    self.attempted = attempted
    self.reason = reason
    self.hint = hint
    self.location = location
  }
}

extension PortError {
  /// Whether asking again may be answered.
  package var isPassing: Bool {
    switch kind {
    case .unreachable, .unknown, .timedOut: true
    case .unauthenticated, .forbidden, .notFound, .conflict, .invalid, .configuration, .corrupt, .cancelled: false
    }
  }
}

extension PortError: CustomStringConvertible {
  package var description: String {
    let place = location.map { "\($0): " } ?? ""
    let next = hint.map { "; \($0)" } ?? ""
    return "\(place)could not \(attempted): \(reason)\(next)"
  }
}
