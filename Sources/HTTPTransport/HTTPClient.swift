import Synchronization

/// An HTTP/1.1 client with kept connections over libcurl. Transfers run on a thread of their own; nothing blocks the cooperative pool.
///
/// A connection that the server closed while it was idle is replaced by libcurl, which then sends the request again: make writes
/// conditional.
package final class HTTPClient: HTTPSending, Sendable {
  private let userAgent: String
  private let thread = TransferThread()

  package init(userAgent: String) {
    self.userAgent = userAgent
  }

  deinit { thread.stop() }

  package func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
    let id = thread.newID()
    let result: Result<HTTPResponse, HTTPError> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        start(id, request) { continuation.resume(returning: $0) }
      }
    } onCancel: {
      thread.cancel(id)
    }
    return try result.get()
  }

  private func start(_ id: UInt64, _ request: HTTPRequest, _ completion: @escaping @Sendable (Result<HTTPResponse, HTTPError>) -> Void) {
    // A cancellation that came before the start would find no transfer to end.
    guard !Task.isCancelled else {
      return completion(.failure(HTTPError(.cancelled, method: request.method, url: request.url, reason: "cancelled")))
    }
    do throws(HTTPError) {
      let easy = try EasyHandle(request, userAgent: userAgent)
      let collected = Collected()
      easy.onHead = { head in collected.state.withLock { $0.head = head } }
      unsafe easy.onBody = { bytes in
        collected.state.withLock { unsafe $0.body.append(contentsOf: bytes) }
        return .proceed
      }
      thread.start(
        TransferThread.Job(id: id, easy: easy) { error, timing, address in
          if let error { return completion(.failure(error)) }
          let (head, body) = collected.state.withLock { ($0.head, $0.body) }
          completion(.success(HTTPResponse(head: head, body: body, timing: timing, remoteAddress: address)))
        })
    } catch {
      completion(.failure(error))
    }
  }

  private final class Collected: Sendable {
    let state = Mutex((head: HTTPHead(status: 0), body: [UInt8]()))
  }

  /// Opens an answer whose body is read as it comes: watches, long downloads.
  ///
  /// Returns when the header is there. Cancelling the task that reads ends the transfer; so does letting go of the stream.
  package func open(_ request: HTTPRequest) async throws(HTTPError) -> HTTPBodyStream {
    let id = thread.newID()
    let stream = HTTPBodyStream(id: id, thread: thread)
    let result: Result<HTTPHead, HTTPError> = await withTaskCancellationHandler {
      guard !Task.isCancelled else {
        return .failure(HTTPError(.cancelled, method: request.method, url: request.url, reason: "cancelled"))
      }
      do throws(HTTPError) {
        let easy = try EasyHandle(request, userAgent: userAgent)
        stream.attach(easy)
        thread.start(TransferThread.Job(id: id, easy: easy) { [buffer = stream.buffer] error, _, _ in buffer.finish(error) })
        return await stream.buffer.head()
      } catch {
        return .failure(error)
      }
    } onCancel: {
      thread.cancel(id)
    }
    stream.head = try result.get()
    return stream
  }

  /// Ends what is under way and the thread.
  package func shutdown() { thread.stop() }
}
