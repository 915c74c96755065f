import Synchronization

/// An answer's body as it arrives. One reader at a time.
///
/// At most ``HTTPBodyStream/window`` bytes wait to be read; beyond that the transfer pauses until the reader has taken them.
package final class HTTPBodyStream: Sendable {
  static let window = 256 << 10

  private let id: UInt64
  private let thread: TransferThread
  let buffer = Buffer()
  private let storedHead = Mutex(HTTPHead(status: 0))

  init(id: UInt64, thread: TransferThread) {
    self.id = id
    self.thread = thread
  }

  deinit { thread.cancel(id) }

  /// Status and header fields.
  package internal(set) var head: HTTPHead {
    get { storedHead.withLock { $0 } }
    set { storedHead.withLock { $0 = newValue } }
  }

  func attach(_ easy: EasyHandle) {
    let buffer = buffer
    easy.onHead = { buffer.setHead($0) }
    unsafe easy.onBody = { bytes in unsafe buffer.offer(bytes) ? .proceed : .pause }
  }

  /// The next bytes; nil at the body's end.
  /// - Throws: ``HTTPError``, of kind `cancelled` when the task was cancelled.
  package func next() async throws(HTTPError) -> [UInt8]? {
    let result: Result<[UInt8]?, HTTPError> = await withTaskCancellationHandler {
      await buffer.take()
    } onCancel: {
      thread.cancel(id)
    }
    if buffer.wantsResume() { thread.resume(id) }
    return try result.get()
  }

  /// What has come and was not read yet, between the transfer's thread and the reader.
  final class Buffer: Sendable {
    private struct State {
      var head: HTTPHead?
      var headWaiter: CheckedContinuation<Result<HTTPHead, HTTPError>, Never>?
      var bytes: [UInt8] = []
      var reader: CheckedContinuation<Result<[UInt8]?, HTTPError>, Never>?
      var end: Result<Void, HTTPError>?
      var isPaused = false
    }

    private let state = Mutex(State())

    func setHead(_ head: HTTPHead) {
      let waiter = state.withLock { state in
        if state.head == nil, head.status != 0 { state.head = head }
        guard state.head != nil else { return CheckedContinuation<Result<HTTPHead, HTTPError>, Never>?.none }
        defer { state.headWaiter = nil }
        return state.headWaiter
      }
      waiter?.resume(returning: .success(head))
    }

    func head() async -> Result<HTTPHead, HTTPError> {
      await withCheckedContinuation { continuation in
        let ready: Result<HTTPHead, HTTPError>? = state.withLock { state in
          if let head = state.head { return .success(head) }
          if case .failure(let error) = state.end { return .failure(error) }
          state.headWaiter = continuation
          return nil
        }
        if let ready { continuation.resume(returning: ready) }
      }
    }

    /// False where there is no room: libcurl offers the same bytes again after a resume.
    func offer(_ bytes: UnsafeRawBufferPointer) -> Bool {
      let (taken, reader, chunk) = state.withLock { state in
        guard state.bytes.count < HTTPBodyStream.window else {
          state.isPaused = true
          return (false, CheckedContinuation<Result<[UInt8]?, HTTPError>, Never>?.none, [UInt8]())
        }
        unsafe state.bytes.append(contentsOf: bytes)
        guard let reader = state.reader else { return (true, nil, []) }
        state.reader = nil
        defer { state.bytes = [] }
        return (true, reader, state.bytes)
      }
      reader?.resume(returning: .success(chunk))
      return taken
    }

    func finish(_ error: HTTPError?) {
      let (head, reader) = state.withLock { state in
        state.end = error.map { .failure($0) } ?? .success(())
        defer {
          state.headWaiter = nil
          state.reader = nil
        }
        return (state.headWaiter, state.reader)
      }
      if let error {
        head?.resume(returning: .failure(error))
        reader?.resume(returning: .failure(error))
      } else {
        head?.resume(returning: .success(HTTPHead(status: 0)))
        reader?.resume(returning: .success(nil))
      }
    }

    func take() async -> Result<[UInt8]?, HTTPError> {
      await withCheckedContinuation { continuation in
        let ready: Result<[UInt8]?, HTTPError>? = state.withLock { state in
          if !state.bytes.isEmpty {
            defer { state.bytes = [] }
            return .success(state.bytes)
          }
          switch state.end {
          case .success: return .success(nil)
          case .failure(let error): return .failure(error)
          case nil:
            state.reader = continuation
            return nil
          }
        }
        if let ready { continuation.resume(returning: ready) }
      }
    }

    /// Whether the transfer waits and there is room now.
    func wantsResume() -> Bool {
      state.withLock { state in
        guard state.isPaused, state.bytes.isEmpty else { return false }
        state.isPaused = false
        return true
      }
    }
  }
}
