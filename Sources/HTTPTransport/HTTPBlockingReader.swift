internal import CLibcurl

/// An answer read by the calling thread itself, for code that must block: libgit2's callbacks on their own thread. Never used on the
/// cooperative pool.
///
/// The transfer only advances inside ``read(into:)``, so nothing is buffered beyond what one turn of libcurl delivers.
package final class HTTPBlockingReader {
  private let easy: EasyHandle
  private let multi: EasyHandle.OpaqueHandle
  private var buffer: [UInt8] = []
  private var position = 0
  private var isDone = false
  private var failure: HTTPError?

  /// Sends the request and waits for the answer's header.
  package init(_ request: HTTPRequest, userAgent: String) throws(HTTPError) {
    TransferThread.initializeLibrary()
    easy = try EasyHandle(request, userAgent: userAgent)
    guard let pointer = unsafe curl_multi_init() else { throw easy.error(.other(code: 0), "libcurl has no handle to give") }
    unsafe multi = EasyHandle.OpaqueHandle(pointer: pointer)
    unsafe easy.onBody = { [unowned self] bytes in
      unsafe self.buffer.append(contentsOf: bytes)
      return .proceed
    }
    unsafe curl_multi_add_handle(pointer, easy.handle.pointer)
    while buffer.isEmpty && !isDone { advance() }
    if let failure, buffer.isEmpty { throw failure }
  }

  deinit {
    unsafe curl_multi_remove_handle(multi.pointer, easy.handle.pointer)
    unsafe curl_multi_cleanup(multi.pointer)
  }

  /// Status and header fields.
  package var head: HTTPHead { easy.head }

  /// Fills a part of the buffer and says how much; 0 at the body's end.
  package func read(into target: UnsafeMutableRawBufferPointer) throws(HTTPError) -> Int {
    while position == buffer.count && !isDone {
      buffer.removeAll(keepingCapacity: true)
      position = 0
      advance()
    }
    let count = min(target.count, buffer.count - position)
    if count == 0, let failure { throw failure }
    unsafe buffer.withUnsafeBytes { source in
      unsafe target.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[position..<position + count]))
    }
    position += count
    return count
  }

  /// The whole body.
  package func readAll() throws(HTTPError) -> [UInt8] {
    while !isDone { advance() }
    if let failure { throw failure }
    defer { position = buffer.count }
    return Array(buffer[position...])
  }

  private func advance() {
    var running: Int32 = 0
    unsafe curl_multi_perform(multi.pointer, &running)
    var left: Int32 = 0
    while let message = unsafe curl_multi_info_read(multi.pointer, &left) {
      isDone = true
      failure = easy.failure(unsafe tagflip_curl_message_result(message))
    }
    guard !isDone, position == buffer.count else { return }
    var events: Int32 = 0
    unsafe curl_multi_poll(multi.pointer, nil, 0, 100, &events)
  }
}

extension HTTPClient {
  /// Sends a request and waits on the calling thread.
  package static func sendBlocking(_ request: HTTPRequest, userAgent: String) throws(HTTPError) -> HTTPResponse {
    let reader = try HTTPBlockingReader(request, userAgent: userAgent)
    let body = try reader.readAll()
    return HTTPResponse(head: reader.head, body: body)
  }
}
