import Glibc

/// One connection of a ``LoopbackServer``, used by its thread.
package final class Connection {
  private let socket: Int32
  private var buffer: [UInt8] = []
  package private(set) var isClosed = false

  package init(socket: Int32) { self.socket = socket }

  package func reply(_ status: Int = 200, _ headers: [String] = [], _ body: String = "") {
    let lines = ["HTTP/1.1 \(status) Whatever"] + headers + ["Content-Length: \(body.utf8.count)", "", ""]
    write(lines.joined(separator: "\r\n") + body)
  }

  /// False once the other side is gone.
  @discardableResult
  package func write(_ text: String) -> Bool { write(Array(text.utf8)) }

  @discardableResult
  package func write(_ bytes: [UInt8]) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes { send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard sent > 0 else { return false }
      rest = rest.dropFirst(sent)
    }
    return true
  }

  /// Ends the connection in good order.
  package func close() {
    isClosed = true
    shutdown(socket, Int32(SHUT_RDWR))
  }

  /// Ends it with a reset.
  package func reset() {
    isClosed = true
    var hard = linger(l_onoff: 1, l_linger: 0)
    setsockopt(socket, SOL_SOCKET, SO_LINGER, &hard, socklen_t(MemoryLayout<linger>.size))
  }

  /// Waits until the other side is gone.
  package func waitForEnd() {
    var byte: UInt8 = 0
    while recv(socket, &byte, 1, 0) > 0 {}
    isClosed = true
  }

  func readRequest(_ number: Int) -> LoopbackServer.Request? {
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
