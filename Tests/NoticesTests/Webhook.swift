import Glibc
import Synchronization

/// A loopback HTTP/1.1 server with a thread per connection that notes what it is sent and answers with what the test says.
final class Webhook: Sendable {
  struct Request: Sendable {
    var method: String
    var target: String
    var headers: [String: String]
    var body: [UInt8] = []
  }

  /// What a connection gets for its request.
  enum Answer: Sendable {
    case http(Int, [String], String)
    /// These bytes, and the connection's end.
    case bytes(String)
    case reset
    /// Nothing, for as long as the other side waits.
    case silence(after: String)
    /// Nothing, once the connection is there.
    case hangUp
  }

  private struct State {
    var accepted = 0
    var requests: [Request] = []
  }

  private let state = Mutex(State())
  private let listener: Int32
  let port: Int
  let host: String

  init(host: String = "127.0.0.1", _ answer: @escaping @Sendable (Request) -> Answer) throws {
    (listener, port) = try LoopbackListener.open(host)
    self.host = host
    let (weak, listener) = (Weak(self), listener)
    try Thread.start {
      while case let socket = accept(listener, nil, nil), socket >= 0 {
        guard let server = weak.value else { break }
        server.state.withLock { $0.accepted += 1 }
        try? Thread.start { Webhook.serve(socket, weak, answer) }
      }
      Glibc.close(listener)
    }
  }

  deinit { shutdown(listener, Int32(SHUT_RDWR)) }

  var url: String { host.contains(":") ? "http://[\(host)]:\(port)" : "http://\(host):\(port)" }
  var accepted: Int { state.withLock(\.accepted) }
  var requests: [Request] { state.withLock(\.requests) }

  private static func serve(_ socket: Int32, _ server: Weak, _ answer: @Sendable (Request) -> Answer) {
    defer { Glibc.close(socket) }
    while let request = read(socket) {
      server.value?.state.withLock { $0.requests.append(request) }
      switch answer(request) {
      case .http(let status, let headers, let body):
        write(
          socket, (["HTTP/1.1 \(status) X"] + headers + ["Content-Length: \(body.utf8.count)", "", ""]).joined(separator: "\r\n") + body)
        continue
      case .hangUp: break
      case .bytes(let text): write(socket, text)
      case .reset:
        var hard = linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &hard, socklen_t(MemoryLayout<linger>.size))
      case .silence(let text):
        write(socket, text)
        var byte: UInt8 = 0
        while recv(socket, &byte, 1, 0) > 0 {}
      }
      return
    }
  }

  private static func read(_ socket: Int32) -> Request? {
    var text = ""
    while !text.hasSuffix("\r\n\r\n") {
      var byte: UInt8 = 0
      guard recv(socket, &byte, 1, 0) == 1 else { return nil }
      text.unicodeScalars.append(Unicode.Scalar(byte))
    }
    let lines = text.split(separator: "\r\n")
    let words = (lines.first ?? "").split(separator: " ")
    guard words.count == 3 else { return nil }
    let headers = lines.dropFirst().reduce(into: [String: String]()) { all, line in
      let parts = line.split(separator: ":", maxSplits: 1)
      all[parts[0].lowercased()] = parts.count > 1 ? String(parts[1].drop { $0 == " " }) : ""
    }
    var body: [UInt8] = []
    while body.count < headers["content-length"].flatMap({ Int($0) }) ?? 0 {
      var byte: UInt8 = 0
      guard recv(socket, &byte, 1, 0) == 1 else { return nil }
      body.append(byte)
    }
    return Request(method: String(words[0]), target: String(words[1]), headers: headers, body: body)
  }

  private static func write(_ socket: Int32, _ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard sent > 0 else { return }
      rest = rest.dropFirst(sent)
    }
  }

  private final class Weak: Sendable {
    private let stored: Mutex<Box>
    init(_ server: Webhook) { stored = Mutex(Box(server: server)) }
    var value: Webhook? { stored.withLock { $0.server } }
  }

  private struct Box { weak var server: Webhook? }
}

/// Listening sockets of this machine's own addresses.
enum LoopbackListener {
  /// A socket that listens, and its port.
  static func open(_ host: String) throws -> (socket: Int32, port: Int) {
    let (socket, port) = try bind(host)
    guard listen(socket, 64) == 0 else { throw SystemFailure(call: "listen", code: errno) }
    return (socket, port)
  }

  /// A socket that holds a port at which connections are refused.
  static func bind(_ host: String = "127.0.0.1") throws -> (socket: Int32, port: Int) {
    let isV6 = host.contains(":")
    let socket = Glibc.socket(isV6 ? AF_INET6 : AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var storage = sockaddr_storage()
    var size = socklen_t(isV6 ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutableBytes(of: &storage) { bytes -> Int32 in
      guard let base = bytes.baseAddress else { return -1 }
      if isV6 {
        let address = base.assumingMemoryBound(to: sockaddr_in6.self)
        address.pointee.sin6_family = sa_family_t(AF_INET6)
        inet_pton(AF_INET6, host, &address.pointee.sin6_addr)
      } else {
        let address = base.assumingMemoryBound(to: sockaddr_in.self)
        address.pointee.sin_family = sa_family_t(AF_INET)
        inet_pton(AF_INET, host, &address.pointee.sin_addr)
      }
      let any = base.assumingMemoryBound(to: sockaddr.self)
      return Glibc.bind(socket, any, size) + getsockname(socket, any, &size)
    }
    guard status == 0 else { throw SystemFailure(call: "bind \(host)", code: errno) }
    // The port stands at the same place in both kinds of address.
    let port = withUnsafeBytes(of: &storage) { $0.load(fromByteOffset: 2, as: UInt16.self) }
    return (socket, Int(UInt16(bigEndian: port)))
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
}

struct SystemFailure: Error {
  var call: String
  var code: Int32
}
