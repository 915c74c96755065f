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
  let warnings: Warnings
  /// What the access's plugin told; nil where there is none.
  let plugin: PluginCredentials?

  /// - Parameters:
  ///   - http: `HTTPClient`, or what wraps one. Watches need a real one.
  ///   - warn: hears what the server warns of, each text once and in one line.
  package init(
    access: ClusterAccess, http: any HTTPSending, limit: Duration = .seconds(30), warn: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.access = access
    self.http = http
    self.streams = http as? HTTPClient
    self.limit = limit
    let time = ServerTime()
    self.time = time
    warnings = Warnings(warn)
    plugin =
      if case .plugin(let plugin) = access.credentials {
        PluginCredentials(plugin) { time.now.map { Double($0) / 1000 } }
      } else {
        nil
      }
  }

  private init(_ other: KubernetesClient, limit: Duration) {
    (access, http, streams, time) = (other.access, other.http, other.streams, other.time)
    (warnings, plugin) = (other.warnings, other.plugin)
    self.limit = limit
  }

  /// The same client with another limit on each call.
  package func within(_ limit: Duration) -> KubernetesClient {
    KubernetesClient(self, limit: limit)
  }

  /// The server's time now, in milliseconds since 1970, after its answers' `Date` headers; nil before the first answer.
  package var serverTime: Int64? { time.now }
}
