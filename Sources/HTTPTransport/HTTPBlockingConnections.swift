/// Connections that blocking requests keep between them, for those that have no ``HTTPClient`` to share. Closed with their owner.
package final class HTTPBlockingConnections: Sendable {
  let thread: TransferThread

  /// None yet.
  /// - Throws: ``HTTPError`` where libcurl has no memory to give.
  package init() throws(HTTPError) {
    guard let thread = TransferThread() else {
      throw HTTPError(.other(code: 0), method: "", url: "", reason: "libcurl could not be set up")
    }
    self.thread = thread
  }

  deinit { thread.stop() }
}
