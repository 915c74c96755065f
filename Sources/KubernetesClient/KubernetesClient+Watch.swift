import HTTPTransport
package import KubernetesModel

extension KubernetesClient {
  /// Watches objects from a resourceVersion on.
  ///
  /// - Parameters:
  ///   - namespace: nil for all namespaces.
  ///   - labels: a label selector, as `kubectl -l` takes it.
  ///   - fields: a field selector: `metadata.name=web` watches one object.
  ///   - seconds: when the server is to end the watch.
  ///   - silence: how long nothing may come before the watch counts as dead; open watches hang when a server shuts down.
  /// - Throws: kind `gone` where the version is too old to watch from, here or from the watch.
  package func watch(
    _ kind: ResourceKind, namespace: String? = nil, labels: String? = nil, fields: String? = nil, from resourceVersion: String,
    seconds: Int, silence: Duration
  ) async throws(KubernetesError) -> Watch {
    let seconds = min(max(1, seconds), 86_400)
    let query = [
      ("watch", "1"), ("allowWatchBookmarks", "true"), ("resourceVersion", resourceVersion), ("timeoutSeconds", String(seconds)),
    ]
    let call = try Call("GET", "watch", kind, namespace: namespace, query: query + selection(labels, fields))
    // The server ends it by itself; a few seconds later it is taken for dead.
    let limits = HTTPLimits(total: .seconds(seconds + 5), connect: .seconds(10), idle: silence, maximumBody: .max)
    let stream = try await open(call, limits)
    time.note(stream.head)
    guard stream.head.status < 300 else {
      let body = (try? await stream.rest(upTo: 64 << 10)) ?? []
      throw KubernetesError(stream.head, body, attempted: call.attempted)
    }
    return Watch(stream: stream, attempted: call.attempted)
  }

  private func open(_ call: Call, _ limits: HTTPLimits) async throws(KubernetesError) -> HTTPBodyStream {
    guard let streams else {
      throw KubernetesError(.unreachable, attempted: call.attempted, message: "this client cannot hold a stream open")
    }
    let request = try request(call, limits: limits)
    do throws(HTTPError) {
      return try await streams.open(request)
    } catch {
      throw KubernetesError(error, attempted: call.attempted, isWrite: false)
    }
  }
}
