import HTTPTransport
import KubernetesClient
import KubernetesModel
import Synchronization
import TestSupport
import Testing

/// A client and the server it asks, which gives its answers one after another, the last one for good.
struct Fixture {
  let server: LoopbackServer
  let client: KubernetesClient

  init(_ answers: [String], credentials: ClusterAccess.Credentials = .none, limit: Duration = .seconds(30)) throws {
    let left = Mutex(answers[...])
    try self.init(credentials: credentials, limit: limit) { _, connection in
      let answer = left.withLock { left in
        left.count > 1 ? left.removeFirst() : left.first ?? ""
      }
      if answer.isEmpty { connection.close() } else { connection.write(answer) }
    }
  }

  init(
    credentials: ClusterAccess.Credentials = .none, limit: Duration = .seconds(30),
    handler: @escaping @Sendable (LoopbackServer.Request, Connection) -> Void
  ) throws {
    server = try LoopbackServer(handler)
    client = KubernetesClient(
      access: ClusterAccess(server: server.url + "/", credentials: credentials), http: HTTPClient(userAgent: "tests"), limit: limit)
  }

  var targets: [String] { server.requests.map { "\($0.method) \($0.target)" } }
}

/// An answer with a JSON body.
func answer(_ status: Int = 200, _ headers: String = "", _ body: JSON) -> String {
  "HTTP/1.1 \(status) X\r\nContent-Type: application/json\r\n\(headers)Content-Length: \(body.bytes.count)\r\n\r\n\(body.text)"
}

/// An answer that begins a watch.
let watchHead = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"

/// The error that a body must throw.
func failure(_ body: () async throws -> Void) async throws -> KubernetesError {
  do { try await body() } catch { return try #require(error as? KubernetesError) }
  throw NothingThrown()
}

struct NothingThrown: Error {}

/// Counts from 1.
final class Counter: Sendable {
  private let value = Mutex(0)

  func next() -> Int {
    value.withLock { value in
      value += 1
      return value
    }
  }
}
