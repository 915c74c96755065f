import Glibc
import Synchronization

/// A small HTTP/1.1 server on loopback: a thread per connection, which reads one request after another and hands each to a closure that
/// writes to the socket whatever the test wants. Gone with its owner.
package final class LoopbackServer: Sendable {
  package struct Request: Sendable {
    package var method: String
    package var target: String
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]
    /// Which of the server's connections it came over, from 1.
    package var connection: Int

    /// The first header of that name, which is given in lower case.
    package func header(_ name: String) -> String? { headers(name).first }
    package func headers(_ name: String) -> [String] { headers.filter { $0.name.lowercased() == name }.map(\.value) }
  }

  private struct State {
    var requests: [Request] = []
    var accepted = 0
    var open: Set<Int32> = []
    var isClosed = false
  }

  private let state = Mutex(State())
  private let listener: Int32
  private let handler: @Sendable (Request, Connection) -> Void
  private let reserved: ReservedPort

  /// - Parameter host: an address of 127.0.0.0/8, or `::1`.
  package convenience init(host: String = "127.0.0.1", _ handler: @escaping @Sendable (Request, Connection) -> Void) throws {
    try self.init(at: ReservedPort(host), handler)
  }

  package init(at reserved: ReservedPort, _ handler: @escaping @Sendable (Request, Connection) -> Void) throws {
    (listener, self.reserved) = (try reserved.listen(), reserved)
    self.handler = handler
    let (weak, listener) = (Weak(self), listener)
    try Thread.start {
      while true {
        let socket = accept(listener, nil, nil)
        // A signal, a client that gave up, or too many open files at this moment end no server.
        if socket < 0, [EINTR, ECONNABORTED, EMFILE, ENFILE].contains(errno), weak.value != nil {
          usleep(1000)
          continue
        }
        guard socket >= 0, let server = weak.value else { break }
        server.serve(socket)
      }
      // Closed here and nowhere else: a number closed elsewhere might be another server's by the next `accept`.
      Glibc.close(listener)
    }
  }

  deinit { close() }

  /// Stops listening and breaks all connections.
  package func close() {
    state.withLock { state in
      guard !state.isClosed else { return }
      state.isClosed = true
      shutdown(listener, Int32(SHUT_RDWR))
      for socket in state.open { shutdown(socket, Int32(SHUT_RDWR)) }
    }
  }

  package var host: String { reserved.host }
  package var port: Int { reserved.port }
  package var url: String { reserved.url }
  package var requests: [Request] { state.withLock { $0.requests } }
  package var accepted: Int { state.withLock { $0.accepted } }
  package var openConnections: Int { state.withLock { $0.open.count } }

  /// Waits until so many connections are open or the test has waited long enough.
  package func settles(at count: Int) async -> Bool { await eventually { openConnections == count } }

  private func serve(_ socket: Int32) {
    let number = state.withLock { state in
      state.accepted += 1
      state.open.insert(socket)
      return state.accepted
    }
    // The thread holds the state and the closure and not the server, so that an open connection keeps no server alive.
    let (weak, handler) = (Weak(self), handler)
    try? Thread.start {
      let connection = Connection(socket: socket)
      while !connection.isClosed, let request = connection.readRequest(number) {
        weak.value?.note(request)
        handler(request, connection)
      }
      weak.value?.forget(socket)
      Glibc.close(socket)
    }
  }

  private func note(_ request: Request) { state.withLock { $0.requests.append(request) } }
  private func forget(_ socket: Int32) { state.withLock { _ = $0.open.remove(socket) } }

  private final class Weak: Sendable {
    private let stored: Mutex<WeakBox>
    init(_ server: LoopbackServer) { stored = Mutex(WeakBox(server: server)) }
    var value: LoopbackServer? { stored.withLock { $0.server } }
  }

  private struct WeakBox {
    weak var server: LoopbackServer?
  }
}
