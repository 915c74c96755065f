package import HTTPTransport

/// A client of one Kubernetes API server.
///
/// Every call is bounded in time and size. Reads are tried again within their limit; a write is tried again only where the server cannot
/// have acted, so that a lost answer always reaches the caller as one.
package final class KubernetesClient: Sendable {
  /// The field manager of everything that is written.
  package static let fieldManager = "tagflip"

  let access: ClusterAccess
  let http: any HTTPSending
  let streams: HTTPClient?
  /// The longest that one call may take, all pages and retries included.
  let limit: Duration
  let time: ServerTime

  /// - Parameter http: `HTTPClient`, or what wraps one. Watches need a real one.
  package convenience init(access: ClusterAccess, http: any HTTPSending, limit: Duration = .seconds(30)) {
    self.init(access: access, http: http, limit: limit, time: ServerTime())
  }

  private init(access: ClusterAccess, http: any HTTPSending, limit: Duration, time: ServerTime) {
    self.access = access
    self.http = http
    self.streams = http as? HTTPClient
    self.limit = limit
    self.time = time
  }

  /// The same client with another limit on each call.
  package func within(_ limit: Duration) -> KubernetesClient {
    KubernetesClient(access: access, http: http, limit: limit, time: time)
  }

  /// The server's time now, in milliseconds since 1970, after its answers' `Date` headers; nil before the first answer.
  package var serverTime: Int64? { time.now }
}
