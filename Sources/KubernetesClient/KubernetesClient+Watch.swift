import HTTPTransport
package import KubernetesModel

/// What a watch reports.
package enum WatchEvent: Sendable {
  case added(JSON)
  case modified(JSON)
  /// Also sent when an object stops matching the selector, with its last matching state.
  case deleted(JSON)
  case bookmark(resourceVersion: String)
}

/// One watch under way: events until the server's timeout, silence, or an error.
package final class Watch: Sendable {
  private let stream: HTTPBodyStream
  private let lines = LineBuffer(longest: 8 << 20)
  private let attempted: String

  init(stream: HTTPBodyStream, attempted: String) {
    self.stream = stream
    self.attempted = attempted
  }

  /// The next event; nil when the server ended the watch as announced.
  /// - Throws: ``KubernetesError``; kind `gone` means: list again and watch from there.
  package func next() async throws(KubernetesError) -> WatchEvent? {
    while true {
      if let line = try lines.next(attempted) {
        return try WatchEvent(line: line, attempted: attempted)
      }
      do throws(HTTPError) {
        guard let chunk = try await stream.next() else { return nil }
        lines.append(chunk)
      } catch {
        throw KubernetesError(error, attempted: attempted, isWrite: false)
      }
    }
  }
}

extension KubernetesClient {
  /// Watches objects from a resourceVersion on.
  ///
  /// - Parameters:
  ///   - seconds: when the server is to end the watch.
  ///   - silence: how long nothing may come before the watch counts as dead; open watches hang when a server shuts down.
  package func watch(
    _ kind: ResourceKind, namespace: String, labels: String? = nil, from resourceVersion: String, seconds: Int, silence: Duration
  ) async throws(KubernetesError) -> Watch {
    let attempted = words("watch", kind, namespace, nil)
    guard let streams else {
      throw KubernetesError(.unreachable, attempted: attempted, message: "this client cannot hold a stream open")
    }
    var query = [
      ("watch", "1"), ("allowWatchBookmarks", "true"), ("resourceVersion", resourceVersion), ("timeoutSeconds", String(max(1, seconds))),
    ]
    if let labels { query.append(("labelSelector", labels)) }
    let call = Call(method: "GET", path: kind.path(namespace: namespace), query: query, attempted: attempted)
    let limits = HTTPLimits(total: .seconds(seconds + 5), connect: .seconds(10), idle: silence, maximumBody: .max)
    let stream: HTTPBodyStream
    do throws(HTTPError) {
      stream = try await streams.open(try request(call, limits: limits, mapped: attempted))
    } catch {
      throw KubernetesError(error, attempted: attempted, isWrite: false)
    }
    note(stream.head)
    guard stream.head.status < 400 else {
      let body = (try? await stream.next()) ?? nil
      throw KubernetesError(stream.head, body ?? [], attempted: attempted)
    }
    return Watch(stream: stream, attempted: attempted)
  }

  private func request(_ call: Call, limits: HTTPLimits, mapped attempted: String) throws(HTTPError) -> HTTPRequest {
    do throws(KubernetesError) {
      return try request(call, limits: limits)
    } catch {
      throw HTTPError(.malformed, method: call.method, url: access.server, reason: error.message)
    }
  }
}

extension WatchEvent {
  /// The event that one line spells.
  init(line: [UInt8], attempted: String) throws(KubernetesError) {
    let document: JSON
    do throws(JSON.SyntaxError) {
      document = try JSON(parsing: line)
    } catch {
      throw KubernetesError(.malformedAnswer, attempted: attempted, message: "a watch event is no JSON: \(error)")
    }
    let object = document["object"] ?? .null
    switch document["type"]?.string {
    case "ADDED": self = .added(object)
    case "MODIFIED": self = .modified(object)
    case "DELETED": self = .deleted(object)
    case "BOOKMARK": self = .bookmark(resourceVersion: object.resourceVersion ?? "")
    case "ERROR":
      let status = object["code"]?.int ?? 500
      throw KubernetesError(HTTPHead(status: status), object.bytes, attempted: attempted)
    case let type:
      throw KubernetesError(.malformedAnswer, attempted: attempted, message: "a watch event of type \(type ?? "none")")
    }
  }
}
