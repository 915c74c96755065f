package import GitStore
import ReleaseEngine
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
}
