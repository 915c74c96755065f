import Synchronization

/// What of an answer has come and was not read yet, between the transfers' thread and one reader.
///
/// The reader may be a task or a thread that blocks: it looks, and where nothing is there yet leaves word how to be woken.
final class BodyBuffer: AnswerSink {
  /// How many bytes wait for the reader at most, but for the last chunk; beyond that the transfer pauses.
  static let window = 256 << 10

  private struct State {
    var head: HTTPHead?
    var bytes: [UInt8] = []
    var isPaused = false
    var end: Result<TransferSummary, HTTPError>?
    var wake: (@Sendable () -> Void)?
  }

  private let state = Mutex(State())

  // MARK: The transfer's side

  func begin(_ head: HTTPHead) {
    change { $0.head = head }
  }

  func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let isRoom = state.withLock { state in
      state.isPaused = state.bytes.count >= BodyBuffer.window
      return !state.isPaused
    }
    if isRoom { change { unsafe $0.bytes.append(contentsOf: bytes) } }
    return isRoom
  }

  func end(_ outcome: Result<TransferSummary, HTTPError>) {
    change { $0.end = outcome }
  }

  private func change(_ body: (inout State) -> Void) {
    let wake = state.withLock { state in
      body(&state)
      defer { state.wake = nil }
      return state.wake
    }
    wake?()
  }

  // MARK: The reader's side

  /// The header, or why there is none; nil where it has not come yet.
  func head() -> Result<HTTPHead, HTTPError>? {
    state.withLock { state in
      if let head = state.head { return .success(head) }
      // An answer that ended well without a header has none to speak of.
      return state.end?.map { _ in HTTPHead(status: 0) }
    }
  }

  /// All bytes that have come, nil inside at the body's end; nil where more has to come first. Says whether the transfer waits for room.
  func chunk() -> (result: Result<[UInt8]?, HTTPError>, resumes: Bool)? {
    state.withLock { state in
      if !state.bytes.isEmpty {
        defer {
          state.bytes = []
          state.isPaused = false
        }
        return (.success(state.bytes), state.isPaused)
      }
      return state.end.map { end in (end.map { _ in nil }, false) }
    }
  }

  /// Calls back once something has changed, at once where the header, bytes or the end are there.
  private func onChange(_ isThere: (borrowing State) -> Bool, _ wake: @escaping @Sendable () -> Void) {
    let isReady = state.withLock { state in
      if isThere(state) { return true }
      state.wake = wake
      return false
    }
    if isReady { wake() }
  }

  func onHead(_ wake: @escaping @Sendable () -> Void) { onChange({ $0.head != nil || $0.end != nil }, wake) }

  func onChunk(_ wake: @escaping @Sendable () -> Void) { onChange({ !$0.bytes.isEmpty || $0.end != nil }, wake) }
}

/// Collects an answer and tells of it once, with its whole body.
final class WholeAnswer: AnswerSink {
  private struct State {
    var head = HTTPHead(status: 0)
    var body: [UInt8] = []
  }

  private let state = Mutex(State())
  private let completion: @Sendable (Result<HTTPResponse, HTTPError>) -> Void

  init(_ completion: @escaping @Sendable (Result<HTTPResponse, HTTPError>) -> Void) { self.completion = completion }

  func begin(_ head: HTTPHead) {
    state.withLock { $0.head = head }
  }

  func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
    state.withLock { unsafe $0.body.append(contentsOf: bytes) }
    return true
  }

  func end(_ outcome: Result<TransferSummary, HTTPError>) {
    let state = state.withLock { $0 }
    completion(
      outcome.map { HTTPResponse(head: state.head, body: state.body, timing: $0.timing, remoteAddress: $0.remoteAddress) })
  }
}
