#if canImport(Glibc)
  import Glibc
#endif

/// A client as plain as they come, so that what the data plane does to a connection is seen as it is.
final class DataPlaneSocket {
  enum Failure: Error, Hashable {
    case refused
    case reset
    case closed
    case timeout
    case other(Int32)
  }

  struct Answer: Equatable {
    var status: Int
    var body: String
    var head: String
  }

  private let descriptor: Int32

  init(to address: String, port: Int, receiveLimitSeconds: Int = 60) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var limit = timeval(tv_sec: receiveLimitSeconds, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var target = sockaddr_in()
    target.sin_family = sa_family_t(AF_INET)
    target.sin_port = in_port_t(port).bigEndian
    inet_pton(AF_INET, address, &target.sin_addr)
    let result = withUnsafePointer(to: &target) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
    guard result == 0 else {
      // All is set, so that `deinit` closes it: closed twice the number might be another socket's by then.
      let reason = errno
      throw reason == ECONNREFUSED ? Failure.refused : .other(reason)
    }
  }

  deinit { close(descriptor) }

  func write(_ text: String) throws {
    let bytes = Array(text.utf8)
    guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { throw failure(errno) }
  }

  /// Says that nothing more will be sent, while answers may still come.
  func finishWriting() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Sends a request and reads its answer.
  func get(_ path: String = "/", headers: [String] = [], method: String = "GET") throws -> Answer {
    try write("\(method) \(path) HTTP/1.1\r\nHost: x\r\n" + headers.map { "\($0)\r\n" }.joined() + "\r\n")
    return try readAnswer(hasBody: method != "HEAD")
  }

  /// Reads what is one answer long.
  func readAnswer(hasBody: Bool = true) throws -> Answer {
    while !received.contains("\r\n\r\n") { try readMore() }
    let end = received.firstRange(of: "\r\n\r\n")?.upperBound ?? received.endIndex
    let head = String(received[..<end])
    let lengthLine = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
    let length = hasBody ? lengthLine.flatMap { Int($0.split(separator: ":")[1].drop { $0 == " " }) } ?? 0 : 0
    while received[end...].utf8.count < length { try readMore() }
    let body = String(decoding: received[end...].utf8.prefix(length), as: UTF8.self)
    received = String(decoding: received[end...].utf8.dropFirst(length), as: UTF8.self)
    return Answer(status: head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0, body: body, head: head)
  }

  private var received = ""

  /// Reads until the other side ends the connection.
  func readToEnd() throws {
    do { while true { try readMore() } } catch Failure.closed {}
  }

  private func readMore() throws {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count > 0 else { throw count == 0 ? Failure.closed : failure(errno) }
    received += String(decoding: buffer.prefix(count), as: UTF8.self)
  }

  private func failure(_ reason: Int32) -> Failure {
    switch reason {
    case ECONNRESET, EPIPE: .reset
    case EAGAIN: .timeout
    default: .other(reason)
    }
  }
}
