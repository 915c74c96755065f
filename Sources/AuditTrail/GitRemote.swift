package import GitStore
package import ReleaseEngine
import ReleaseModel

/// One remote repository with the store that caches it, and how long an exchange with it may take.
package struct GitRemote: Sendable {
  package let store: GitStore
  package let access: RemoteAccess
  /// The longest one exchange may take.
  package let limit: Duration

  package init(store: GitStore, access: RemoteAccess, limit: Duration = .seconds(60)) {
    self.store = store
    self.access = access
    self.limit = limit
  }

  var deadline: ContinuousClock.Instant { .now + limit }

  /// Whether whoever asks may push there at all; pushes nothing. What holds for single branches shows only in a push.
  package func checkPush() async throws(PortError) {
    do throws(GitError) {
      try await store.checkPush(to: access, deadline: deadline)
    } catch {
      throw PortError(error)
    }
  }
}
