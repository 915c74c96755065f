import Glibc

extension LoopbackServer {
  /// What a connection gets for its request.
  package enum Answer: Sendable {
    case http(Int, [String], String)
    /// These bytes, and the connection's end.
    case bytes(String)
    case reset
    /// Nothing more, for as long as the other side waits.
    case silence(after: String)
    /// Nothing, and the connection's end.
    case hangUp
    /// An HTTP answer after so many milliseconds.
    case late(UInt32)

    package static func ok(_ body: String = "", _ headers: [String] = []) -> Answer { .http(200, headers, body) }
  }

  /// A server that answers each request with what the test says.
  package convenience init(host: String = "127.0.0.1", answering answer: @escaping @Sendable (Request) -> Answer) throws {
    try self.init(host: host) { request, connection in
      switch answer(request) {
      case .http(let status, let headers, let body): connection.reply(status, headers, body)
      case .late(let milliseconds):
        usleep(milliseconds * 1000)
        connection.reply()
      case .bytes(let text):
        connection.write(text)
        connection.close()
      case .hangUp: connection.close()
      case .reset: connection.reset()
      case .silence(let beginning):
        connection.write(beginning)
        connection.waitForEnd()
      }
    }
  }
}
