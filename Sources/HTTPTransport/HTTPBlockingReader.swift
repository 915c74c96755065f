import Synchronization

/// An answer read by the calling thread itself, for code that must block: libgit2's callbacks on their own thread. Never used on the
/// cooperative pool. The transfer itself runs on the client's thread and connections.
package final class HTTPBlockingReader: Sendable {
  private let stream: HTTPBodyStream
  private let unread = Mutex<ArraySlice<UInt8>>([])
  /// Kept for as long as the reader lives, as a client's end ends its transfers.
  private let client: HTTPClient

  init(stream: HTTPBodyStream, client: HTTPClient) {
    self.stream = stream
    self.client = client
  }

  /// Sends the request over a connection of its own and waits for the answer's header.
  package convenience init(_ request: HTTPRequest, userAgent: String) throws(HTTPError) {
    let client = HTTPClient(userAgent: userAgent)
    self.init(stream: try client.openStreamBlocking(request), client: client)
  }

  /// Status and header fields.
  package var head: HTTPHead { stream.head }

  /// Fills a part of the buffer and says how much; 0 at the body's end.
  package func read(into target: UnsafeMutableRawBufferPointer) throws(HTTPError) -> Int {
    var bytes = unread.withLock { $0 }
    if bytes.isEmpty { bytes = try stream.nextBlocking()?[...] ?? [] }
    let count = min(target.count, bytes.count)
    unsafe bytes.withUnsafeBytes { unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
    unread.withLock { $0 = bytes.dropFirst(count) }
    return count
  }

  /// The whole rest of the body.
  package func readAll() throws(HTTPError) -> [UInt8] {
    var bytes = unread.withLock { unread in
      defer { unread = [] }
      return Array(unread)
    }
    while let chunk = try stream.nextBlocking() { bytes += chunk }
    return bytes
  }

  /// Ends the transfer, from any thread; a read that waits throws ``HTTPError`` of kind `cancelled`.
  package func cancel() { stream.cancel() }
}
