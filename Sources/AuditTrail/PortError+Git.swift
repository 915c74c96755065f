import GitStore
import ReleaseEngine

extension PortError {
  /// What a Git error means for the engine, and what a person can do about it.
  init(_ error: GitError) {
    let kind: PortError.Kind =
      switch error.kind {
      case .unreachable, .protocol, .storage: .unreachable
      case .authentication: .unauthenticated
      case .notFound: .notFound
      case .emptyRepository: .notFound
      case .corrupt: .corrupt
      case .timedOut: .timedOut
      case .cancelled: .cancelled
      case .rejected: .forbidden
      case .tooLarge, .invalid: .invalid
      case .foreignOwner, .unsigned: .configuration
      case .outcomeUnknown: .unknown
      }
    let reason = error.cause.isEmpty ? error.kind.words : "\(error.kind.words): \(error.cause)"
    self.init(kind, attempted: "\(error.attempted) \(error.subject)", reason: reason, hint: PortError.hint(error.kind))
  }

  private static func hint(_ kind: GitError.Kind) -> String? {
    switch kind {
    case .unreachable: "check repository.url in the settings and the network"
    case .authentication: "check repository.username and repository.password (or identity) in the settings"
    case .emptyRepository: "push a first commit to it"
    case .rejected: "let the bot push to the audit branch, or name another remote: audit.remote"
    case .unsigned: "correct audit.signingKey in the settings"
    case .foreignOwner: "git config --global --add safe.directory PATH"
    case .timedOut: "the remote was too slow; the next run tries again"
    case .notFound: "check that it is there, and that repository.url (or audit.remote) in the settings names the right repository"
    case .protocol, .corrupt, .cancelled, .tooLarge, .invalid, .storage, .outcomeUnknown: nil
    }
  }
}

/// Runs Git and says what its errors mean to the engine.
func asPort<Value>(_ body: @escaping () async throws(GitError) -> Value) async throws(PortError) -> Value {
  do throws(GitError) {
    return try await body()
  } catch {
    throw PortError(error)
  }
}
