/// Why a Git operation failed: of what kind, what was attempted, on what, and what the layer below said.
///
/// No text in it holds a credential: URLs are redacted before they come here.
package struct GitError: Error, Sendable, Hashable {
  /// What a caller can act on.
  package enum Kind: String, Sendable, Hashable {
    /// Nobody answered: name resolution, connection, TLS or a child process failed.
    case unreachable
    /// The remote did not accept the credentials, or wants some.
    case authentication
    /// The remote, ref, object or path does not exist.
    case notFound
    /// The repository has no commit at all.
    case emptyRepository
    /// The other end answered something that is not Git's protocol, or not a kind of it that is spoken here.
    case `protocol`
    /// Stored objects are damaged; a damaged cache is thrown away at its next use.
    case corrupt
    /// The deadline passed.
    case timedOut
    /// The task was cancelled.
    case cancelled
    /// The other end understood and refused.
    case rejected
    /// A bound given by the caller or fixed here was exceeded.
    case tooLarge
    /// A local repository belongs to another user and is not listed under `safe.directory`.
    case foreignOwner
    /// What was passed cannot be done with Git: a malformed path, name or URL.
    case invalid
    /// The local file system failed.
    case storage
    /// What was to be signed could not be.
    case unsigned
    /// It is unknown whether a push happened, since the answer was lost and the ref could not be read again.
    case outcomeUnknown
  }

  package let kind: Kind
  /// What was being done, `fetch` or `read the commit`.
  package let attempted: String
  /// What it was done to: a redacted URL, a ref, a path or an object id.
  package let subject: String
  /// What the layer below said, in one line; may be empty.
  package let cause: String

  /// An error of these parts; the cause is cut at 1,000 characters and freed of control characters.
  package init(_ kind: Kind, _ attempted: String, on subject: String, cause: String = "") {
    self.kind = kind
    self.attempted = attempted
    self.subject = subject
    self.cause = Self.singleLine(cause)
  }

  /// Text from elsewhere made safe for one line of a log.
  static func singleLine(_ text: String) -> String {
    let printable = text.unicodeScalars.prefix(1000).map { $0.properties.generalCategory == .control ? " " : $0 }
    var line = String.UnicodeScalarView()
    line.append(contentsOf: printable)
    return String(line).split(separator: " ").joined(separator: " ")
  }
}

extension GitError: CustomStringConvertible {
  package var description: String {
    let what = "could not \(attempted) \(subject)"
    return cause.isEmpty ? "\(what): \(kind.words)" : "\(what): \(kind.words): \(cause)"
  }
}

extension GitError.Kind {
  /// The kind as part of a sentence.
  package var words: String {
    switch self {
    case .unreachable: "unreachable"
    case .authentication: "authentication failed"
    case .notFound: "not found"
    case .emptyRepository: "the repository is empty"
    case .protocol: "unexpected answer"
    case .corrupt: "damaged objects"
    case .timedOut: "the deadline passed"
    case .cancelled: "cancelled"
    case .rejected: "refused"
    case .tooLarge: "too large"
    case .foreignOwner: "the repository belongs to another user"
    case .invalid: "invalid"
    case .storage: "file system error"
    case .unsigned: "no signature"
    case .outcomeUnknown: "it is unknown whether this happened"
    }
  }
}
