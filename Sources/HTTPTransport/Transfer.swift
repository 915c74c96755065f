internal import CLibcurl

/// One request under way: libcurl's handle with what its callbacks need. Used by one thread at a time.
///
/// Invariant: the handle's callbacks point at this object, which outlives the handle, since it owns it.
@safe final class Transfer {
  /// The longest header that is read, in bytes.
  static let headLimit = 256 << 10

  let request: HTTPRequest
  let sink: any AnswerSink
  let easy: CurlEasy
  let errorText = CurlErrorText()
  var headers = CurlList()
  var detour = CurlList()

  /// What the answer's header said so far; begun anew with each status line, as `100 Continue` comes before the answer.
  private var head = HTTPHead(status: 0)
  private var headSize = 0
  private var isHeadComplete = false
  private var received = 0
  /// Why the transfer was stopped by us; libcurl's own code then says nothing.
  private var verdict: HTTPError?
  private var requestsBegun = 0
  private var lastActivity: ContinuousClock.Instant?
  private var uploaded: Int64 = 0
  private var isPaused = false
  private let clock = ContinuousClock()

  /// Prepares a request.
  /// - Throws: ``HTTPError`` of kind `malformed` where libcurl does not take it.
  init(_ request: HTTPRequest, userAgent: String, sink: any AnswerSink) throws(HTTPError) {
    guard let easy = CurlEasy() else {
      throw HTTPError(.other(code: Int(CURLE_OUT_OF_MEMORY.rawValue)), of: request, reason: "libcurl has no handle to give")
    }
    self.request = request
    self.sink = sink
    self.easy = easy
    do throws(CurlEasy.Refusal) {
      try prepare(userAgent)
    } catch {
      throw HTTPError(.malformed, of: request, reason: CurlEasy.words(for: error.code))
    }
    if let verdict { throw verdict }
  }

  /// Notes why this transfer cannot go on; the first reason counts.
  func stop(_ kind: HTTPError.Kind, _ reason: String, mayHaveActed: Bool = false, exceeded: HTTPLimits.Bound? = nil) {
    if verdict == nil { verdict = HTTPError(kind, of: request, reason: reason, mayHaveActed: mayHaveActed, exceeded: exceeded) }
  }

  // MARK: Callbacks

  /// Takes a line of the header; false stops the transfer.
  func takeHeader(_ bytes: UnsafeRawBufferPointer) -> Bool {
    lastActivity = clock.now
    guard !isHeadComplete else { return true }  // a trailer
    headSize += bytes.count
    guard headSize <= Transfer.headLimit else {
      stop(.malformed, "the answer's header is longer than \(Transfer.headLimit) bytes", mayHaveActed: true)
      return false
    }
    let line = unsafe String(decoding: bytes, as: UTF8.self).trimmingLineEnd()
    if line.hasPrefix("HTTP/"), head.headers.isEmpty {
      head = HTTPHead(status: line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0)
    } else if let colon = line.firstIndex(of: ":") {
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      head.headers.append(HTTPHeader(String(line[..<colon]), String(value)))
    } else if line.isEmpty {
      endOfHeader()
    }
    return true
  }

  /// An interim answer's header is forgotten, a final one's announced.
  private func endOfHeader() {
    if (100..<200).contains(head.status) && head.status != 101 {
      head = HTTPHead(status: 0)
    } else {
      isHeadComplete = true
      sink.begin(head)
    }
  }

  enum Verdict {
    case taken
    case pause
    case stop
  }

  func takeBody(_ bytes: UnsafeRawBufferPointer) -> Verdict {
    lastActivity = clock.now
    guard bytes.count <= request.limits.maximumBody - received else {
      stop(.bodyTooLarge, "the answer is longer than \(request.limits.maximumBody) bytes", mayHaveActed: true)
      return .stop
    }
    guard unsafe sink.take(bytes) else {
      isPaused = true
      return .pause
    }
    received += bytes.count
    return .taken
  }

  /// Whether a socket may be opened to an address.
  func permits(_ address: IPAddress) -> Bool {
    guard let reason = request.addresses.refusal(address) else { return true }
    stop(.addressRefused, "\(address) is refused: \(reason)")
    return false
  }

  /// Whether the request may be sent over the connection that libcurl chose.
  ///
  /// A kept connection was opened under another request's policy, so the address is judged again. And libcurl sends a request again when a
  /// kept connection breaks before an answer: good for reading, but a write may have been acted on, so it ends here.
  func permitsRequest(over address: IPAddress?) -> Bool {
    lastActivity = clock.now
    requestsBegun += 1
    if requestsBegun > 1, isSent, !request.isSafe {
      stop(.connectionBroken, "the kept connection broke before an answer came; a write is not sent twice", mayHaveActed: true)
      return false
    }
    return address.map(permits) ?? true
  }

  // MARK: While under way

  /// Whether bytes of the request left this process.
  var isSent: Bool { easy.number(CURLINFO_REQUEST_SIZE) > 0 }

  func resumed() {
    isPaused = false
    lastActivity = clock.now
  }

  /// Whether nothing came or went for longer than the request allows. A pause is the reader's, and does not count.
  func isIdle() -> Bool {
    guard let limit = request.limits.idle, let last = lastActivity, !isPaused else { return false }
    let sent = easy.size(CURLINFO_SIZE_UPLOAD_T)
    if sent != uploaded {
      uploaded = sent
      lastActivity = clock.now
      return false
    }
    return clock.now - last > limit
  }

  // MARK: The end

  /// Tells the sink how it ended.
  func end(_ code: CURLcode) {
    if let verdict { return sink.end(.failure(verdict)) }
    guard code == CURLE_OK else { return sink.end(.failure(failure(code))) }
    sink.end(.success(TransferSummary(timing: timing, remoteAddress: easy.text(CURLINFO_PRIMARY_IP))))
  }

  func cancel(_ reason: String) {
    stop(.cancelled, reason, mayHaveActed: isSent)
    end(CURLE_ABORTED_BY_CALLBACK)
  }

  func endIdle() {
    stop(
      .timedOut, "nothing came for \(request.limits.idle?.words ?? "too long")", mayHaveActed: isSent, exceeded: .idle)
    end(CURLE_OPERATION_TIMEDOUT)
  }

  var hasBegunRequest: Bool { requestsBegun > 0 }
}

extension String {
  fileprivate func trimmingLineEnd() -> String {
    var view = self[...]
    while let last = view.unicodeScalars.last, last == "\r" || last == "\n" { view.unicodeScalars.removeLast() }
    return String(view)
  }
}
