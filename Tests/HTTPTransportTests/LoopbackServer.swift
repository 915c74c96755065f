import Glibc
import Synchronization

/// A small HTTP/1.1 server on loopback: a thread per connection, which reads one request after another and hands each to a closure that
/// writes to the socket whatever the test wants. Gone with its owner.
final class LoopbackServer: Sendable {
  struct Request: Sendable {
    var method: String
    var target: String
    var headers: [(name: String, value: String)]
    var body: [UInt8]
    /// Which of the server's connections it came over, from 1.
    var connection: Int

    func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name }?.value }
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
  let port: Int
  let host: String

  /// - Parameter host: an address of 127.0.0.0/8.
  convenience init(host: String = "127.0.0.1", _ handler: @escaping @Sendable (Request, Connection) -> Void) throws {
    try self.init(at: ReservedPort(host), handler)
  }

  init(at reserved: ReservedPort, _ handler: @escaping @Sendable (Request, Connection) -> Void) throws {
    (listener, port, host) = (try reserved.listen(), reserved.port, reserved.host)
    self.handler = handler
    let (weak, listener) = (Weak(self), listener)
    try Thread.start {
      while case let socket = accept(listener, nil, nil), socket >= 0 {
        guard let server = weak.value else { break }
        server.serve(socket)
      }
      // Closed here and nowhere else: a number closed elsewhere might be another server's by the next `accept`.
      Glibc.close(listener)
    }
  }

  deinit { close() }

  /// Stops listening and breaks all connections.
  func close() {
    state.withLock { state in
      guard !state.isClosed else { return }
      state.isClosed = true
      shutdown(listener, Int32(SHUT_RDWR))
      for socket in state.open { shutdown(socket, Int32(SHUT_RDWR)) }
    }
  }

  var url: String { "http://\(host):\(port)" }
  var requests: [Request] { state.withLock { $0.requests } }
  var accepted: Int { state.withLock { $0.accepted } }
  var openConnections: Int { state.withLock { $0.open.count } }

  /// Waits until so many connections are open or the test has waited long enough.
  func settles(at count: Int) async -> Bool { await eventually { openConnections == count } }

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

/// A port of this machine's loopback on which connections are refused, until a server takes it.
final class ReservedPort: Sendable {
  let host: String
  let port: Int
  private let socket: Int32
  private let isTaken = Mutex(false)

  init(_ host: String = "127.0.0.1") throws {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    inet_pton(AF_INET, host, &address.sin_addr)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(socket, $0, size) + getsockname(socket, $0, &size) }
    }
    guard status == 0 else { throw SystemFailure(call: "bind", code: errno) }
    (self.socket, self.host, port) = (socket, host, Int(UInt16(bigEndian: address.sin_port)))
  }

  deinit { if !isTaken.withLock(\.self) { close(socket) } }

  var url: String { "http://\(host):\(port)" }

  /// The socket, which now listens and is the caller's.
  func listen() throws -> Int32 {
    isTaken.withLock { $0 = true }
    guard Glibc.listen(socket, 128) == 0 else { throw SystemFailure(call: "listen", code: errno) }
    return socket
  }
}

/// One connection of a ``LoopbackServer``, used by its thread.
final class Connection {
  private let socket: Int32
  private var buffer: [UInt8] = []
  private(set) var isClosed = false

  init(socket: Int32) { self.socket = socket }

  func reply(_ status: Int = 200, _ headers: [String] = [], _ body: String = "") {
    let lines = ["HTTP/1.1 \(status) Whatever"] + headers + ["Content-Length: \(body.utf8.count)", "", ""]
    write(lines.joined(separator: "\r\n") + body)
  }

  /// False once the other side is gone.
  @discardableResult
  func write(_ text: String) -> Bool { write(Array(text.utf8)) }

  @discardableResult
  func write(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard sent > 0 else { return false }
      rest = rest.dropFirst(sent)
    }
    return true
  }

  /// Ends the connection in good order.
  func close() {
    isClosed = true
    shutdown(socket, Int32(SHUT_RDWR))
  }

  /// Ends it with a reset.
  func reset() {
    isClosed = true
    var hard = linger(l_onoff: 1, l_linger: 0)
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &hard, socklen_t(MemoryLayout<linger>.size))
  }

  /// Waits until the other side is gone.
  func waitForEnd() {
    var byte: UInt8 = 0
    while recv(socket, &byte, 1, 0) > 0 {}
    isClosed = true
  }

  fileprivate func readRequest(_ number: Int) -> LoopbackServer.Request? {
    guard let head = readHead() else { return nil }
    let lines = head.split(separator: "\r\n")
    let words = (lines.first ?? "").split(separator: " ")
    guard words.count == 3 else { return nil }
    let headers = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
      guard let colon = line.firstIndex(of: ":") else { return nil }
      return (String(line[..<colon]), String(line[line.index(after: colon)...].drop { $0 == " " }))
    }
    let length = headers.first { $0.name.lowercased() == "content-length" }.flatMap { Int($0.value) } ?? 0
    while buffer.count < length { guard fill() else { return nil } }
    let body = Array(buffer.prefix(length))
    buffer.removeFirst(length)
    return LoopbackServer.Request(
      method: String(words[0]), target: String(words[1]), headers: headers, body: body, connection: number)
  }

  private func readHead() -> String? {
    let mark = Array("\r\n\r\n".utf8)
    while true {
      if let end = buffer.firstRange(of: mark) {
        defer { buffer.removeFirst(end.upperBound) }
        return String(decoding: buffer[..<end.lowerBound], as: UTF8.self)
      }
      guard fill() else { return nil }
    }
  }

  private func fill() -> Bool {
    var chunk = [UInt8](repeating: 0, count: 65536)
    let count = recv(socket, &chunk, chunk.count, 0)
    guard count > 0 else { return false }
    buffer += chunk[..<count]
    return true
  }
}

/// A thread that may block.
enum Thread {
  private final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  static func start(_ body: @escaping @Sendable () -> Void) throws {
    let box = Unmanaged.passRetained(Box(body))
    var thread = pthread_t()
    let result = pthread_create(
      &thread, nil,
      { context in
        if let context { Unmanaged<Box>.fromOpaque(context).takeRetainedValue().body() }
        return nil
      }, box.toOpaque())
    guard result == 0 else { throw SystemFailure(call: "pthread_create", code: result) }
    pthread_detach(thread)
  }

  /// Runs a blocking body on a thread of its own and waits for it without blocking.
  static func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      do { try start { continuation.resume(with: Result(catching: body)) } } catch { continuation.resume(throwing: error) }
    }
  }
}

struct SystemFailure: Error {
  var call: String
  var code: Int32
}

/// Whether something comes true before even a slow machine would have managed.
func eventually(_ condition: () -> Bool) async -> Bool {
  for _ in 0..<1000 {
    if condition() { return true }
    try? await Task.sleep(for: .milliseconds(10))
  }
  return false
}
