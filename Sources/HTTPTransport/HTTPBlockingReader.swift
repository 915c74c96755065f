/// An answer read by the calling thread itself, for code that must block: libgit2's callbacks on their own thread. Never used on the
/// cooperative pool. Used by one thread at a time; the transfer itself runs on the connections' thread.
package final class HTTPBlockingReader {
  /// How long a wait goes on before the caller is asked again whether it still wants the answer.
  private static let patience = 50

  private let stream: HTTPBodyStream
  private let isCancelled: () -> Bool
  private var unread: ArraySlice<UInt8> = []
  /// Kept for as long as the reader lives, as its end ends the transfers.
  private let connections: AnyObject

  /// Sends the request and waits for the answer's header.
  ///
  /// - Parameters:
  ///   - connections: what is kept between requests; nil for a connection of its own.
  ///   - isCancelled: asked several times a second, here and while reading; once it answers true the transfer ends as `cancelled`.
  package convenience init(
    _ request: HTTPRequest, userAgent: String, connections: HTTPBlockingConnections? = nil, isCancelled: @escaping () -> Bool = { false }
  ) throws(HTTPError) {
    let connections = if let connections { connections } else { try HTTPBlockingConnections() }
    try self.init(request, userAgent, connections.thread, keeping: connections, isCancelled)
  }

  init(
    _ request: HTTPRequest, _ userAgent: String, _ thread: TransferThread, keeping connections: AnyObject,
    _ isCancelled: @escaping () -> Bool
  ) throws(HTTPError) {
    let (id, buffer) = (thread.newID(), BodyBuffer())
    thread.start(TransferThread.Job(id: id, transfer: try Transfer(request, userAgent: userAgent, sink: buffer)))
    while true {
      if let head = buffer.head() {
        stream = HTTPBodyStream(head: try head.get(), id: id, thread: thread, buffer: buffer)
        break
      }
      if isCancelled() { thread.cancel(id) }
      let gate = ThreadGate()
      buffer.onHead { gate.open() }
      _ = gate.wait(milliseconds: HTTPBlockingReader.patience)
    }
    self.connections = connections
    self.isCancelled = isCancelled
  }

  /// Status and header fields.
  package var head: HTTPHead { stream.head }

  /// Fills a part of the buffer and says how much; 0 at the body's end.
  package func read(into target: UnsafeMutableRawBufferPointer) throws(HTTPError) -> Int {
    if unread.isEmpty { unread = try next()?[...] ?? [] }
    let count = min(target.count, unread.count)
    unsafe unread.withUnsafeBytes { unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0.prefix(count))) }
    unread = unread.dropFirst(count)
    return count
  }

  /// The whole rest of the body.
  package func readAll() throws(HTTPError) -> [UInt8] {
    var bytes = Array(unread)
    unread = []
    while let chunk = try next() { bytes += chunk }
    return bytes
  }

  private func next() throws(HTTPError) -> [UInt8]? {
    while true {
      if let chunk = stream.takeChunk() { return try chunk.get() }
      if isCancelled() { stream.cancel() }
      let gate = ThreadGate()
      stream.onChunk { gate.open() }
      _ = gate.wait(milliseconds: HTTPBlockingReader.patience)
    }
  }
}
