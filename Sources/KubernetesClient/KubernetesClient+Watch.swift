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
    // No longer than the watch itself is to last, or than any call may take.
    let deadline = ContinuousClock.now + min(limit, .seconds(seconds))
    let stream = try await retrying(isWrite: false, attempted: call.attempted, by: deadline) { () throws(KubernetesError) in
      try await openOnce(call, limits, by: deadline)
    }
    return Watch(stream: stream, attempted: call.attempted)
  }

  private func openOnce(
    _ call: Call, _ limits: HTTPLimits, by deadline: ContinuousClock.Instant
  ) async throws(KubernetesError) -> HTTPBodyStream {
    let stream = try await showing(call.attempted, by: deadline) { shown, _ throws(KubernetesError) in
      let stream = try await open(call, shown, limits)
      return (stream, stream.head.status)
    }
    time.note(stream.head)
    warnings.note(stream.head)
    guard stream.head.status < 300 else {
      let body = (try? await stream.rest(upTo: 64 << 10)) ?? []
      throw KubernetesError(stream.head, body, attempted: call.attempted)
    }
    return stream
  }

  private func open(_ call: Call, _ shown: ShownCredentials, _ limits: HTTPLimits) async throws(KubernetesError) -> HTTPBodyStream {
    guard let streams else {
      throw KubernetesError(.unreachable, attempted: call.attempted, message: "this client cannot hold a stream open")
    }
    do throws(HTTPError) {
      return try await streams.open(request(call, shown, limits: limits))
    } catch {
      throw KubernetesError(error, attempted: call.attempted, isWrite: false)
    }
  }
}
