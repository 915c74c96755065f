/// An answer's body as it arrives. One reader at a time.
///
/// Little waits to be read: beyond 256 KiB the transfer pauses until the reader has taken them. Letting go of the stream ends the transfer.
package final class HTTPBodyStream: Sendable {
  /// Status and header fields.
  package let head: HTTPHead

  private let id: UInt64
  private let thread: TransferThread
  private let buffer: BodyBuffer

  init(head: HTTPHead, id: UInt64, thread: TransferThread, buffer: BodyBuffer) {
    self.head = head
    self.id = id
    self.thread = thread
    self.buffer = buffer
  }

  deinit { thread.cancel(id) }

  /// The next bytes; nil at the body's end.
  /// - Throws: ``HTTPError``, of kind `cancelled` when the task was cancelled.
  package func next() async throws(HTTPError) -> [UInt8]? {
    while true {
      if let chunk = takeChunk() { return try chunk.get() }
      await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in buffer.onChunk { continuation.resume() } }
      } onCancel: {
        thread.cancel(id)
      }
    }
  }

  /// The rest of the body, cut where it gets longer than so many bytes.
  package func rest(upTo limit: Int) async throws(HTTPError) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < limit, let chunk = try await next() { bytes += chunk }
    return Array(bytes.prefix(limit))
  }

  // MARK: For threads that block

  /// What has come; nil where more has to come first.
  func takeChunk() -> Result<[UInt8]?, HTTPError>? {
    guard let chunk = buffer.chunk() else { return nil }
    if chunk.resumes { thread.resume(id) }
    return chunk.result
  }

  /// Calls back once there is something to take.
  func onChunk(_ wake: @escaping @Sendable () -> Void) { buffer.onChunk(wake) }

  /// Ends the transfer; the reader sees it as cancelled.
  func cancel() { thread.cancel(id) }
}

extension HTTPBodyStream: AsyncSequence {
  package struct AsyncIterator: AsyncIteratorProtocol {
    let stream: HTTPBodyStream

    package mutating func next() async throws(HTTPError) -> [UInt8]? { try await stream.next() }

    package mutating func next(isolation actor: isolated (any Actor)?) async throws(HTTPError) -> [UInt8]? { try await stream.next() }
  }

  package func makeAsyncIterator() -> AsyncIterator { AsyncIterator(stream: self) }
}
