/// An HTTP/1.1 client with kept connections over libcurl. Transfers run on a thread of their own; nothing blocks the cooperative pool.
///
/// A kept connection that the server closed is replaced, and what only reads is sent again; a write whose connection breaks after bytes of
/// it left ends with `mayHaveActed`.
package final class HTTPClient: HTTPSending, Sendable {
  private let userAgent: String
  private let thread: TransferThread?

  package init(userAgent: String) {
    self.userAgent = userAgent
    thread = TransferThread()
  }

  deinit { thread?.stop() }

  package func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    var journey = Journey(request)
    while true {
      var response = try await sendOnce(try journey.leg())
      guard try journey.follows(response.head) else {
        response.timing = response.timing.shifted(by: journey.elapsedBefore)
        return response
      }
    }
  }

  /// Opens an answer whose body is read as it comes: watches, long downloads.
  ///
  /// Returns when the header is there. Cancelling the task that reads ends the transfer; so does letting go of the stream.
  package func open(_ request: HTTPRequest) async throws(HTTPError) -> HTTPBodyStream {
    var journey = Journey(request)
    while true {
      let stream = try await openOnce(try journey.leg())
      guard try journey.follows(stream.head) else { return stream }
    }
  }

  /// Ends what is under way and the thread. Later requests fail as cancelled.
  package func shutdown() { thread?.stop() }

  // MARK: One request

  private func sendOnce(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    let thread = try running(request)
    let id = thread.newID()
    let result: Result<HTTPResponse, HTTPError> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        do throws(HTTPError) {
          let sink = WholeAnswer { continuation.resume(returning: $0) }
          try start(request, id, on: thread, sink)
        } catch {
          continuation.resume(returning: .failure(error))
        }
      }
    } onCancel: {
      thread.cancel(id)
    }
    return try result.get()
  }

  private func openOnce(_ request: HTTPRequest) async throws(HTTPError) -> HTTPBodyStream {
    let thread = try running(request)
    let id = thread.newID()
    let buffer = BodyBuffer()
    try start(request, id, on: thread, buffer)
    while true {
      if let head = buffer.head() { return HTTPBodyStream(head: try head.get(), id: id, thread: thread, buffer: buffer) }
      await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in buffer.onHead { continuation.resume() } }
      } onCancel: {
        thread.cancel(id)
      }
    }
  }

  private func start(_ request: HTTPRequest, _ id: UInt64, on thread: TransferThread, _ sink: any AnswerSink) throws(HTTPError) {
    thread.start(TransferThread.Job(id: id, transfer: try Transfer(request, userAgent: userAgent, sink: sink)))
    // A cancellation that came before the start found no transfer to end.
    if Task.isCancelled { thread.cancel(id) }
  }

  private func running(_ request: HTTPRequest) throws(HTTPError) -> TransferThread {
    guard let thread else { throw HTTPError(.other(code: 0), of: request, reason: "libcurl could not be set up") }
    return thread
  }
}

// For threads that may block, and for those alone: the one that libgit2 calls back on.
extension HTTPClient {
  /// Opens an answer over the client's connections and waits on the calling thread for its header. Follows no redirects.
  /// - Parameter isCancelled: asked several times a second; once it answers true the transfer ends as `cancelled`.
  package func openBlocking(
    _ request: HTTPRequest, isCancelled: @escaping () -> Bool = { false }
  ) throws(HTTPError) -> HTTPBlockingReader {
    try HTTPBlockingReader(request, userAgent, running(request), keeping: self, isCancelled)
  }

  /// Sends a request and waits on the calling thread for the whole answer. Follows no redirects.
  package func sendBlocking(_ request: HTTPRequest) throws(HTTPError) -> HTTPResponse {
    let reader = try openBlocking(request)
    let body = try reader.readAll()
    return HTTPResponse(head: reader.head, body: body)
  }
}
